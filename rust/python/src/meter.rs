//! `Meter`: packets in, flows out.

use std::{
    collections::HashMap,
    fs::File,
    sync::{Mutex, MutexGuard, PoisonError},
};

use pyo3::{
    exceptions::{PyOSError, PyValueError},
    prelude::*,
};
use tidegauge_core::{
    capture::{Capture, CaptureError},
    metering::{self, Limits},
};

use crate::batch::Batch;

const NANOSECONDS: f64 = 1e9;

/// Packets in, flows out: a flow cache with active and idle timeouts.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct Meter(Mutex<State>);

struct State {
    meter: metering::Meter,
    capture: Option<Capture<File>>,
    damaged_captures: i64,
}

impl Meter {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Meter {
    #[new]
    #[pyo3(signature = (*, active_timeout_seconds = 60.0, idle_timeout_seconds = 15.0, maximum_flows = 1_000_000))]
    fn new(active_timeout_seconds: f64, idle_timeout_seconds: f64, maximum_flows: usize) -> PyResult<Self> {
        let limits = Limits {
            active_timeout: nanoseconds("active_timeout_seconds", active_timeout_seconds)?,
            idle_timeout: nanoseconds("idle_timeout_seconds", idle_timeout_seconds)?,
            maximum_flows,
        };
        let meter = metering::Meter::new(limits);
        Ok(Self(Mutex::new(State { meter, capture: None, damaged_captures: 0 })))
    }

    #[pyo3(signature = (path, maximum_packets = 1_000_000))]
    fn read(&self, py: Python<'_>, path: &str, maximum_packets: usize) -> PyResult<usize> {
        py.detach(|| self.state().read(path, maximum_packets))
    }

    #[pyo3(signature = (*, everything = false))]
    fn drain(&self, py: Python<'_>, everything: bool) -> Vec<Batch> {
        py.detach(|| {
            let mut state = self.state();
            if everything {
                state.meter.close();
            }
            state.meter.drain()
        })
        .into_iter()
        .map(Batch)
        .collect()
    }

    fn counters(&self) -> HashMap<&'static str, i64> {
        let state = self.state();
        let mut counters: HashMap<_, _> =
            state.meter.counters().named().into_iter().map(|(name, count)| (name, count as i64)).collect();
        counters.insert("damaged_captures", state.damaged_captures);
        if let Some((first, last)) = state.meter.span() {
            counters.extend([("first_packet_time", first), ("last_packet_time", last)]);
        }
        counters
    }
}

impl State {
    fn read(&mut self, path: &str, maximum_packets: usize) -> PyResult<usize> {
        let capture = match &mut self.capture {
            Some(capture) => capture,
            None => self.capture.insert(Capture::open(File::open(path)?).map_err(|error| refused(path, error))?),
        };
        for count in 0..maximum_packets {
            let Some(frame) = capture.next() else {
                if count == 0 {
                    self.damaged_captures += i64::from(capture.damage().is_some());
                    self.capture = None;
                }
                return Ok(count);
            };
            self.meter.feed(&frame);
        }
        Ok(maximum_packets)
    }
}

fn refused(path: &str, error: CaptureError) -> PyErr {
    match error {
        CaptureError::Read(error) => error.into(),
        other => PyOSError::new_err(format!("{path}: {other}")),
    }
}

fn nanoseconds(name: &str, seconds: f64) -> PyResult<i64> {
    if seconds > 0.0 && seconds < 1e9 {
        Ok((seconds * NANOSECONDS) as i64)
    } else {
        Err(PyValueError::new_err(format!("{name} is {seconds}, but must be above 0 and below a thousand million")))
    }
}

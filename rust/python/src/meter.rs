//! `Meter`: packets in, flows out.

use std::{
    collections::HashMap,
    fs::File,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use pyo3::{
    exceptions::{PyOSError, PyValueError},
    prelude::*,
};
use tidegauge_core::{
    batch,
    biflows::Biflows,
    capture::{Capture, CaptureError},
    metering::{self, Curiosity, Limits, Sampling, Settings, translations::TranslationLimits},
    time::{Instant, SECOND},
};
use tidegauge_net::{allocator::keep_freed_memory, live_meter::LiveMeter, time_server::clock};

use crate::{batch::Batch, followed::Followed};

const NANOSECONDS: f64 = 1e9;

/// How long after a flow's timeouts its record may be made.
const DRAIN_PAUSE: i64 = 10 * SECOND;

/// Packets in, flows out: a flow cache with active and idle timeouts.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct Meter(Mutex<State>);

struct State {
    settings: Settings,
    /// Meters captures.
    meter: metering::Meter,
    capture: Option<Capture<File>>,
    damaged_captures: i64,
    /// Meters of live interfaces.
    live: Vec<LiveMeter>,
    /// What this machine translates, where that is followed.
    translations: Option<Followed>,
    /// Joins both directions, where that is wanted.
    biflows: Option<Biflows>,
}

impl Meter {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Meter {
    #[new]
    #[pyo3(signature = (
        *, active_timeout_seconds = 60.0, idle_timeout_seconds = 15.0, maximum_flows = 1_000_000,
        opens_tunnels = false, sampling_interval = 1, samples_at_random = false, names = true, performance = true,
        biflows = false
    ))]
    #[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools)] // keyword arguments of Python
    fn new(
        active_timeout_seconds: f64,
        idle_timeout_seconds: f64,
        maximum_flows: usize,
        opens_tunnels: bool,
        sampling_interval: u32,
        samples_at_random: bool,
        names: bool,
        performance: bool,
        biflows: bool,
    ) -> PyResult<Self> {
        let limits = Limits {
            active_timeout: nanoseconds("active_timeout_seconds", active_timeout_seconds)?,
            idle_timeout: nanoseconds("idle_timeout_seconds", idle_timeout_seconds)?,
            maximum_flows,
        };
        let sampling = Sampling { interval: sampling_interval, is_random: samples_at_random };
        let settings = Settings {
            limits,
            opens_tunnels,
            sampling: (sampling_interval > 1).then_some(sampling),
            curiosity: Curiosity { names, performance },
        };
        keep_freed_memory();
        let meter = metering::Meter::new(settings);
        Ok(Self(Mutex::new(State {
            settings,
            meter,
            capture: None,
            damaged_captures: 0,
            live: Vec::new(),
            translations: None,
            biflows: biflows.then(|| Biflows::new(limits.idle_timeout, maximum_flows)),
        })))
    }

    #[pyo3(signature = (path, maximum_packets = 1_000_000))]
    fn read(&self, py: Python<'_>, path: &str, maximum_packets: usize) -> PyResult<usize> {
        py.detach(|| self.state().read(path, maximum_packets))
    }

    #[pyo3(signature = (
        *, path = None, with_events = true, receive_buffer_bytes = 67_108_864, maximum_translations = 500_000
    ))]
    fn translate(
        &self,
        py: Python<'_>,
        path: Option<&str>,
        with_events: bool,
        receive_buffer_bytes: usize,
        maximum_translations: usize,
    ) -> PyResult<()> {
        py.detach(|| {
            let mut state = self.state();
            let Limits { active_timeout, idle_timeout, .. } = state.settings.limits;
            let keep = active_timeout.saturating_add(idle_timeout).saturating_add(DRAIN_PAUSE);
            let limits = TranslationLimits { maximum_translations, keep, with_events };
            state.translations = Some(Followed::start(path, limits, receive_buffer_bytes)?);
            Ok(())
        })
    }

    #[pyo3(signature = (interface, *, threads = 1))]
    fn listen(&self, py: Python<'_>, interface: &str, threads: usize) -> PyResult<()> {
        py.detach(|| {
            let mut state = self.state();
            let live = LiveMeter::start(interface, threads, state.settings)?;
            let clock_offset = state.meter.clock_offset();
            for live in &live {
                live.set_clock_offset(clock_offset);
            }
            state.live.extend(live);
            Ok(())
        })
    }

    fn set_clock_offset(&self, offset: i64) {
        let mut state = self.state();
        state.meter.set_clock_offset(offset);
        for live in &state.live {
            live.set_clock_offset(offset);
        }
    }

    #[pyo3(signature = (*, everything = false))]
    fn drain(&self, py: Python<'_>, everything: bool) -> PyResult<Vec<Batch>> {
        Ok(py.detach(|| self.state().drain(everything))?.into_iter().map(Batch).collect())
    }

    fn counters(&self) -> HashMap<&'static str, i64> {
        let state = self.state();
        let sum = state
            .live
            .iter()
            .fold(state.meter.counters(), |sum, live| sum.plus(&live.with_meter(metering::Meter::counters)));
        let mut counters: HashMap<_, _> = sum.named().into_iter().map(|(name, count)| (name, count as i64)).collect();
        counters.insert("damaged_captures", state.damaged_captures);
        counters.insert("lost_interfaces", state.live.iter().filter(|live| live.is_lost()).count() as i64);
        if let Some((first, last)) = state.meter.span() {
            counters.extend([("first_packet_time", first), ("last_packet_time", last)]);
        }
        if let Some(followed) = &state.translations {
            counters.extend(followed.counters());
        }
        counters
    }
}

impl State {
    fn drain(&mut self, everything: bool) -> io::Result<Vec<batch::Batch>> {
        if let Some(followed) = &self.translations {
            followed.check()?;
        }
        if everything {
            self.meter.close();
            // All are told to stop before one is waited for.
            self.live.iter().for_each(LiveMeter::stop);
            self.live.iter_mut().for_each(LiveMeter::close);
            self.translations.iter_mut().for_each(Followed::close);
        }
        let mut batches: Vec<_> =
            self.meter.drain().into_iter().chain(self.live.iter().filter_map(LiveMeter::drain)).collect();
        if let Some(followed) = &self.translations {
            followed.tell(&mut batches, self.meter.clock_offset());
        }
        if let Some(biflows) = &mut self.biflows {
            let now = match self.meter.span() {
                _ if everything => Instant::MAX,
                Some((_, last)) => last,
                None => clock().saturating_add(self.meter.clock_offset()),
            };
            batches = biflows.join(batches, now);
        }
        batches.extend(self.meter.drain_answers());
        batches.extend(self.live.iter().filter_map(LiveMeter::drain_answers));
        Ok(batches)
    }

    fn read(&mut self, path: &str, maximum_packets: usize) -> PyResult<usize> {
        let capture = match &mut self.capture {
            Some(capture) => capture,
            None => self.capture.insert(Capture::open(File::open(path)?).map_err(|error| refused(path, error))?),
        };
        let count = self.meter.read(capture, maximum_packets);
        if count == 0 {
            self.damaged_captures += i64::from(capture.damage().is_some());
            self.capture = None;
        }
        Ok(count)
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

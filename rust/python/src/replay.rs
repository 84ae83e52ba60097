//! `Replay`: captured datagrams, sent again.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use pyo3::{exceptions::PyValueError, prelude::*, types::PyDict};
use tidegauge_core::{export_file::Choice, time::Instant};
use tidegauge_net::replay;

use crate::copying::{put_sent, resolved};

/// Captured datagrams, sent again.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct Replay(Mutex<replay::Replay>);

impl Replay {
    fn held(&self) -> MutexGuard<'_, replay::Replay> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Replay {
    #[new]
    #[pyo3(signature = (
        recordings, host, port, *, speed = Some(1.0), since = None, until = None, takes_unknown = false,
        keeps_source = true
    ))]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn new(
        py: Python<'_>,
        recordings: Vec<Vec<PathBuf>>,
        host: &str,
        port: u16,
        speed: Option<f64>,
        since: Option<Instant>,
        until: Option<Instant>,
        takes_unknown: bool,
        keeps_source: bool,
    ) -> PyResult<Self> {
        if speed.is_some_and(|speed| speed.is_nan() || speed <= 0.0) {
            return Err(PyValueError::new_err("speed has to be more than nothing"));
        }
        let choice = choice_of(since, until, takes_unknown);
        let target = py.detach(|| resolved(host, port))?;
        Ok(Self(Mutex::new(replay::Replay::new(recordings, &choice, target, speed, keeps_source)?)))
    }

    fn advance<'py>(&self, py: Python<'py>, seconds: f64) -> PyResult<Bound<'py, PyDict>> {
        let duration =
            Duration::try_from_secs_f64(seconds).map_err(|error| PyValueError::new_err(format!("seconds: {error}")))?;
        let progress = py.detach(|| self.held().advance(duration))?;
        let row = PyDict::new(py);
        put_sent(&row, &progress.sent)?;
        row.set_item("keeps_source", i64::from(self.held().keeps_source()))?;
        row.set_item("first", progress.arrivals.map(|(first, _)| first))?;
        row.set_item("last", progress.arrivals.map(|(_, last)| last))?;
        row.set_item("is_over", i64::from(progress.is_over))?;
        Ok(row)
    }
}

/// Datagrams of a time.
pub fn choice_of(since: Option<Instant>, until: Option<Instant>, takes_unknown: bool) -> Choice {
    Choice { arrival: since.unwrap_or(Instant::MIN)..until.unwrap_or(Instant::MAX), takes_unknown }
}

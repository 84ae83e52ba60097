//! `TimeServer`: an NTP server on a thread of its own.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use pyo3::{exceptions::PyValueError, prelude::*};
use tidegauge_core::ntp::{ServerState, Vouching};
use tidegauge_net::time_server;

/// Stratum of a clock nobody vouches for.
const UNSYNCHRONISED: u8 = 16;

/// An NTP server on a thread of its own, answering from this machine's clock.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct TimeServer(Mutex<time_server::TimeServer>);

impl TimeServer {
    fn with<T>(&self, act: impl FnOnce(&mut time_server::TimeServer) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[pymethods]
impl TimeServer {
    #[new]
    fn new(py: Python<'_>, host: &str, port: u16) -> PyResult<Self> {
        let server = py.detach(|| time_server::TimeServer::start((host, port)))?;
        Ok(Self(Mutex::new(server)))
    }

    #[getter]
    fn port(&self) -> u16 {
        self.with(|server| server.port())
    }

    #[pyo3(signature = (*, stratum, reference_id, reference_time, root_delay, root_dispersion))]
    fn vouch(
        &self,
        stratum: u8,
        reference_id: &[u8],
        reference_time: i64,
        root_delay: i64,
        root_dispersion: i64,
    ) -> PyResult<()> {
        if !(1..=UNSYNCHRONISED).contains(&stratum) {
            return Err(PyValueError::new_err(format!("stratum {stratum} is not 1 to 16")));
        }
        let reference_id = reference_id
            .try_into()
            .map_err(|_| PyValueError::new_err(format!("a reference id has 4 bytes, not {}", reference_id.len())))?;
        let vouched = time_server::clock();
        let vouching = Vouching { stratum, reference_id, reference_time, root_delay, root_dispersion, vouched };
        let vouching = (stratum < UNSYNCHRONISED).then_some(vouching);
        self.with(|server| server.set_state(ServerState { vouching }));
        Ok(())
    }

    fn counters(&self) -> HashMap<&'static str, u64> {
        self.with(|server| server.counters().into_iter().collect())
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.with(time_server::TimeServer::close));
    }
}

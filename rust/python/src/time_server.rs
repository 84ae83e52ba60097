//! `TimeServer`: an NTP server on a thread of its own.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use pyo3::{exceptions::PyValueError, prelude::*, types::PyDict};
use tidegauge_core::{
    address::ip_from_address,
    ntp::{Access, Client, CookieKeys, KEY_BYTES, Leap, Network, Policy, RateLimit, ServerState, Vouching},
};
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
    #[pyo3(signature = (
        host, port, *, allow=vec![], deny=vec![], requests_per_second=None, burst=32, leak=4, kiss=false,
        maximum_clients=16384,
    ))]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn new(
        py: Python<'_>,
        host: &str,
        port: u16,
        allow: Vec<String>,
        deny: Vec<String>,
        requests_per_second: Option<f64>,
        burst: u32,
        leak: u32,
        kiss: bool,
        maximum_clients: usize,
    ) -> PyResult<Self> {
        let access = Access::new(&networks(&allow)?, &networks(&deny)?);
        let rate_limit = requests_per_second
            .map(|rate| RateLimit::new(rate, burst, leak, kiss).map_err(PyValueError::new_err))
            .transpose()?;
        let policy = Policy { access, rate_limit, clients: maximum_clients };
        let server = py.detach(|| time_server::TimeServer::start((host, port), policy))?;
        Ok(Self(Mutex::new(server)))
    }

    #[getter]
    fn port(&self) -> u16 {
        self.with(|server| server.port())
    }

    #[pyo3(signature = (
        *, stratum, reference_id, reference_time, root_delay, root_dispersion, leap_at=None,
        leap_is_inserted=true, leap_is_smeared=false,
    ))]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn vouch(
        &self,
        stratum: u8,
        reference_id: &[u8],
        reference_time: i64,
        root_delay: i64,
        root_dispersion: i64,
        leap_at: Option<i64>,
        leap_is_inserted: bool,
        leap_is_smeared: bool,
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
        let leap = leap_at.map(|at| Leap { at, is_inserted: leap_is_inserted, is_smeared: leap_is_smeared });
        self.with(|server| server.set_state(ServerState { vouching, leap }));
        Ok(())
    }

    fn set_cookie_keys(&self, keys: Vec<(u32, Vec<u8>)>) -> PyResult<()> {
        let keys: Vec<_> = keys.into_iter().map(numbered_key).collect::<PyResult<_>>()?;
        self.with(|server| server.set_cookie_keys(CookieKeys::new(&keys)));
        Ok(())
    }

    fn counters(&self) -> HashMap<&'static str, u64> {
        self.with(|server| server.counters().into_iter().collect())
    }

    fn clients<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let clients = py.detach(|| self.with(|server| server.clients()));
        clients.iter().map(|client| row(py, client)).collect()
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.with(time_server::TimeServer::close));
    }
}

fn numbered_key((number, key): (u32, Vec<u8>)) -> PyResult<(u32, [u8; KEY_BYTES])> {
    let wrong = |key: Vec<u8>| PyValueError::new_err(format!("a cookie key has {KEY_BYTES} bytes, not {}", key.len()));
    key.try_into().map(|key| (number, key)).map_err(wrong)
}

fn networks(texts: &[String]) -> PyResult<Vec<Network>> {
    texts.iter().map(|text| Network::parse(text).map_err(PyValueError::new_err)).collect()
}

fn row<'py>(py: Python<'py>, client: &Client) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    row.set_item("address", ip_from_address(client.address).to_string())?;
    for (name, value) in [
        ("first_seen", Some(client.first_seen)),
        ("last_seen", Some(client.last_seen)),
        ("requests", Some(client.requests as i64)),
        ("answered", Some(client.answered as i64)),
        ("limited", Some(client.limited as i64)),
        ("authenticated", Some(client.authenticated as i64)),
        ("interleaved", Some(client.interleaved as i64)),
        ("version", Some(i64::from(client.version))),
        ("poll", Some(i64::from(client.poll))),
        ("interval", client.interval()),
        ("offset", client.offset()),
    ] {
        row.set_item(name, value)?;
    }
    Ok(row)
}

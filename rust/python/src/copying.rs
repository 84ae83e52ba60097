//! Copies of what is received, as Python orders them and is told of them.

use std::net::{SocketAddr, ToSocketAddrs};

use pyo3::{
    exceptions::{PyOSError, PyValueError},
    prelude::*,
    types::PyDict,
};
use tidegauge_net::{
    copies::{CopySettings, Fate},
    datagram_sender::Sent,
};

/// The folder of what is kept, bytes of its disk to leave free, hosts and ports of collectors, and whether these shall
/// see the exporters' addresses.
pub type CopyOrder = (Option<String>, u64, Vec<(String, u16)>, bool);

/// What is ordered; the names of hosts are looked up.
pub fn copy_settings((folder, reserve_bytes, targets, keeps_source): CopyOrder) -> PyResult<CopySettings> {
    let targets = targets.iter().map(|(host, port)| resolved(host, *port)).collect::<PyResult<_>>()?;
    Ok(CopySettings { raw_folder: folder.map(Into::into), reserve_bytes, targets, keeps_source })
}

/// The first address of a host.
pub fn resolved(host: &str, port: u16) -> PyResult<SocketAddr> {
    let told = |error: &str| PyOSError::new_err(format!("cannot send to {host}:{port}: {error}"));
    let mut found = (host, port).to_socket_addrs().map_err(|error| told(&error.to_string()))?;
    found.next().ok_or_else(|| told("the name has no address"))
}

/// An address to listen at, which is told without a name.
pub fn address(host: &str, port: u16) -> PyResult<SocketAddr> {
    let ip = host.parse().map_err(|_| PyValueError::new_err(format!("{host:?} is no IP address")))?;
    Ok(SocketAddr::new(ip, port))
}

/// A row for each who takes copies.
pub fn rows<'py>(py: Python<'py>, fates: &[(Fate, u64)]) -> PyResult<Vec<Bound<'py, PyDict>>> {
    fates.iter().map(|(fate, dropped)| row(py, fate, *dropped)).collect()
}

fn row<'py>(py: Python<'py>, fate: &Fate, dropped: u64) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    row.set_item("lost_queue", dropped)?;
    match fate {
        Fate::Kept(folder, kept) => {
            row.set_item("folder", folder.display().to_string())?;
            row.set_item("datagrams", kept.datagrams)?;
            row.set_item("bytes", kept.bytes)?;
            row.set_item("file_bytes", kept.file_bytes)?;
            row.set_item("lost_room", kept.no_room)?;
            row.set_item("lost_failed", kept.failed)?;
            row.set_item("error", kept.error)?;
        }
        Fate::Sent(target, sent, keeps_source) => {
            row.set_item("target", format!("udp://{target}"))?;
            row.set_item("keeps_source", i64::from(*keeps_source))?;
            put_sent(&row, sent)?;
        }
    }
    Ok(row)
}

/// What became of datagrams that were sent.
pub fn put_sent(row: &Bound<'_, PyDict>, sent: &Sent) -> PyResult<()> {
    row.set_item("datagrams", sent.datagrams)?;
    row.set_item("bytes", sent.bytes)?;
    row.set_item("from_own", sent.from_own)?;
    row.set_item("lost_failed", sent.failed)?;
    row.set_item("error", sent.error)
}

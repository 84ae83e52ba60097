//! `Encoder`: flow rows in, export datagrams out.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use pyo3::{exceptions::PyValueError, prelude::*, pybacked::PyBackedBytes, types::PyBytes};
use tidegauge_core::{batch::Table, encoder};

use crate::batch::Batch;

/// Rows of flows and options in, export datagrams out: `netflow5`, `netflow9` or `ipfix`.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct Encoder(Mutex<encoder::Encoder>);

impl Encoder {
    fn encoder(&self) -> MutexGuard<'_, encoder::Encoder> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Encoder {
    #[new]
    #[pyo3(signature = (
        protocol_version, *, observation_domain = 0, boot_time = 0, maximum_datagram_bytes = 1400, in_stream = false,
        with_checksums = false
    ))]
    fn new(
        protocol_version: &str,
        observation_domain: u32,
        boot_time: i64,
        maximum_datagram_bytes: usize,
        in_stream: bool,
        with_checksums: bool,
    ) -> PyResult<Self> {
        let version = encoder::VERSIONS
            .into_iter()
            .find(|version| version.name() == protocol_version)
            .ok_or_else(|| PyValueError::new_err(format!("{protocol_version:?} is not netflow5, netflow9 or ipfix")))?;
        let encoder = encoder::Encoder::new(version, observation_domain, boot_time, maximum_datagram_bytes);
        let encoder = if in_stream { encoder.in_stream() } else { encoder };
        Ok(Self(Mutex::new(if with_checksums { encoder.sealed() } else { encoder })))
    }

    fn encode<'py>(&self, py: Python<'py>, batch: &Batch, export_time: i64) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let encode = match batch.0.table() {
            Table::Flows => encoder::Encoder::encode,
            Table::Options => encoder::Encoder::encode_options,
            other => return Err(PyValueError::new_err(format!("a batch of {} cannot be exported", other.name()))),
        };
        let datagrams = py.detach(|| encode(&mut self.encoder(), batch.0.records(), export_time));
        Ok(datagrams.iter().map(|datagram| PyBytes::new(py, datagram)).collect())
    }

    fn restart<'py>(&self, py: Python<'py>, pending: Vec<PyBackedBytes>, export_time: i64) -> Vec<Bound<'py, PyBytes>> {
        let pending: Vec<&[u8]> = pending.iter().map(AsRef::as_ref).collect();
        let messages = py.detach(|| self.encoder().restart(&pending, export_time));
        messages.iter().map(|message| PyBytes::new(py, message)).collect()
    }

    #[pyo3(signature = (scopes, fields, *, at_once = false))]
    fn announce(&self, scopes: Vec<(u16, Vec<u8>)>, fields: Vec<(u16, Vec<u8>)>, at_once: bool) {
        let record = encoder::OptionsRecord { scopes, fields };
        if at_once {
            self.encoder().announce_at_once(record);
        } else {
            self.encoder().announce(record);
        }
    }

    fn counters(&self) -> HashMap<&'static str, u64> {
        let (counters, sequence) = {
            let encoder = self.encoder();
            (encoder.counters(), encoder.sequence())
        };
        HashMap::from([
            ("skipped_rows", counters.skipped_rows),
            ("saturated_rows", counters.saturated_rows),
            ("unrepeated_records", counters.unrepeated_records),
            ("sequence", u64::from(sequence)),
        ])
    }
}

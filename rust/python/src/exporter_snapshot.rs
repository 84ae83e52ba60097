//! `ExporterSnapshot`: one session as it was at one moment.

use std::collections::HashMap;

use pyo3::prelude::*;
use tidegauge_core::{address::ip_from_address, decoder::Session, schema::COUNTERS};

/// What one exporter looked like at one moment.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct ExporterSnapshot {
    #[pyo3(get)]
    exporter: String,
    #[pyo3(get)]
    port: u16,
    #[pyo3(get)]
    protocol_version: &'static str,
    #[pyo3(get)]
    observation_domain: u32,
    #[pyo3(get)]
    templates: usize,
    #[pyo3(get)]
    sampling_interval: Option<u32>,
    #[pyo3(get)]
    last_received: i64,
    /// As numbers alone: a collector of thousands of exporters asks for all of them at once.
    totals: [u64; COUNTERS.len()],
}

impl ExporterSnapshot {
    /// Copy what a session knows.
    pub fn of(session: &Session) -> Self {
        Self {
            exporter: ip_from_address(session.key.exporter).to_string(),
            port: session.key.port,
            protocol_version: session.key.version.name(),
            observation_domain: session.key.observation_domain,
            templates: session.template_count(),
            sampling_interval: session.sampling.told(),
            last_received: session.account.last_received(),
            totals: *session.account.totals(),
        }
    }
}

#[pymethods]
impl ExporterSnapshot {
    #[getter]
    fn counters(&self) -> HashMap<&'static str, u64> {
        named(&self.totals)
    }
}

/// Totals by name.
pub fn named(totals: &[u64]) -> HashMap<&'static str, u64> {
    COUNTERS.iter().copied().zip(totals.iter().copied()).collect()
}

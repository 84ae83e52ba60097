//! `ExporterSnapshot`: one session as it was at one moment.

use std::collections::HashMap;

use pyo3::prelude::*;
use tidegauge_core::{address::ip_from_address, decoder::Session, schema::COUNTERS};

/// What one exporter looked like at one moment.
#[pyclass(frozen, get_all, module = "tidegauge._core")]
pub struct ExporterSnapshot {
    exporter: String,
    port: u16,
    protocol_version: &'static str,
    observation_domain: u32,
    templates: usize,
    sampling_interval: Option<u32>,
    last_received: i64,
    counters: HashMap<&'static str, u64>,
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
            counters: named(session.account.totals()),
        }
    }
}

/// Totals by name.
pub fn named(totals: &[u64]) -> HashMap<&'static str, u64> {
    COUNTERS.iter().copied().zip(totals.iter().copied()).collect()
}

//! `Receiver`: a UDP listener with its decoders, each on a thread of its own.

use std::{
    collections::HashMap,
    path::Path,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use pyo3::{exceptions::PyValueError, prelude::*, types::PyDict};
use tidegauge_core::address::Address;
use tidegauge_net::{steering::Steering, udp_receiver::UdpReceiver};

use crate::{
    batch::Batch,
    copying::{CopyOrder, copy_settings, rows},
    decoder::{ToldElement, told_elements},
    exporter_snapshot::{ExporterSnapshot, named},
    settings::{Knowledge, decoder_of},
};

/// A UDP listener with its decoders.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct Receiver(RwLock<UdpReceiver>);

impl Receiver {
    fn with<T>(&self, act: impl FnOnce(&UdpReceiver) -> T) -> T {
        act(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[pymethods]
impl Receiver {
    #[new]
    #[pyo3(signature = (
        host, port, *, writer = "", counters_path = None, resume_path = None,
        receive_buffer_bytes = 67_108_864, settings = None, knowledge = None, copying = None, threads = 1
    ))]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn new(
        py: Python<'_>,
        host: &str,
        port: u16,
        writer: &str,
        counters_path: Option<&str>,
        resume_path: Option<&str>,
        receive_buffer_bytes: usize,
        settings: Option<HashMap<String, i64>>,
        knowledge: Option<Knowledge>,
        copying: Option<CopyOrder>,
        threads: usize,
    ) -> PyResult<Self> {
        let copying = copying.map(copy_settings).transpose()?;
        let steering = Steering::among(threads);
        let decoder = |number| {
            let is_ours = |exporter: &Address| steering.receiver_of(exporter) == number;
            decoder_of(writer, (false, false), settings.as_ref(), knowledge.as_ref(), is_ours)
        };
        let decoders = (0..steering.receivers()).map(decoder).collect::<PyResult<_>>()?;
        let receiver = py.detach(|| {
            UdpReceiver::start(
                (host, port),
                receive_buffer_bytes,
                decoders,
                counters_path.map(Path::new),
                resume_path.map(Path::new),
                copying.as_ref(),
            )
        })?;
        Ok(Self(RwLock::new(receiver)))
    }

    #[getter]
    fn port(&self) -> u16 {
        self.with(UdpReceiver::port)
    }

    #[getter]
    fn receive_buffer_bytes(&self) -> usize {
        self.with(UdpReceiver::receive_buffer_bytes)
    }

    fn name_elements(&self, py: Python<'_>, elements: Vec<ToldElement>) -> PyResult<()> {
        let told = told_elements(elements)?;
        py.detach(|| self.with(|receiver| receiver.with_decoders(|decoder| decoder.name_elements(told.clone()))));
        Ok(())
    }

    fn drain(&self, py: Python<'_>, timeout_seconds: f64) -> PyResult<Vec<Batch>> {
        let wait = Duration::try_from_secs_f64(timeout_seconds)
            .map_err(|error| PyValueError::new_err(format!("timeout_seconds: {error}")))?;
        Ok(py.detach(|| self.with(|receiver| receiver.drain(wait)))?.into_iter().map(Batch).collect())
    }

    #[pyo3(signature = (*, ages = true))]
    fn knowledge(&self, py: Python<'_>, ages: bool) -> Option<Vec<u8>> {
        py.detach(|| self.with(|receiver| receiver.knowledge(ages)))
    }

    fn exporters(&self, py: Python<'_>) -> Vec<ExporterSnapshot> {
        py.detach(|| self.with(|receiver| receiver.sessions(ExporterSnapshot::of)))
    }

    fn counters(&self, py: Python<'_>) -> HashMap<&'static str, u64> {
        py.detach(|| named(&self.with(UdpReceiver::totals)))
    }

    fn copies<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        rows(py, &self.with(UdpReceiver::fates))
    }

    fn close(&self, py: Python<'_>) -> Vec<Batch> {
        py.detach(|| self.0.write().unwrap_or_else(PoisonError::into_inner).close()).into_iter().map(Batch).collect()
    }
}

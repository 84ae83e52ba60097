//! `Decoder`: datagrams and capture files in, rows out.

use std::{
    collections::HashMap,
    fs::File,
    io::BufReader,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use pyo3::{buffer::PyBuffer, exceptions::PyValueError, prelude::*};
use tidegauge_core::{
    address::{Address, address_from_ip},
    decoder::{self, Limits},
    export_file::ExportFile,
};

use crate::{
    batch::Batch,
    exporter_snapshot::{ExporterSnapshot, named},
};

/// Datagrams in, flow rows out.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct Decoder(Mutex<State>);

struct State {
    decoder: decoder::Decoder,
    file: Option<ExportFile>,
}

impl Decoder {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Decoder {
    #[new]
    #[pyo3(signature = (*, writer = "", verbatim = false))]
    fn new(writer: &str, verbatim: bool) -> Self {
        let decoder = decoder::Decoder::new(Limits::default(), writer.to_string(), verbatim);
        Self(Mutex::new(State { decoder, file: None }))
    }

    fn feed(&self, py: Python<'_>, datagram: PyBuffer<u8>, exporter: &str, port: u16, received: i64) -> PyResult<()> {
        let exporter = parse_address(exporter)?;
        let datagram = datagram.to_vec(py)?;
        py.detach(|| self.state().decoder.feed(&datagram, exporter, port, received));
        Ok(())
    }

    #[pyo3(signature = (path, exporter, *, shift = 0, maximum_datagrams = 65536))]
    fn read(
        &self,
        py: Python<'_>,
        path: &str,
        exporter: &str,
        shift: i64,
        maximum_datagrams: usize,
    ) -> PyResult<usize> {
        let exporter = parse_address(exporter)?;
        py.detach(|| {
            let State { decoder, file } = &mut *self.state();
            let open = match file {
                Some(open) => open,
                None => file.insert(ExportFile::open(BufReader::new(File::open(path)?), exporter, shift)?),
            };
            for count in 0..maximum_datagrams {
                // A full batch is handed over first: what a few datagrams hold may take much memory.
                if decoder.has_full_batch() && count > 0 {
                    return Ok(count);
                }
                if !open.feed_next(decoder)? {
                    if count == 0 {
                        *file = None;
                    }
                    return Ok(count);
                }
            }
            Ok(maximum_datagrams)
        })
    }

    fn drain(&self, py: Python<'_>) -> Vec<Batch> {
        py.detach(|| self.state().decoder.drain()).into_iter().map(Batch).collect()
    }

    fn close(&self, py: Python<'_>) -> Vec<Batch> {
        py.detach(|| {
            let mut state = self.state();
            state.file = None;
            state.decoder.close();
            state.decoder.drain()
        })
        .into_iter()
        .map(Batch)
        .collect()
    }

    fn exporters(&self) -> Vec<ExporterSnapshot> {
        self.state().decoder.sessions().map(ExporterSnapshot::of).collect()
    }

    fn counters(&self) -> HashMap<&'static str, u64> {
        named(&self.state().decoder.totals())
    }
}

/// Read an address as people write it.
fn parse_address(text: &str) -> PyResult<Address> {
    let ip: IpAddr = text.parse().map_err(|_| PyValueError::new_err(format!("{text:?} is not an IP address")))?;
    Ok(address_from_ip(ip))
}

//! `Decoder`: datagrams and capture files in, rows out.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::BufReader,
    net::IpAddr,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use pyo3::{buffer::PyBuffer, exceptions::PyValueError, prelude::*, pybacked::PyBackedBytes};
use tidegauge_core::{
    address::{Address, address_from_ip},
    decoder,
    export_file::ExportFile,
    schema::{COUNTERS, ElementType},
    templates::Told,
};
use tidegauge_net::counter_map::CounterMap;

use crate::{
    batch::Batch,
    exporter_snapshot::{ExporterSnapshot, named},
    settings::{Knowledge, decoder_of},
};

/// Datagrams in, flow rows out.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct Decoder(Mutex<State>);

struct State {
    decoder: decoder::Decoder,
    file: Option<ExportFile>,
    counters: Option<CounterMap>,
}

impl Decoder {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Decoder {
    #[new]
    #[pyo3(signature = (
        *, writer = "", verbatim = false, dissects = false, counters_path = None, settings = None, knowledge = None
    ))]
    fn new(
        writer: &str,
        verbatim: bool,
        dissects: bool,
        counters_path: Option<&str>,
        settings: Option<HashMap<String, i64>>,
        knowledge: Option<Knowledge>,
    ) -> PyResult<Self> {
        let decoder = decoder_of(writer, (verbatim, dissects), settings, knowledge)?;
        let counters = counters_path.map(|path| CounterMap::create(Path::new(path))).transpose()?;
        Ok(Self(Mutex::new(State { decoder, file: None, counters })))
    }

    fn name_elements(&self, py: Python<'_>, elements: Vec<ToldElement>) -> PyResult<()> {
        let told = told_elements(elements)?;
        py.detach(|| self.state().decoder.name_elements(told));
        Ok(())
    }

    fn feed(&self, py: Python<'_>, datagram: PyBuffer<u8>, exporter: &str, port: u16, received: i64) -> PyResult<()> {
        let exporter = parse_address(exporter)?;
        let datagram = datagram.to_vec(py)?;
        py.detach(|| self.state().decoder.feed(&datagram, exporter, port, received));
        Ok(())
    }

    fn feed_stream(
        &self,
        py: Python<'_>,
        data: PyBackedBytes,
        exporter: &str,
        port: u16,
        received: i64,
    ) -> PyResult<Option<&'static str>> {
        let exporter = parse_address(exporter)?;
        Ok(py.detach(|| {
            let mut state = self.state();
            let refusal = state.decoder.feed_stream(&data, exporter, port, received).err();
            state.publish();
            refusal.map(|reason| COUNTERS[reason.counter() as usize])
        }))
    }

    fn end_stream(&self, exporter: &str, port: u16, received: i64) -> PyResult<()> {
        let exporter = parse_address(exporter)?;
        let mut state = self.state();
        state.decoder.end_stream(exporter, port, received);
        state.publish();
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
            let State { decoder, file, .. } = &mut *self.state();
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

    #[pyo3(signature = (*, now = None))]
    fn drain(&self, py: Python<'_>, now: Option<i64>) -> Vec<Batch> {
        py.detach(|| {
            let mut state = self.state();
            if let Some(now) = now {
                state.decoder.pass(now);
            }
            state.decoder.drain()
        })
        .into_iter()
        .map(Batch)
        .collect()
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

    fn dissected(&self, py: Python<'_>) -> Vec<u8> {
        py.detach(|| self.state().decoder.take_dissection())
    }

    #[pyo3(signature = (*, ages = true))]
    fn knowledge(&self, py: Python<'_>, ages: bool) -> Option<Vec<u8>> {
        py.detach(|| self.state().decoder.knowledge(ages))
    }

    fn exporters(&self) -> Vec<ExporterSnapshot> {
        self.state().decoder.sessions().map(ExporterSnapshot::of).collect()
    }

    fn counters(&self) -> HashMap<&'static str, u64> {
        named(&self.state().decoder.totals())
    }
}

impl State {
    /// Note totals where they outlive us.
    fn publish(&mut self) {
        if let Some(counters) = &mut self.counters {
            counters.publish(&mut self.decoder);
        }
    }
}

/// An element as Python tells of it: enterprise, id, name, type.
pub type ToldElement = (u32, u16, String, String);

/// Elements by enterprise and id.
pub fn told_elements(elements: Vec<ToldElement>) -> PyResult<BTreeMap<(u32, u16), Told>> {
    let told = |(enterprise, id, name, type_name): ToldElement| {
        let element_type = ElementType::from_name(&type_name)
            .ok_or_else(|| PyValueError::new_err(format!("{type_name:?} is no type of elements")))?;
        Ok(((enterprise, id), Told { name: name.into(), element_type }))
    };
    elements.into_iter().map(told).collect()
}

/// Read an address as people write it.
fn parse_address(text: &str) -> PyResult<Address> {
    let ip: IpAddr = text.parse().map_err(|_| PyValueError::new_err(format!("{text:?} is not an IP address")))?;
    Ok(address_from_ip(ip))
}

//! `Decoder`: datagrams and capture files in, rows out.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::BufReader,
    iter,
    net::IpAddr,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use pyo3::{buffer::PyBuffer, exceptions::PyValueError, prelude::*, pybacked::PyBackedBytes, types::PyDict};
use tidegauge_core::{
    address::{Address, address_from_ip},
    datagram::Datagram,
    decoder,
    export_file::ExportFile,
    schema::{COUNTERS, ElementType},
    templates::Told,
    time::Instant,
};
use tidegauge_net::{copies::Copies, counter_map::CounterMap};

use crate::{
    batch::Batch,
    copying::{CopyOrder, address, copy_settings, rows},
    exporter_snapshot::{ExporterSnapshot, named},
    replay::choice_of,
    settings::{Knowledge, decoder_of},
};

/// Datagrams in, flow rows out.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct Decoder(Mutex<State>);

struct State {
    decoder: decoder::Decoder,
    file: Option<ExportFile>,
    counters: Option<CounterMap>,
    /// Who else takes the messages of connections.
    copies: Option<Arc<Copies>>,
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
        *, writer = "", verbatim = false, dissects = false, counters_path = None, settings = None, knowledge = None,
        copying = None
    ))]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn new(
        writer: &str,
        verbatim: bool,
        dissects: bool,
        counters_path: Option<&str>,
        settings: Option<HashMap<String, i64>>,
        knowledge: Option<Knowledge>,
        copying: Option<(CopyOrder, String, String, u16)>,
    ) -> PyResult<Self> {
        let mut decoder = decoder_of(writer, (verbatim, dissects), settings.as_ref(), knowledge.as_ref(), |_| true)?;
        let counters = counters_path.map(|path| CounterMap::create(Path::new(path))).transpose()?;
        let mut copies = None;
        if let Some((order, transport, host, port)) = copying {
            let started = Arc::new(Copies::start(&copy_settings(order)?, &transport, address(&host, port)?)?);
            copies = Some(started.clone());
            decoder.copy_messages(Box::new(move |message: Datagram<'_>| started.offer(iter::once(message))));
        }
        Ok(Self(Mutex::new(State { decoder, file: None, counters, copies })))
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

    #[pyo3(signature = (
        path, exporter, *, shift = 0, maximum_datagrams = 65536, since = None, until = None, takes_unknown = false
    ))]
    #[allow(clippy::too_many_arguments)] // keyword arguments of Python
    fn read(
        &self,
        py: Python<'_>,
        path: &str,
        exporter: &str,
        shift: i64,
        maximum_datagrams: usize,
        since: Option<Instant>,
        until: Option<Instant>,
        takes_unknown: bool,
    ) -> PyResult<usize> {
        let exporter = parse_address(exporter)?;
        py.detach(|| {
            let State { decoder, file, .. } = &mut *self.state();
            let open = if let Some(open) = file {
                open
            } else {
                let found = ExportFile::open(BufReader::new(File::open(path)?), exporter, shift)?;
                file.insert(found.choosing(choice_of(since, until, takes_unknown)))
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
            if let Some(copies) = &state.copies {
                copies.close();
            }
            state.decoder.close();
            state.decoder.drain()
        })
        .into_iter()
        .map(Batch)
        .collect()
    }

    fn copies<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let fates = self.state().copies.as_ref().map(|copies| copies.fates()).unwrap_or_default();
        rows(py, &fates)
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
            counters.publish(&mut self.decoder, 0);
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

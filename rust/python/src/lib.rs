//! The seam to Python: converts, lets go of the GIL, and nothing else.
//!
//! `src/tidegauge/_core/_native.pyi` is the contract; a test compares it with this module.

mod batch;
mod copying;
mod decoder;
mod encoder;
mod exporter_snapshot;
mod followed;
mod meter;
mod receiver;
mod replay;
mod search;
mod segment_writer;
mod settings;
mod time_server;

/// `tidegauge._core._native`
#[pyo3::pymodule(name = "_native")]
mod native {
    #[pymodule_export]
    use crate::{
        batch::Batch, decoder::Decoder, encoder::Encoder, exporter_snapshot::ExporterSnapshot, meter::Meter,
        receiver::Receiver, replay::Replay, search::search, segment_writer::SegmentWriter, time_server::TimeServer,
    };
}

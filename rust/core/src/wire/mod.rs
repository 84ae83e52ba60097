//! Wire formats: how each export protocol lays out headers, sets, templates and samples.
//!
//! NetFlow v9 and IPFIX share sets and templates; older versions of NetFlow are fixed templates of the
//! same elements; sFlow has tagged structures of its own. Nothing here keeps state.

mod cursor;
mod fixed;
mod fixed_records;
mod header;
mod protocol_version;
mod sets;
pub mod sflow;
mod template_set;

pub use cursor::Cursor;
pub use fixed::{FixedRecord, fixed_template};
pub use fixed_records::NETFLOW_V5_RECORD_LENGTH;
pub use header::{ExportHeader, Malformed};
pub use protocol_version::ProtocolVersion;
pub use sets::{HEADER_BYTES as SET_HEADER_BYTES, Set, SetKind, Sets};
pub use template_set::{PlacedTemplate, TemplateRecord, read_templates};

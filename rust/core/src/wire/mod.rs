//! Wire formats: how each export protocol lays out headers, sets and templates.
//!
//! NetFlow v9 and IPFIX share sets and templates; NetFlow v5 is a fixed template of the same
//! elements. Nothing here keeps state.

mod cursor;
mod header;
mod netflow_v5;
mod sets;
mod template_set;

pub use cursor::Cursor;
pub use header::{ExportHeader, Malformed};
pub use netflow_v5::{RECORD_LENGTH as NETFLOW_V5_RECORD_LENGTH, template as netflow_v5_template};
pub use sets::{Set, SetKind, Sets};
pub use template_set::{TemplateRecord, read_templates};

/// An export protocol. The number is its code in columns and mapped counters' order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ProtocolVersion {
    /// NetFlow version 5.
    NetflowV5,
    /// NetFlow version 9, RFC 3954.
    NetflowV9,
    /// IPFIX, RFC 7011.
    Ipfix,
}

impl ProtocolVersion {
    /// All versions, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::NetflowV5, Self::NetflowV9, Self::Ipfix];

    /// The word for it in columns, JSON and the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::NetflowV5 => "netflow5",
            Self::NetflowV9 => "netflow9",
            Self::Ipfix => "ipfix",
        }
    }

    /// The number in the first two bytes of a datagram.
    pub fn number(self) -> u16 {
        match self {
            Self::NetflowV5 => 5,
            Self::NetflowV9 => 9,
            Self::Ipfix => 10,
        }
    }

    /// The version of a number in the first two bytes.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.number() == number)
    }
}

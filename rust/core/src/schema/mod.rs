//! Words shared with Python and TypeScript: columns, information elements, counters.
//!
//! The tables are generated from `schema/` at the project's root; the types they use are here.

mod counters;
mod elements;
mod fields;
mod services;

pub use counters::{COUNTERS, Counter};
pub use elements::{ELEMENTS, NETFLOW_V9_TYPES, REVERSE_BITS, TYPE_NAMES};
pub use fields::{FIELDS, Field, SOURCES, WORDS};
pub use services::{PORTS, PROTOCOLS};

/// Private enterprise number under which RFC 5103 repeats the IANA elements for the way back.
pub const REVERSE_ENTERPRISE: u32 = 29305;

/// How a column of the flow record is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nanoseconds since 1970, UTC.
    Instant,
    /// 16 bytes, IPv4 mapped into IPv6.
    Address,
    /// 6 bytes.
    Mac,
    /// 8 bits.
    U8,
    /// 16 bits.
    U16,
    /// 32 bits.
    U32,
    /// 64 bits.
    U64,
    /// 64 bits, signed.
    I64,
    /// UTF-8.
    Text,
    /// A list of (element, value, raw) in wire order.
    Elements,
}

/// Abstract data types of RFC 7012, section 3.1, and of the RFCs that added to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names are the RFC's own
pub enum ElementType {
    OctetArray,
    Unsigned8,
    Unsigned16,
    Unsigned32,
    Unsigned64,
    Unsigned256,
    Signed8,
    Signed16,
    Signed32,
    Signed64,
    Float32,
    Float64,
    Boolean,
    MacAddress,
    String,
    DateTimeSeconds,
    DateTimeMilliseconds,
    DateTimeMicroseconds,
    DateTimeNanoseconds,
    Ipv4Address,
    Ipv6Address,
    BasicList,
    SubTemplateList,
    SubTemplateMultiList,
    /// What the registry calls an octetArray: an engine and its number for an application (RFC 6759).
    ApplicationId,
    /// What the registry calls an octetArray: an entry of an MPLS label stack without its TTL (RFC 3032).
    MplsLabel,
}

impl ElementType {
    /// The type of a name as the registry writes it.
    pub fn from_name(name: &str) -> Option<Self> {
        TYPE_NAMES.iter().find(|(known, _)| *known == name).map(|&(_, element_type)| element_type)
    }

    /// The type of a number as exporters tell it (RFC 5610, section 3.1).
    pub fn from_number(number: u64) -> Option<Self> {
        TYPE_NAMES.get(usize::try_from(number).ok()?).map(|&(_, element_type)| element_type)
    }

    /// The number of the type there; `None` where it has none.
    pub fn number(self) -> Option<u8> {
        TYPE_NAMES.iter().position(|&(_, element_type)| element_type == self).map(|number| number as u8)
    }

    /// Whether values are lists (RFC 6313).
    pub fn is_list(self) -> bool {
        matches!(self, Self::BasicList | Self::SubTemplateList | Self::SubTemplateMultiList)
    }
}

/// How the column of a field is stored.
pub fn kind_of(field: Field) -> Kind {
    FIELDS[field as usize].2
}

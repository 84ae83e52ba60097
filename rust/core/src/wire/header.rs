//! The header every export datagram begins with.

use super::{Cursor, ProtocolVersion, fixed, sflow};
use crate::{
    address::Address,
    schema::{COUNTERS, Counter},
    time::{Instant, SECOND, instant_in_cycle},
};

/// Why input was refused; each reason is a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The datagram ends inside its header.
    ShortHeader,
    /// The first two bytes are no version we know.
    UnknownVersion,
    /// A set is shorter than its own header or longer than the datagram.
    BadSetLength,
    /// A template is cut off, has no usable field, or contradicts itself.
    BadTemplate,
    /// The datagram ends inside a record it announced.
    TruncatedRecord,
    /// A variable-length value reaches past its set.
    BadVariableLength,
    /// The message is not what its checksum says it was.
    BadChecksum,
    /// A configured limit was reached.
    Limit,
    /// An sFlow sample, or a record in one, is cut off or contradicts itself.
    BadSample,
    /// sFlow of a version before 5.
    OldSflow,
    /// A `NetFlow` 8 aggregation scheme that nobody defined.
    UnknownScheme,
}

impl Malformed {
    /// The word for it in counters, JSON and the command line.
    pub fn name(self) -> &'static str {
        let counter = COUNTERS[self.counter() as usize];
        counter.strip_prefix("malformed_").unwrap_or(counter)
    }

    /// The counter of this reason.
    pub fn counter(self) -> Counter {
        match self {
            Self::ShortHeader => Counter::MalformedShortHeader,
            Self::UnknownVersion => Counter::MalformedUnknownVersion,
            Self::BadSetLength => Counter::MalformedBadSetLength,
            Self::BadTemplate => Counter::MalformedBadTemplate,
            Self::TruncatedRecord => Counter::MalformedTruncatedRecord,
            Self::BadVariableLength => Counter::MalformedBadVariableLength,
            Self::BadChecksum => Counter::MalformedBadChecksum,
            Self::Limit => Counter::MalformedLimit,
            Self::BadSample => Counter::MalformedBadSample,
            Self::OldSflow => Counter::MalformedOldSflow,
            Self::UnknownScheme => Counter::MalformedUnknownScheme,
        }
    }
}

/// What the headers of all versions say, in one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportHeader {
    /// Protocol.
    pub version: ProtocolVersion,
    /// Bytes of the header itself.
    pub length: usize,
    /// Bytes of the whole message where the header says so (IPFIX) or implies it (`NetFlow` 1 to 8).
    pub message_length: Option<usize>,
    /// The exporter's wall clock when it sent the message; sFlow tells none, so it is the arrival there.
    pub export_time: Instant,
    /// How coarse that clock reading is.
    pub quantum: i64,
    /// Milliseconds since the exporter booted; IPFIX does not send it.
    pub uptime_ms: Option<u32>,
    /// Sequence number, in the protocol's own unit.
    pub sequence: u32,
    /// Who says that it sent the message (sFlow); else its sender did.
    pub agent: Option<Address>,
    /// Observation domain, source id, engine, or sub-agent.
    pub observation_domain: u32,
    /// Records (NetFlow) as announced; advisory.
    pub count: u16,
    /// How records are laid out (v8); 0 where there is but one way.
    pub scheme: u8,
    /// Sampling interval of the whole datagram (v5).
    pub sampling_interval: Option<u32>,
}

impl ExportHeader {
    /// Read the header of any version we know.
    pub fn read(datagram: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(datagram);
        let number = cursor.u16().ok_or(Malformed::ShortHeader)?;
        let version = ProtocolVersion::from_number(number).ok_or(Malformed::UnknownVersion)?;
        let header = match version {
            ProtocolVersion::NetflowV9 => Self::read_netflow_v9(cursor),
            ProtocolVersion::Ipfix => Self::read_ipfix(cursor),
            ProtocolVersion::SflowV5 => return sflow::read_header(datagram),
            ProtocolVersion::NetflowV1
            | ProtocolVersion::NetflowV5
            | ProtocolVersion::NetflowV6
            | ProtocolVersion::NetflowV7
            | ProtocolVersion::NetflowV8 => fixed::read_header(version, cursor),
        };
        header.ok_or(Malformed::ShortHeader)
    }

    /// The same header with its 32 bits of seconds read in the cycle nearest to when it arrived.
    #[must_use]
    pub fn near(self, received: Instant) -> Self {
        let has_clock = self.version.has_wall_clock();
        let export_time = if has_clock { instant_in_cycle(self.export_time, received) } else { received };
        Self { export_time, ..self }
    }

    /// RFC 3954, section 5.1.
    fn read_netflow_v9(mut cursor: Cursor<'_>) -> Option<Self> {
        let count = cursor.u16()?;
        let uptime_ms = cursor.u32()?;
        let seconds = cursor.u32()?;
        Some(Self {
            version: ProtocolVersion::NetflowV9,
            length: 20,
            message_length: None,
            export_time: i64::from(seconds) * SECOND,
            quantum: SECOND,
            uptime_ms: Some(uptime_ms),
            sequence: cursor.u32()?,
            agent: None,
            observation_domain: cursor.u32()?,
            count,
            scheme: 0,
            sampling_interval: None,
        })
    }

    /// RFC 7011, section 3.1.
    fn read_ipfix(mut cursor: Cursor<'_>) -> Option<Self> {
        let message_length = cursor.u16()?;
        let seconds = cursor.u32()?;
        Some(Self {
            version: ProtocolVersion::Ipfix,
            length: 16,
            message_length: Some(usize::from(message_length)),
            export_time: i64::from(seconds) * SECOND,
            quantum: SECOND,
            uptime_ms: None,
            sequence: cursor.u32()?,
            agent: None,
            observation_domain: cursor.u32()?,
            count: 0,
            scheme: 0,
            sampling_interval: None,
        })
    }
}

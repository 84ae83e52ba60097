//! The headers of all versions, word by word, under the names their specifications give them.

use crate::wire::{Cursor, ProtocolVersion};

/// A word of a header and its bytes.
type Word = (&'static str, u16);

/// RFC 7011, section 3.1.
const IPFIX: &[Word] =
    &[("versionNumber", 2), ("length", 2), ("exportTime", 4), ("sequenceNumber", 4), ("observationDomainId", 4)];

/// RFC 3954, section 5.1.
const NETFLOW_V9: &[Word] =
    &[("version", 2), ("count", 2), ("sysUpTime", 4), ("unixSecs", 4), ("sequenceNumber", 4), ("sourceId", 4)];

/// Cisco's definition; the first two bits of the last word are the mode.
const NETFLOW_V5: &[Word] = &[
    ("version", 2),
    ("count", 2),
    ("sysUptime", 4),
    ("unixSecs", 4),
    ("unixNsecs", 4),
    ("flowSequence", 4),
    ("engineType", 1),
    ("engineId", 1),
    ("samplingInterval", 2),
];

const NETFLOW_V1: &[Word] = &[("version", 2), ("count", 2), ("sysUptime", 4), ("unixSecs", 4), ("unixNsecs", 4)];

const NETFLOW_V7: &[Word] = &[
    ("version", 2),
    ("count", 2),
    ("sysUptime", 4),
    ("unixSecs", 4),
    ("unixNsecs", 4),
    ("flowSequence", 4),
    ("reserved", 4),
];

const NETFLOW_V8: &[Word] = &[
    ("version", 2),
    ("count", 2),
    ("sysUptime", 4),
    ("unixSecs", 4),
    ("unixNsecs", 4),
    ("flowSequence", 4),
    ("engineType", 1),
    ("engineId", 1),
    ("aggregation", 1),
    ("aggVersion", 1),
    ("reserved", 4),
];

/// sFlow 5, with an agent's address of this many bytes.
fn sflow(address_bytes: u16) -> Vec<Word> {
    vec![
        ("version", 4),
        ("agentAddressType", 4),
        ("agentAddress", address_bytes),
        ("subAgentId", 4),
        ("sequenceNumber", 4),
        ("uptime", 4),
        ("samples", 4),
    ]
}

/// The words of a header, as far as its bytes go: name, offset, bytes.
pub fn header_words(version: ProtocolVersion, datagram: &[u8]) -> impl Iterator<Item = (&'static str, usize, &[u8])> {
    const IPV6: u8 = 2;
    let words = match version {
        ProtocolVersion::NetflowV1 => NETFLOW_V1.to_vec(),
        ProtocolVersion::NetflowV5 | ProtocolVersion::NetflowV6 => NETFLOW_V5.to_vec(),
        ProtocolVersion::NetflowV7 => NETFLOW_V7.to_vec(),
        ProtocolVersion::NetflowV8 => NETFLOW_V8.to_vec(),
        ProtocolVersion::NetflowV9 => NETFLOW_V9.to_vec(),
        ProtocolVersion::Ipfix => IPFIX.to_vec(),
        ProtocolVersion::SflowV5 => sflow(if datagram.get(7) == Some(&IPV6) { 16 } else { 4 }),
    };
    let mut cursor = Cursor::new(datagram);
    words.into_iter().map_while(move |(name, length)| {
        let offset = datagram.len() - cursor.rest().len();
        Some((name, offset, cursor.take(usize::from(length))?))
    })
}

//! NetFlow version 5: a fixed header and records of 48 bytes.
//!
//! The record is written down as a template of IANA elements, so that the one decoding plan of
//! templates serves it too.

use super::{Cursor, ExportHeader, ProtocolVersion};
use crate::{templates::FieldSpecifier, time::SECOND};

/// Bytes of a record.
pub const RECORD_LENGTH: usize = 48;
const HEADER_LENGTH: usize = 24;

/// (element, bytes) of a record in wire order; 210 is paddingOctets.
const RECORD: [(u16, u16); 20] = [
    (8, 4),  // sourceIPv4Address
    (12, 4), // destinationIPv4Address
    (15, 4), // ipNextHopIPv4Address
    (10, 2), // ingressInterface
    (14, 2), // egressInterface
    (2, 4),  // packetDeltaCount
    (1, 4),  // octetDeltaCount
    (22, 4), // flowStartSysUpTime
    (21, 4), // flowEndSysUpTime
    (7, 2),  // sourceTransportPort
    (11, 2), // destinationTransportPort
    (210, 1),
    (6, 1),  // tcpControlBits
    (4, 1),  // protocolIdentifier
    (5, 1),  // ipClassOfService
    (16, 2), // bgpSourceAsNumber
    (17, 2), // bgpDestinationAsNumber
    (9, 1),  // sourceIPv4PrefixLength
    (13, 1), // destinationIPv4PrefixLength
    (210, 2),
];

/// The record as template fields.
pub fn template() -> Vec<FieldSpecifier> {
    RECORD.iter().map(|&(id, length)| FieldSpecifier { enterprise: 0, id, length }).collect()
}

/// Read what follows the version number.
pub fn read_header(mut cursor: Cursor<'_>) -> Option<ExportHeader> {
    let count = cursor.u16()?;
    let uptime_ms = cursor.u32()?;
    let seconds = cursor.u32()?;
    let nanoseconds = cursor.u32()?;
    let sequence = cursor.u32()?;
    let engine_type = cursor.u8()?;
    let engine_id = cursor.u8()?;
    // The top two bits are the sampling mode.
    let sampling = u32::from(cursor.u16()? & 0x3fff);
    // Some exporters send garbage here; a fraction is less than a second or it is nothing.
    let fraction = if i64::from(nanoseconds) < SECOND { i64::from(nanoseconds) } else { 0 };
    Some(ExportHeader {
        version: ProtocolVersion::NetflowV5,
        length: HEADER_LENGTH,
        message_length: Some(HEADER_LENGTH + usize::from(count) * RECORD_LENGTH),
        export_time: i64::from(seconds) * SECOND + fraction,
        quantum: if fraction == 0 { SECOND } else { 1 },
        uptime_ms: Some(uptime_ms),
        sequence,
        observation_domain: u32::from(engine_type) << 8 | u32::from(engine_id),
        count,
        sampling_interval: (sampling > 0).then_some(sampling),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_covers_the_record() {
        let length: usize = template().iter().map(|field| usize::from(field.length)).sum();
        assert_eq!(length, RECORD_LENGTH);
    }
}

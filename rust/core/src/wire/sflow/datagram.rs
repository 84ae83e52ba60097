//! The header of a datagram.

use super::sample::padded;
use crate::{
    address::{Address, address_from_v4, is_unspecified},
    wire::{Cursor, ExportHeader, Malformed, ProtocolVersion},
};

const VERSION: u32 = 5;
/// Its predecessors, in which nothing says how long it is.
const OLD_VERSIONS: [u32; 2] = [2, 4];

/// Read the header of a datagram that begins with two zeros.
///
/// # Errors
/// When it is cut off, or of another version.
pub fn read_header(datagram: &[u8]) -> Result<ExportHeader, Malformed> {
    let mut cursor = Cursor::new(datagram);
    let version = cursor.u32().ok_or(Malformed::ShortHeader)?;
    // Anything may begin with two zeros: an address of a kind that there is tells sFlow from it.
    let kind = if cursor.rest().is_empty() { None } else { cursor.u32() };
    match (version, kind) {
        (VERSION, Some(1 | 2)) => {}
        (VERSION, None) => return Err(Malformed::ShortHeader),
        (old, Some(1 | 2)) if OLD_VERSIONS.contains(&old) => return Err(Malformed::OldSflow),
        _ => return Err(Malformed::UnknownVersion),
    }
    read_rest(datagram.len(), kind == Some(2), cursor).ok_or(Malformed::ShortHeader)
}

fn read_rest(length: usize, is_v6: bool, mut cursor: Cursor<'_>) -> Option<ExportHeader> {
    let agent = if is_v6 {
        Address::try_from(cursor.take(16)?).ok()?
    } else {
        address_from_v4(cursor.take(4)?.try_into().ok()?)
    };
    let sub_agent = cursor.u32()?;
    let sequence = cursor.u32()?;
    let uptime_ms = cursor.u32()?;
    let count = cursor.u32()?;
    Some(ExportHeader {
        version: ProtocolVersion::SflowV5,
        length: length - cursor.rest().len(),
        message_length: None,
        export_time: 0,
        quantum: 0,
        uptime_ms: Some(uptime_ms),
        sequence,
        // One that does not know its own address is known by where it sent from.
        agent: (!is_unspecified(&agent)).then_some(agent),
        observation_domain: sub_agent,
        count: u16::try_from(count).unwrap_or(u16::MAX),
        scheme: 0,
        sampling_interval: None,
    })
}

/// Whether the first sample, of a kind that there is, ends inside the bytes.
pub fn begins_with_sample(body: &[u8]) -> bool {
    let mut cursor = Cursor::new(body);
    cursor.u32().is_some_and(|tag| tag > 0) && padded(&mut cursor).is_some()
}

/// Where the datagram at the front of a file of them ends: behind as many samples as it announces.
pub fn datagram_length(header: &ExportHeader, window: &[u8]) -> usize {
    let mut cursor = Cursor::new(&window[header.length..]);
    for _ in 0..header.count {
        if cursor.u32().and_then(|_| padded(&mut cursor)).is_none() {
            return window.len();
        }
    }
    window.len() - cursor.rest().len()
}

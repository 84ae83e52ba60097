//! TLS records, as far as the first message of a client (RFC 8446, section 5.1).

use super::{ClientHello, Finding, stream::MAXIMUM_STREAM_BYTES};
use crate::wire::Cursor;

/// The type of a record that carries a handshake.
pub const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const MAXIMUM_RECORD_BYTES: usize = 1 << 14;

/// Whether a payload begins as a ClientHello does: cheap, and seldom wrong.
#[inline]
pub fn is_hello(payload: &[u8]) -> bool {
    match payload {
        // A client may cut its first record wherever it likes.
        [HANDSHAKE]
        | [HANDSHAKE, 3]
        | [HANDSHAKE, 3, 0..=4]
        | [HANDSHAKE, 3, 0..=4, _]
        | [HANDSHAKE, 3, 0..=4, _, _] => true,
        [HANDSHAKE, 3, 0..=4, _, _, first, ..] => *first == CLIENT_HELLO,
        _ => false,
    }
}

/// Read the ClientHello from the beginning of a TCP stream.
pub fn hello_from_records(stream: &[u8]) -> Finding<ClientHello> {
    let mut records = Cursor::new(stream);
    let mut message = Vec::new();
    loop {
        let Some(kind) = records.u8() else { return Finding::Unfinished };
        let (Some(version), Some(length)) = (records.u16(), records.u16()) else { return Finding::Unfinished };
        let length = usize::from(length);
        if kind != HANDSHAKE || !(0x0300..=0x0304).contains(&version) || !(1..=MAXIMUM_RECORD_BYTES).contains(&length) {
            return Finding::Nothing;
        }
        let part = records.take(length).unwrap_or(records.rest());
        message.extend_from_slice(part);
        match hello_from_message(&message) {
            Finding::Unfinished if part.len() == length => {}
            finding => return finding,
        }
    }
}

/// Read the ClientHello from the beginning of a handshake, in whatever it travelled.
pub fn hello_from_message(message: &[u8]) -> Finding<ClientHello> {
    let (&[kind, high, middle, low], body) = match message.split_first_chunk() {
        Some(parts) => parts,
        None if message.first().is_none_or(|&kind| kind == CLIENT_HELLO) => return Finding::Unfinished,
        None => return Finding::Nothing,
    };
    let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
    if kind != CLIENT_HELLO || length > MAXIMUM_STREAM_BYTES {
        return Finding::Nothing;
    }
    match body.get(..length) {
        Some(hello) => ClientHello::read(hello).map_or(Finding::Nothing, Finding::Found),
        None => Finding::Unfinished,
    }
}

//! Messages: what one read of a netlink socket holds, one after another.

use super::connection::Connection;
use crate::wire::Cursor;

const HEADER_BYTES: usize = 16;
/// The header of netfilter's own: address family, version, resource.
const FAMILY_HEADER_BYTES: usize = 4;
/// Every message begins on a multiple of this.
const ALIGNMENT: usize = 4;

const ERROR: u16 = 2;
const DONE: u16 = 3;
/// Connection tracking's messages of a new or changed connection and of one that is gone.
const CONNECTION: u16 = 1 << 8;
const CONNECTION_GONE: u16 = 1 << 8 | 2;

/// Flag of a message that is part of an answer with several.
const PART: u16 = 0x2;
/// Flags of a message about something that did not exist before.
const CREATED: u16 = 0x600;

/// What the kernel says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A connection began.
    Created(Connection),
    /// A connection changed.
    Changed(Connection),
    /// A connection is over.
    Gone(Connection),
    /// A connection of the table that was asked for.
    Listed(Connection),
    /// The table that was asked for ends here, whole unless connections were skipped in between.
    ListEnd,
    /// A request was refused, with this error number; 0 is an acknowledgement.
    Refused(i32),
    /// Not about connections.
    Other,
    /// Cut, or contradicting itself.
    Malformed,
}

/// The messages that one read returned. The rest after a length that cannot be is one malformed message.
pub fn messages(bytes: &[u8]) -> impl Iterator<Item = Message> {
    let mut cursor = Cursor::new(bytes);
    std::iter::from_fn(move || {
        if cursor.rest().is_empty() {
            return None;
        }
        let whole = length(cursor.rest()).and_then(|length| cursor.take(length));
        let Some(whole) = whole else {
            cursor = Cursor::new(&[]);
            return Some(Message::Malformed);
        };
        let padding = whole.len().next_multiple_of(ALIGNMENT) - whole.len();
        cursor.take(padding.min(cursor.rest().len()));
        Some(message(whole))
    })
}

fn length(bytes: &[u8]) -> Option<usize> {
    let length = u32::from_ne_bytes(*bytes.first_chunk()?) as usize;
    (length >= HEADER_BYTES).then_some(length)
}

fn message(whole: &[u8]) -> Message {
    let (header, body) = whole.split_at(HEADER_BYTES);
    let kind = u16::from_ne_bytes([header[4], header[5]]);
    let flags = u16::from_ne_bytes([header[6], header[7]]);
    match kind {
        CONNECTION | CONNECTION_GONE => {
            let attributes = body.get(FAMILY_HEADER_BYTES..);
            let Some(connection) = attributes.and_then(Connection::parse) else { return Message::Malformed };
            match kind {
                CONNECTION_GONE => Message::Gone(connection),
                _ if flags & PART != 0 => Message::Listed(connection),
                _ if flags & CREATED != 0 => Message::Created(connection),
                _ => Message::Changed(connection),
            }
        }
        DONE => Message::ListEnd,
        ERROR => match body.first_chunk() {
            Some(number) => Message::Refused(i32::from_ne_bytes(*number).saturating_neg()),
            None => Message::Malformed,
        },
        _ => Message::Other,
    }
}

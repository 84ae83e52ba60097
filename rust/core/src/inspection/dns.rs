//! DNS answers: the name that was asked, and the addresses it led to (RFC 1035).

use crate::{
    address::{Address, address_from_v4},
    wire::Cursor,
};

use super::host_name;

const RESPONSE: u16 = 0x8000;
const OPERATION: u16 = 0x7800;
const RESPONSE_CODE: u16 = 0x000f;
const INTERNET: u16 = 1;
const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;

const MAXIMUM_LABELS: usize = 128;
/// Addresses that are told of one answer; resolvers send fewer, or their answers would not fit.
const MAXIMUM_ADDRESSES: usize = 64;
const MAXIMUM_RECORDS: u16 = 512;

/// An address an answer led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DnsAddress {
    /// Address.
    pub address: Address,
    /// Seconds for which it may be used, the shortest on the way.
    pub ttl_seconds: u32,
}

/// An answer that found something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsAnswer {
    /// Number of the question.
    pub id: u16,
    /// The name that was asked, whatever aliases lie between it and the addresses.
    pub name: String,
    /// Where it led.
    pub addresses: Vec<DnsAddress>,
}

/// The first message of a stream over TCP, where its length stands in front (RFC 1035, section 4.2.2), and what follows;
/// `None` where it is not whole.
pub fn first_message(stream: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = stream.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// The number of a question; `None` for an answer, or no message at all.
pub fn question_id(message: &[u8]) -> Option<u16> {
    let mut message = Cursor::new(message);
    let (id, flags) = (message.u16()?, message.u16()?);
    (flags & RESPONSE == 0).then_some(id)
}

/// Whether it is one standard question of the internet's names and nothing else could be meant by it.
pub fn is_question(message: &[u8]) -> bool {
    let question = |mut cursor: Cursor| {
        let (_, flags, questions) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
        let (answers, authorities, _) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
        let is_standard = flags & (RESPONSE | OPERATION | RESPONSE_CODE) == 0;
        if !is_standard || (questions, answers, authorities) != (1, 0, 0) {
            return None;
        }
        skip_name(&mut cursor)?;
        let (_, class) = (cursor.u16()?, cursor.u16()?);
        Some(class == INTERNET)
    };
    question(Cursor::new(message)).unwrap_or(false)
}

/// Read an answer; `None` for a question, for one that found no address, and for what is no message.
pub fn answer_from_message(message: &[u8]) -> Option<DnsAnswer> {
    let mut cursor = Cursor::new(message);
    let (id, flags, questions, answers) = (cursor.u16()?, cursor.u16()?, cursor.u16()?, cursor.u16()?);
    cursor.take(4)?;
    if flags & RESPONSE == 0 || flags & RESPONSE_CODE != 0 || questions != 1 || answers > MAXIMUM_RECORDS {
        return None;
    }
    let name = name(message, &mut cursor)?;
    cursor.take(4)?;
    let mut addresses = Vec::new();
    let mut shortest = u32::MAX;
    for _ in 0..answers {
        skip_name(&mut cursor)?;
        let (kind, class, ttl, length) = (cursor.u16()?, cursor.u16()?, cursor.u32()?, cursor.u16()?);
        let data = cursor.take(usize::from(length))?;
        let address = match (class, kind, <[u8; 4]>::try_from(data), Address::try_from(data)) {
            (INTERNET, A, Ok(v4), _) => Some(address_from_v4(v4)),
            (INTERNET, AAAA, _, Ok(v6)) => Some(v6),
            (INTERNET, CNAME, ..) => None,
            _ => continue,
        };
        shortest = shortest.min(ttl);
        if addresses.len() < MAXIMUM_ADDRESSES {
            addresses.extend(address);
        }
    }
    let addresses: Vec<_> =
        addresses.into_iter().map(|address| DnsAddress { address, ttl_seconds: shortest }).collect();
    (!addresses.is_empty()).then_some(DnsAnswer { id, name, addresses })
}

/// The name at the cursor, which then stands behind it. A pointer must lead backwards, so that a message
/// cannot send us round in circles (RFC 1035, section 4.1.4).
fn name<'a>(message: &'a [u8], cursor: &mut Cursor<'a>) -> Option<String> {
    let mut text = Vec::new();
    let mut limit = message.len() - cursor.rest().len();
    let mut reader = *cursor;
    let mut behind = None;
    for _ in 0..MAXIMUM_LABELS {
        match reader.u8()? {
            0 => {
                *cursor = behind.unwrap_or(reader);
                return host_name(&text);
            }
            length @ 1..=63 => {
                if !text.is_empty() {
                    text.push(b'.');
                }
                text.extend_from_slice(reader.take(usize::from(length))?);
            }
            high if high >= 0xc0 => {
                let target = usize::from(high & 0x3f) << 8 | usize::from(reader.u8()?);
                if target >= limit {
                    return None;
                }
                behind.get_or_insert(reader);
                reader = Cursor::new(&message[target..]);
                limit = target;
            }
            _ => return None,
        }
    }
    None
}

fn skip_name(cursor: &mut Cursor) -> Option<()> {
    loop {
        match cursor.u8()? {
            0 => return Some(()),
            length @ 1..=63 => cursor.take(usize::from(length))?,
            high if high >= 0xc0 => return cursor.take(1).map(|_| ()),
            _ => return None,
        };
    }
}

//! How structures are laid out, and values read from them.

use std::fmt::{self, Write as _};

use super::sample::padded;
use crate::{
    address::{Address, address_from_v4, ip_from_address, is_unspecified},
    columns::Cell,
    schema::Field,
    wire::Cursor,
};

/// One structure of the specification.
#[derive(Debug)]
pub struct Structure {
    /// Its number; those here are all of enterprise 0.
    pub tag: u32,
    /// Its fields, in wire order.
    pub fields: &'static [StructureField],
}

impl Structure {
    /// The specification's name of it.
    pub fn name(&self) -> &'static str {
        self.fields.first().map_or("", |field| field.name.split('.').next().unwrap_or_default())
    }
}

/// One field of a structure.
#[derive(Debug)]
pub struct StructureField {
    /// The specification's names of the structure and the field, with a dot between.
    pub name: &'static str,
    /// How it is written.
    pub form: Form,
    /// Column it fills, where it has one.
    pub column: Option<Field>,
    /// Whether another field is believed before it, which is why it is kept by name as well.
    pub fills_gap: bool,
    /// Whether it says of what the others speak.
    pub is_scope: bool,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// 32 bits.
    U32,
    /// 64 bits.
    U64,
    /// 32 bits, of which all set say that there is no such count.
    Counter32,
    /// 64 bits, of which all set say that there is no such count.
    Counter64,
    /// 32 bits in hundredths of a percent, all set where unknown.
    Percent,
    /// IEEE 754, 32 bits.
    Float,
    /// Four bytes.
    Ipv4,
    /// Sixteen bytes.
    Ipv6,
    /// A kind, then four or sixteen bytes, or none.
    Address,
    /// Six bytes and two to fill up.
    Mac,
    /// A length, so many bytes and what fills up to a multiple of four.
    Text,
    /// The same of bytes that are no text.
    Bytes,
    /// Sixteen bytes that are no text.
    Uuid,
    /// A class in one byte and an index in three.
    Source,
    /// A count and so many numbers.
    Numbers,
    /// The same of BGP communities, two numbers in each.
    Communities,
    /// A count and so many segments of an AS path.
    AsPath,
    /// A count and so many lanes of an optical module, ten numbers each.
    Lanes,
    /// A count and so many adapters of a host: an interface index, a count and so many MAC addresses.
    Adapters,
}

/// A value as it was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A number.
    Number(u64),
    /// Nobody counted.
    Uncounted,
    /// A number with a fraction.
    Float(f32),
    /// An address.
    Address(Address),
    /// A MAC address.
    Mac([u8; 6]),
    /// Text, or what should be.
    Text(&'a [u8]),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A class and an index.
    Source(u8, u32),
    /// 32-bit numbers, one after another.
    Numbers(&'a [u8]),
    /// BGP communities, one after another.
    Communities(&'a [u8]),
    /// Segments of an AS path.
    AsPath(AsPath<'a>),
    /// Lanes of an optical module, one after another.
    Lanes(&'a [u8]),
    /// Adapters of a host, one after another.
    Adapters(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The value for a column; `None` where it says nothing.
    pub fn cell(&self) -> Option<Cell<'a>> {
        match self {
            Self::Number(number) => Some(Cell::Number(*number)),
            Self::Address(address) => (!is_unspecified(address)).then_some(Cell::Address(*address)),
            Self::Mac(address) => Some(Cell::Mac(*address)),
            Self::Text(bytes) => {
                let text = std::str::from_utf8(bytes).ok()?.trim_end_matches('\0');
                (!text.is_empty()).then_some(Cell::Text(text))
            }
            Self::AsPath(path) => path.last().map(|last| Cell::Number(last.into())),
            _ => None,
        }
    }

    /// Write the value for people into `text`, which is emptied first; `None` where only its bytes mean something.
    pub fn text<'t>(&self, text: &'t mut String) -> Option<&'t str> {
        text.clear();
        let written = match self {
            Self::Number(number) => write!(text, "{number}"),
            Self::Float(number) => write!(text, "{number}"),
            Self::Address(address) => write!(text, "{}", ip_from_address(*address)),
            Self::Mac(address) => write_all(text, ":", address.iter(), |text, byte| write!(text, "{byte:02x}")),
            Self::Text(bytes) => write!(text, "{}", String::from_utf8_lossy(bytes).trim_end_matches('\0')),
            Self::Source(class, index) => write!(text, "{class}:{index}"),
            Self::Numbers(bytes) => {
                write_all(text, " ", words(bytes), |text, word| write!(text, "{}", u32::from_be_bytes(word)))
            }
            Self::Communities(bytes) => write_all(text, " ", words(bytes), |text, [a, b, c, d]| {
                write!(text, "{}:{}", u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
            }),
            Self::AsPath(path) => write_path(text, *path),
            Self::Lanes(bytes) => write_all(text, ", ", bytes.chunks_exact(LANE_BYTES), |text, lane| {
                write_all(text, " ", words(lane), |text, word| write!(text, "{}", u32::from_be_bytes(word)))
            }),
            Self::Adapters(bytes) => write_all(text, ", ", adapters(bytes), |text, (index, addresses)| {
                write!(text, "{index}")?;
                addresses.chunks_exact(MAC_BYTES).try_for_each(|address| {
                    text.push(' ');
                    write_all(text, ":", address[..6].iter(), |text, byte| write!(text, "{byte:02x}"))
                })
            }),
            Self::Uncounted | Self::Bytes(_) => return None,
        };
        written.is_ok().then_some(text)
    }
}

/// Bytes of a lane: its number, then of what it sends and of what it receives current, power and wavelength.
const LANE_BYTES: usize = 40;
/// Bytes of a MAC address, filled up.
const MAC_BYTES: usize = 8;

fn words(bytes: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    bytes.chunks_exact(4).map(|word| [word[0], word[1], word[2], word[3]])
}

fn write_all<T>(
    text: &mut String,
    separator: &str,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut String, T) -> fmt::Result,
) -> fmt::Result {
    for (place, item) in items.enumerate() {
        if place > 0 {
            text.push_str(separator);
        }
        write(text, item)?;
    }
    Ok(())
}

/// As BGP tools do: `64500 64501 {64502,64503}`.
fn write_path(text: &mut String, path: AsPath<'_>) -> fmt::Result {
    let number = |text: &mut String, word| write!(text, "{}", u32::from_be_bytes(word));
    write_all(text, " ", path.segments(), |text, (is_set, numbers)| {
        if !is_set {
            return write_all(text, " ", words(numbers), number);
        }
        text.push('{');
        write_all(text, ",", words(numbers), number)?;
        text.push('}');
        Ok(())
    })
}

/// Find a structure by its tag.
pub fn find_structure(structures: &'static [Structure], tag: u32) -> Option<&'static Structure> {
    let place = structures.binary_search_by_key(&tag, |structure| structure.tag).ok()?;
    Some(&structures[place])
}

/// Read a value; `None` when there are too few bytes for it. Also returns the bytes it was read from.
pub fn read_value<'a>(form: Form, cursor: &mut Cursor<'a>) -> Option<(Value<'a>, &'a [u8])> {
    let raw = |cursor: &mut Cursor<'a>, length: usize| cursor.take(length);
    Some(match form {
        Form::U32 | Form::Counter32 | Form::Percent => {
            let bytes = raw(cursor, 4)?;
            let number = u32::from_be_bytes(*bytes.first_chunk()?);
            let is_unknown = form != Form::U32 && number == u32::MAX;
            (if is_unknown { Value::Uncounted } else { Value::Number(u64::from(number)) }, bytes)
        }
        Form::U64 | Form::Counter64 => {
            let bytes = raw(cursor, 8)?;
            let number = u64::from_be_bytes(*bytes.first_chunk()?);
            let is_unknown = form == Form::Counter64 && number == u64::MAX;
            (if is_unknown { Value::Uncounted } else { Value::Number(number) }, bytes)
        }
        Form::Source => {
            let bytes = raw(cursor, 4)?;
            let word = u32::from_be_bytes(*bytes.first_chunk()?);
            (Value::Source(bytes[0], word & 0x00ff_ffff), bytes)
        }
        Form::Float => {
            let bytes = raw(cursor, 4)?;
            (Value::Float(f32::from_be_bytes(*bytes.first_chunk()?)), bytes)
        }
        Form::Ipv4 => ipv4(raw(cursor, 4)?)?,
        Form::Ipv6 => ipv6(raw(cursor, 16)?)?,
        Form::Address => match cursor.u32()? {
            1 => ipv4(raw(cursor, 4)?)?,
            2 => ipv6(raw(cursor, 16)?)?,
            // An address that is not known has no bytes.
            _ => (Value::Bytes(&[]), &[]),
        },
        Form::Mac => {
            let bytes = &raw(cursor, 8)?[..6];
            (Value::Mac(*bytes.first_chunk()?), bytes)
        }
        Form::Text => padded(cursor).map(|bytes| (Value::Text(bytes), bytes))?,
        Form::Bytes => padded(cursor).map(|bytes| (Value::Bytes(bytes), bytes))?,
        Form::Uuid => raw(cursor, 16).map(|bytes| (Value::Bytes(bytes), bytes))?,
        Form::Numbers => numbers(cursor).map(|bytes| (Value::Numbers(bytes), bytes))?,
        Form::Communities => numbers(cursor).map(|bytes| (Value::Communities(bytes), bytes))?,
        Form::AsPath => as_path(cursor).map(|path| (Value::AsPath(path), path.0))?,
        Form::Lanes => {
            let count = cursor.u32()? as usize;
            let bytes = cursor.take(count.checked_mul(LANE_BYTES)?)?;
            (Value::Lanes(bytes), bytes)
        }
        Form::Adapters => {
            let count = cursor.u32()?;
            let before = cursor.rest();
            for _ in 0..count {
                adapter(cursor)?;
            }
            let bytes = &before[..before.len() - cursor.rest().len()];
            (Value::Adapters(bytes), bytes)
        }
    })
}

/// An adapter's interface index and its MAC addresses. It takes eight bytes at least, so bytes end any count.
fn adapter<'a>(cursor: &mut Cursor<'a>) -> Option<(u32, &'a [u8])> {
    let (index, count) = (cursor.u32()?, cursor.u32()? as usize);
    Some((index, cursor.take(count.checked_mul(MAC_BYTES)?)?))
}

fn adapters(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut cursor = Cursor::new(bytes);
    std::iter::from_fn(move || adapter(&mut cursor))
}

fn ipv4(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    Some((Value::Address(address_from_v4(*bytes.first_chunk()?)), bytes))
}

fn ipv6(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    Some((Value::Address(*bytes.first_chunk()?), bytes))
}

/// Read a count and so many 32-bit numbers.
fn numbers<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let count = cursor.u32()? as usize;
    cursor.take(count.checked_mul(4)?)
}

/// The segments of an AS path, as they are on the wire: a kind, a count and so many numbers each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AsPath<'a>(&'a [u8]);

impl<'a> AsPath<'a> {
    const SET: u32 = 1;

    /// Each segment: whether it is a set, and its numbers.
    pub fn segments(self) -> impl Iterator<Item = (bool, &'a [u8])> {
        let mut cursor = Cursor::new(self.0);
        std::iter::from_fn(move || {
            let kind = cursor.u32()?;
            Some((kind == Self::SET, numbers(&mut cursor)?))
        })
    }

    /// The autonomous system that the path leads to.
    pub fn last(self) -> Option<u32> {
        let (_, numbers) = self.segments().filter(|(_, numbers)| !numbers.is_empty()).last()?;
        numbers.last_chunk().map(|number| u32::from_be_bytes(*number))
    }
}

/// Read a count and so many segments of an AS path.
fn as_path<'a>(cursor: &mut Cursor<'a>) -> Option<AsPath<'a>> {
    let count = cursor.u32()?;
    let bytes = cursor.rest();
    for _ in 0..count {
        cursor.u32()?;
        numbers(cursor)?;
    }
    Some(AsPath(&bytes[..bytes.len() - cursor.rest().len()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn an_as_path_has_sets_and_sequences() {
        let bytes = words(&[2, 2, 2, 64500, 64501, 1, 2, 64502, 64503, 9]);
        let mut cursor = Cursor::new(&bytes);
        let path = as_path(&mut cursor).unwrap();
        assert_eq!(
            path.segments().map(|(is_set, numbers)| (is_set, numbers.len())).collect::<Vec<_>>(),
            [(false, 8), (true, 8)]
        );
        assert_eq!((path.last(), cursor.u32()), (Some(64503), Some(9)));
    }

    /// Proves F7.
    #[test]
    fn a_path_of_four_billion_segments_ends_with_the_bytes() {
        let bytes = words(&[u32::MAX, 2, 1, 64500]);
        assert_eq!(as_path(&mut Cursor::new(&bytes)), None);
        let bytes = words(&[1, 2, u32::MAX, 64500]);
        assert_eq!(as_path(&mut Cursor::new(&bytes)), None);
    }

    #[test]
    fn text_is_filled_up_to_whole_words() {
        let bytes = [&[0, 0, 0, 3][..], b"ann\0", &[0, 0, 0, 1]].concat();
        let mut cursor = Cursor::new(&bytes);
        assert_eq!(read_value(Form::Text, &mut cursor), Some((Value::Text(b"ann"), &b"ann"[..])));
        assert_eq!(cursor.u32(), Some(1));
    }

    #[test]
    fn lanes_and_adapters_are_told_one_after_another() {
        let told = |form, bytes: &[u8]| {
            let (value, raw) = read_value(form, &mut Cursor::new(bytes))?;
            assert_eq!(raw, &bytes[4..]);
            value.text(&mut String::new()).map(str::to_string)
        };
        let lanes = words(&[&[2][..], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], &[2; 10]].concat());
        assert_eq!(told(Form::Lanes, &lanes).unwrap(), "1 2 3 4 5 6 7 8 9 10, 2 2 2 2 2 2 2 2 2 2");
        let adapters = words(&[2, 7, 2, 0x0200_0000, 0x0001_0000, 0x0200_0000, 0x0002_0000, 8, 0]);
        assert_eq!(told(Form::Adapters, &adapters).unwrap(), "7 02:00:00:00:00:01 02:00:00:00:00:02, 8");
        for (form, whole) in [(Form::Lanes, &lanes), (Form::Adapters, &adapters)] {
            assert!((0..whole.len()).all(|length| read_value(form, &mut Cursor::new(&whole[..length])).is_none()));
            let count = [&[0xff; 4], &whole[4..]].concat();
            assert_eq!(read_value(form, &mut Cursor::new(&count)), None, "bytes end any count");
        }
    }

    #[test]
    fn all_bits_set_are_no_count() {
        let read = |form, bytes: &'static [u8]| read_value(form, &mut Cursor::new(bytes)).map(|(value, _)| value);
        assert_eq!(read(Form::Counter32, &[255; 4]), Some(Value::Uncounted));
        assert_eq!(read(Form::U32, &[255; 4]), Some(Value::Number(u64::from(u32::MAX))));
        assert_eq!(read(Form::Counter64, &[255; 7]), None);
    }
}

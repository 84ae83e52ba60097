//! A column of a batch, ready to be written row by row.

use std::{iter, net::Ipv6Addr};

use arrow_array::{
    Array, RecordBatch, StringArray,
    cast::AsArray,
    types::{Int64Type, TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type},
};
use arrow_buffer::NullBuffer;

use super::{applications::Numbers, clock::Clock, records::Records, widths::Widths};
use crate::{
    address::{Address, is_v4},
    application::WireId,
    schema::{FIELDS, Field, Kind},
    templates::FieldSpecifier,
    time::{Instant, MILLISECOND},
    wire::ProtocolVersion,
};

/// Longest text that is sent; one byte tells its length in IPFIX. Longer text is cut.
const MAXIMUM_TEXT_BYTES: usize = 254;

/// The values of a column.
enum Values<'a> {
    /// Zeros, but for nulls.
    Zeros {
        length: u16,
    },
    U8(&'a [u8]),
    U16(&'a [u16]),
    /// In `length` bytes, which are enough for all of them; likewise below.
    U32 {
        values: &'a [u32],
        length: u16,
    },
    U64 {
        values: &'a [u64],
        length: u16,
    },
    I64 {
        values: &'a [i64],
        length: u16,
    },
    Time(&'a [i64]),
    Address(&'a [Address]),
    Mac(&'a [[u8; 6]]),
    /// Variable in IPFIX; padded to `length` in v9, which has no variable length.
    Text {
        array: &'a StringArray,
        length: u16,
    },
    /// In `length` bytes, as those of the rows that are shown all are.
    Numbers {
        numbers: Numbers,
        length: u16,
    },
}

/// A column that holds at least one value.
pub struct Source<'a> {
    values: Values<'a>,
    nulls: Option<NullBuffer>,
}

impl<'a> Source<'a> {
    /// The column of a field; `None` when the batch has no value there.
    pub fn of(batch: &'a RecordBatch, field: Field, version: ProtocolVersion, widths: &mut Widths) -> Option<Self> {
        let (_, name, kind) = FIELDS[field as usize];
        let array = batch.column_by_name(name)?;
        if array.null_count() == array.len() {
            return None;
        }
        let values = match kind {
            Kind::U8 => Values::U8(array.as_primitive::<UInt8Type>().values()),
            Kind::U16 => Values::U16(array.as_primitive::<UInt16Type>().values()),
            Kind::U32 => {
                let values: &[u32] = array.as_primitive::<UInt32Type>().values();
                counters(values, widths.of_u32(field, values))
            }
            Kind::U64 => {
                let values: &[u64] = array.as_primitive::<UInt64Type>().values();
                Values::U64 { values, length: widths.of_u64(field, values) }
            }
            Kind::I64 => {
                let values: &[i64] = array.as_primitive::<Int64Type>().values();
                Values::I64 { values, length: widths.of_i64(field, values) }
            }
            Kind::Instant => Values::Time(array.as_primitive::<TimestampNanosecondType>().values()),
            Kind::Address => Values::Address(array.as_fixed_size_binary().value_data().as_chunks().0),
            Kind::Mac => Values::Mac(array.as_fixed_size_binary().value_data().as_chunks().0),
            Kind::Text => {
                let array = array.as_string::<i32>();
                Values::Text { array, length: column_length(array, version) }
            }
            Kind::Elements => return None,
        };
        Some(Self { values, nulls: array.nulls().filter(|nulls| nulls.null_count() > 0).cloned() })
    }

    /// The same without the rows that are null in `shown`; `None` when none is left.
    pub fn only(self, shown: &NullBuffer) -> Option<Self> {
        let nulls = NullBuffer::union(self.nulls.as_ref(), Some(shown)).filter(|nulls| nulls.null_count() > 0);
        let is_empty = nulls.as_ref().is_some_and(|nulls| nulls.null_count() == nulls.len());
        (!is_empty).then_some(Self { nulls, ..self })
    }

    /// Of a column of applications, the rows whose number takes so many bytes.
    pub fn numbered(self, numbers: &Numbers, length: u16) -> Option<Self> {
        let source = match numbers.count(length) {
            0 => return None,
            count if count == numbers.count_all() && self.named_count(numbers) == 0 => self,
            _ => self.only(&numbers.shown(length))?,
        };
        Some(Self { values: Values::Numbers { numbers: numbers.clone(), length }, ..source })
    }

    /// Of a column of applications, the rows with a name and no number.
    pub fn named(self, numbers: &Numbers) -> Option<Self> {
        if self.named_count(numbers) == 0 { None } else { self.only(&numbers.without()) }
    }

    fn named_count(&self, numbers: &Numbers) -> usize {
        numbers.rows() - numbers.count_all() - self.nulls.as_ref().map_or(0, NullBuffer::null_count)
    }

    /// Whether the row has a value.
    #[inline]
    pub fn is_valid(&self, row: usize) -> bool {
        self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
    }

    /// Which rows have a value; `None` where all have.
    pub fn nulls(&self) -> Option<&NullBuffer> {
        self.nulls.as_ref()
    }

    /// Whether the row's address needs 16 bytes.
    #[inline]
    pub fn is_wide(&self, row: usize) -> bool {
        matches!(self.values, Values::Address(values) if self.is_valid(row) && !is_v4(&values[row]))
    }

    /// Whether every time of the column is a whole number of milliseconds.
    pub fn is_whole_milliseconds(&self) -> bool {
        let Values::Time(times) = self.values else { return true };
        times.iter().enumerate().all(|(row, time)| time % MILLISECOND == 0 || !self.is_valid(row))
    }

    /// The row's number, widened; 0 where there is none.
    pub fn number(&self, row: usize) -> u64 {
        match self.values {
            _ if !self.is_valid(row) => 0,
            Values::U8(values) => values[row].into(),
            Values::U16(values) => values[row].into(),
            Values::U32 { values, .. } => values[row].into(),
            Values::U64 { values, .. } => values[row],
            _ => 0,
        }
    }

    /// The row's time.
    pub fn time(&self, row: usize) -> Option<Instant> {
        match self.values {
            Values::Time(values) if self.is_valid(row) => Some(values[row]),
            _ => None,
        }
    }

    /// The row's address, if it is IPv4.
    pub fn v4(&self, row: usize) -> Option<[u8; 4]> {
        match self.values {
            Values::Address(values) if self.is_valid(row) => {
                Ipv6Addr::from(values[row]).to_ipv4_mapped().map(|v4| v4.octets())
            }
            _ => None,
        }
    }

    /// The bytes of a value as a template announces them.
    pub fn length(&self, clock: Clock, is_wide: bool) -> u16 {
        match self.values {
            Values::U8(_) => 1,
            Values::U16(_) => 2,
            Values::Time(_) => clock.length(),
            Values::Address(_) if is_wide => 16,
            Values::Address(_) => 4,
            Values::Mac(_) => 6,
            Values::Zeros { length }
            | Values::U32 { length, .. }
            | Values::U64 { length, .. }
            | Values::I64 { length, .. }
            | Values::Text { length, .. }
            | Values::Numbers { length, .. } => length,
        }
    }

    /// The bytes that [`Self::write`] will write.
    pub fn written_length(&self, row: usize, clock: Clock, is_wide: bool) -> usize {
        match (&self.values, self.length(clock, is_wide)) {
            (Values::Text { array, .. }, FieldSpecifier::VARIABLE) => {
                1 + cut(array.value(row), MAXIMUM_TEXT_BYTES).len()
            }
            (_, length) => usize::from(length),
        }
    }

    /// Fill the values of rows into their records, in network byte order. Text of variable length has its own length in
    /// each record, so there it is one row.
    pub fn fill(&self, rows: &[u32], clock: Clock, is_wide: bool, records: &mut Records) {
        let rows = rows.iter().map(|&row| row as usize);
        match self.values {
            Values::Zeros { length } => records.leave(length.into()),
            Values::U8(values) => records.fill(rows.map(|row| [values[row]])),
            Values::U16(values) => records.fill(rows.map(|row| values[row].to_be_bytes())),
            Values::U32 { values, length: 1 } => records.fill(rows.map(|row| [values[row] as u8])),
            Values::U32 { values, .. } => records.fill(rows.map(|row| values[row].to_be_bytes())),
            Values::U64 { values, length: 4 } => records.fill(rows.map(|row| (values[row] as u32).to_be_bytes())),
            Values::U64 { values, .. } => records.fill(rows.map(|row| values[row].to_be_bytes())),
            Values::I64 { values, length: 4 } => records.fill(rows.map(|row| (values[row] as u32).to_be_bytes())),
            Values::I64 { values, .. } => records.fill(rows.map(|row| values[row].to_be_bytes())),
            Values::Time(values) => clock.fill(rows.map(|row| values[row]), records),
            Values::Address(values) if is_wide => records.fill(rows.map(|row| values[row])),
            Values::Address(values) => records.fill(rows.map(|row| v4_octets(&values[row]))),
            Values::Mac(values) => records.fill(rows.map(|row| values[row])),
            Values::Numbers { ref numbers, length } if usize::from(length) == WireId::SHORT => {
                records.fill(rows.map(|row| match numbers.get(row) {
                    Some(WireId::Short(bytes)) => *bytes,
                    _ => [0; WireId::SHORT],
                }));
            }
            Values::Numbers { ref numbers, length } => {
                let bytes = rows.map(|row| numbers.get(row).map_or(&[][..], WireId::bytes));
                records.fill_bytes(length.into(), bytes);
            }
            Values::Text { array, length: FieldSpecifier::VARIABLE } => {
                for text in rows.map(|row| cut(array.value(row), MAXIMUM_TEXT_BYTES)) {
                    records.fill(iter::once([text.len() as u8]));
                    records.fill_bytes(text.len(), iter::once(text.as_bytes()));
                }
            }
            Values::Text { array, length } => {
                let length = usize::from(length);
                records.fill_bytes(length, rows.map(|row| cut(array.value(row), length).as_bytes()));
            }
        }
    }

    /// Set bits in the keys of rows whose address needs 16 bytes.
    pub fn mark_wide(&self, mark: u64, keys: &mut [u64]) {
        let Values::Address(values) = self.values else { return };
        for (row, (key, value)) in keys.iter_mut().zip(values).enumerate() {
            if !is_v4(value) && self.is_valid(row) {
                *key |= mark;
            }
        }
    }
}

/// Numbers of 32 bits, of which those that fit in a byte count what seldom happens.
fn counters(values: &[u32], length: u16) -> Values<'_> {
    if length == 1 && values.iter().fold(0, |bits, value| bits | value) == 0 {
        return Values::Zeros { length };
    }
    Values::U32 { values, length }
}

/// The address where it is known to be IPv4.
fn v4_octets(address: &Address) -> [u8; 4] {
    let [.., a, b, c, d] = *address;
    [a, b, c, d]
}

/// The length of a column of text, by its longest value.
fn column_length(array: &StringArray, version: ProtocolVersion) -> u16 {
    if version == ProtocolVersion::Ipfix {
        return FieldSpecifier::VARIABLE;
    }
    text_length(array.iter().flatten().map(str::len).max().unwrap_or(0))
}

/// Lengths are rounded up to few values, so that batches share templates.
pub fn text_length(longest: usize) -> u16 {
    longest.next_power_of_two().clamp(16, MAXIMUM_TEXT_BYTES) as u16
}

/// The longest beginning that ends between two characters.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

//! The values of a column in a few rows.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, ArrowPrimitiveType, FixedSizeBinaryArray, PrimitiveArray, StringArray,
    types::{Int64Type, TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type},
};
use arrow_buffer::{Buffer, NullBuffer, NullBufferBuilder};
use arrow_schema::{DataType, TimeUnit};
use parquet::basic::{Encoding, Type};

use super::{
    column::{Column, DataPage},
    cursor::Cursor,
    deltas::Deltas,
    numbers::Numbers,
    refusal::{Refusal, damaged},
};

/// The values of some rows, in order, as an array of a type.
pub fn gather(mut column: Column, stored: (Type, i32), wanted: &DataType, rows: &[u32]) -> Result<ArrayRef, Refusal> {
    match (wanted, stored) {
        (DataType::UInt8, (Type::INT32, _)) => {
            numbers::<UInt8Type, i32>(&mut column, wanted, rows, |number| number as u8)
        }
        (DataType::UInt16, (Type::INT32, _)) => {
            numbers::<UInt16Type, i32>(&mut column, wanted, rows, |number| number as u16)
        }
        (DataType::UInt32, (Type::INT32, _)) => {
            numbers::<UInt32Type, i32>(&mut column, wanted, rows, |number| number as u32)
        }
        (DataType::UInt64, (Type::INT64, _)) => {
            numbers::<UInt64Type, i64>(&mut column, wanted, rows, |number| number as u64)
        }
        (DataType::Int64, (Type::INT64, _)) => numbers::<Int64Type, i64>(&mut column, wanted, rows, |number| number),
        (DataType::Timestamp(TimeUnit::Nanosecond, _), (Type::INT64, _)) => {
            numbers::<TimestampNanosecondType, i64>(&mut column, wanted, rows, |instant| instant)
        }
        (DataType::FixedSizeBinary(16), (Type::FIXED_LEN_BYTE_ARRAY, 16)) => bytes::<16>(&mut column, rows),
        (DataType::FixedSizeBinary(6), (Type::FIXED_LEN_BYTE_ARRAY, 6)) => bytes::<6>(&mut column, rows),
        (DataType::Utf8, (Type::BYTE_ARRAY, _)) => texts(&mut column, rows),
        _ => Err(Refusal::Unfamiliar),
    }
}

/// A value of a fixed width.
trait Fixed: Copy + Default {
    /// The value of a number in a dictionary.
    fn numbered(dictionary: &[u8], number: u32) -> Option<Self> {
        Self::plain(dictionary, number as usize)
    }

    /// Whether values are written one after another where there is no dictionary.
    const IS_PLAIN: bool = true;
    /// Whether they are numbers, so that differences are.
    const IS_NUMBER: bool = false;

    /// The value at a place among plain ones.
    fn plain(values: &[u8], place: usize) -> Option<Self>;

    /// A number as a value, where values are numbers.
    fn number(_: i64) -> Option<Self> {
        None
    }
}

macro_rules! number {
    ($($type:ty),+) => {$(
        impl Fixed for $type {
            const IS_NUMBER: bool = true;

            fn plain(values: &[u8], place: usize) -> Option<Self> {
                values.as_chunks().0.get(place).map(|&bytes| Self::from_le_bytes(bytes))
            }

            fn number(number: i64) -> Option<Self> {
                Some(number as Self)
            }
        }
    )+};
}

number!(i32, i64);

impl<const N: usize> Fixed for [u8; N]
where
    [u8; N]: Default,
{
    fn plain(values: &[u8], place: usize) -> Option<Self> {
        values.as_chunks().0.get(place).copied()
    }
}

/// The number of a text in its dictionary.
#[derive(Clone, Copy, Default)]
struct TextNumber(u32);

impl Fixed for TextNumber {
    const IS_PLAIN: bool = false;

    fn numbered(_: &[u8], number: u32) -> Option<Self> {
        Some(Self(number))
    }

    fn plain(_: &[u8], _: usize) -> Option<Self> {
        None
    }
}

/// Of each row its value, or anything where it has none.
struct Values<T> {
    all: Vec<T>,
    nulls: Option<NullBuffer>,
}

fn values<T: Fixed>(column: &mut Column, rows: &[u32]) -> Result<Values<T>, Refusal> {
    let (mut all, mut nulls, mut rest) = (Vec::with_capacity(rows.len()), NullBufferBuilder::new(rows.len()), rows);
    while let Some(&next) = rest.first() {
        let page = column.next(|rows| rows.contains(&(next as usize)))?;
        let page = page.ok_or_else(|| damaged("a column has too few rows"))?;
        let (ours, others) = rest.split_at(rest.partition_point(|&row| (row as usize) < page.end));
        let (places, has_value) = page.places(ours);
        let found: Vec<T> = of_page(&page, column.dictionary.as_deref().unwrap_or_default(), &places)?;
        if let Some(has_value) = has_value {
            let mut found = found.into_iter();
            all.extend(has_value.iter().map(|&has| if has { found.next() } else { None }.unwrap_or_default()));
            for has in has_value {
                nulls.append(has);
            }
        } else {
            nulls.append_n_non_nulls(found.len());
            all.extend(found);
        }
        rest = others;
    }
    Ok(Values { all, nulls: nulls.finish() })
}

/// The values at some places of a page.
fn of_page<T: Fixed>(page: &DataPage, dictionary: &[u8], places: &[u32]) -> Result<Vec<T>, Refusal> {
    let (mut found, mut are_there) = (Vec::with_capacity(places.len()), true);
    let mut put = |value: Option<T>| {
        are_there &= value.is_some();
        found.push(value.unwrap_or_default());
    };
    match page.encoding {
        Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
            let numbers = Numbers::of_dictionary(&page.values, page.count)?;
            numbers.at(places, |number| put(T::numbered(dictionary, number)))?;
        }
        Encoding::PLAIN if T::IS_PLAIN => {
            for &place in places {
                put(T::plain(&page.values, place as usize));
            }
        }
        Encoding::DELTA_BINARY_PACKED if T::IS_NUMBER => {
            Deltas::new(&page.values)?.at(places, |number| put(T::number(number)))?;
        }
        _ => return Err(Refusal::Unfamiliar),
    }
    if are_there { Ok(found) } else { Err(damaged("a page has values that are not there")) }
}

fn numbers<P: ArrowPrimitiveType, T: Fixed>(
    column: &mut Column,
    wanted: &DataType,
    rows: &[u32],
    number: impl Fn(T) -> P::Native,
) -> Result<ArrayRef, Refusal> {
    let Values { all, nulls } = values::<T>(column, rows)?;
    let array = PrimitiveArray::<P>::new(all.into_iter().map(number).collect(), nulls);
    // Instants have a time zone, which is no part of their type here.
    Ok(Arc::new(array.with_data_type(wanted.clone())))
}

fn bytes<const N: usize>(column: &mut Column, rows: &[u32]) -> Result<ArrayRef, Refusal>
where
    [u8; N]: Default,
{
    let Values { all, nulls } = values::<[u8; N]>(column, rows)?;
    let bytes = Buffer::from(all.into_flattened());
    Ok(Arc::new(FixedSizeBinaryArray::new(N as i32, bytes, nulls)))
}

fn texts(column: &mut Column, rows: &[u32]) -> Result<ArrayRef, Refusal> {
    let Values { all, nulls } = values::<TextNumber>(column, rows)?;
    let (mut dictionary, mut texts) = (Cursor(column.dictionary.as_deref().unwrap_or_default()), Vec::new());
    while !dictionary.0.is_empty() {
        let length = dictionary.take(4)?.try_into().map_or(0, u32::from_le_bytes);
        let text = str::from_utf8(dictionary.take(length as usize)?);
        texts.push(text.map_err(|_| damaged("a text is none"))?);
    }
    let text = |row: usize| match &nulls {
        Some(nulls) if nulls.is_null(row) => Ok(None),
        _ => texts.get(all[row].0 as usize).map(|&text| Some(text)).ok_or_else(|| damaged("a text is not there")),
    };
    Ok(Arc::new((0..all.len()).map(text).collect::<Result<StringArray, _>>()?))
}

//! Which of an Arrow column's types is written how.

use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    types::{Int64Type, TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type},
};
use arrow_schema::{DataType, TimeUnit};
use parquet::{errors::Result, schema::types::ColumnDescPtr};

use super::{
    chunk::{Chunk, Page, pages},
    form::Form,
    value::Value,
};

/// Write a column of one leaf; `None` where its type is left to the Parquet library.
///
/// An address that `is_looked_up` can be looked for without reading the column.
pub fn write_column(
    column: &ColumnDescPtr,
    arrays: &[ArrayRef],
    form: Form,
    is_looked_up: bool,
) -> Option<Result<Chunk>> {
    macro_rules! primitive {
        ($type:ty) => {
            chunk(column, arrays, form, |array| pages(array, array.as_primitive::<$type>().values()).collect())
        };
    }
    Some(match arrays.first()?.data_type() {
        DataType::UInt8 => primitive!(UInt8Type),
        DataType::UInt16 => primitive!(UInt16Type),
        DataType::UInt32 => primitive!(UInt32Type),
        DataType::UInt64 => primitive!(UInt64Type),
        DataType::Int64 => primitive!(Int64Type),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => primitive!(TimestampNanosecondType),
        DataType::FixedSizeBinary(16) if is_looked_up => {
            let pages: Vec<_> = arrays.iter().flat_map(|array| pages(array.as_ref(), bytes::<16>(array))).collect();
            Chunk::of_looked_up(column.clone(), &pages, form)
        }
        DataType::FixedSizeBinary(16) => {
            chunk(column, arrays, form, |array| pages(array, bytes::<16>(array)).collect())
        }
        DataType::FixedSizeBinary(6) => chunk(column, arrays, form, |array| pages(array, bytes::<6>(array)).collect()),
        DataType::Utf8 => text(column, arrays, form, |array, row| array.as_string::<i32>().value(row)),
        DataType::Dictionary(..) => names(column, arrays, form),
        _ => return None,
    })
}

fn chunk<'a, T: Value + 'a>(
    column: &ColumnDescPtr,
    arrays: &'a [ArrayRef],
    form: Form,
    cut: impl Fn(&'a dyn Array) -> Vec<Page<'a, T>>,
) -> Result<Chunk> {
    let pages: Vec<_> = arrays.iter().flat_map(|array| cut(array.as_ref())).collect();
    Chunk::of(column.clone(), &pages, form)
}

fn bytes<const N: usize>(array: &dyn Array) -> &[[u8; N]] {
    let array = array.as_fixed_size_binary();
    array.value_data().as_chunks().0
}

/// Text that is numbered already, each array by the same names.
fn names(column: &ColumnDescPtr, arrays: &[ArrayRef], form: Form) -> Result<Chunk> {
    let dictionaries: Vec<_> = arrays.iter().map(AsArray::as_dictionary::<UInt8Type>).collect();
    let names = dictionaries[0].values().as_string::<i32>();
    if dictionaries.iter().all(|dictionary| dictionary.values().as_string::<i32>() == names) {
        let numbers = dictionaries.iter().flat_map(|dictionary| pages(dictionary, dictionary.keys().values()));
        let numbers: Vec<_> = numbers.collect();
        if let Some(chunk) = Chunk::of_names(column.clone(), &numbers, form, |number| names.value(usize::from(number)))?
        {
            return Ok(chunk);
        }
    }
    text(column, arrays, form, |array, row| {
        let array = array.as_dictionary::<UInt8Type>();
        array.values().as_string::<i32>().value(usize::from(array.keys().value(row)))
    })
}

fn text<'a>(
    column: &ColumnDescPtr,
    arrays: &'a [ArrayRef],
    form: Form,
    value: impl Fn(&'a dyn Array, usize) -> &'a str,
) -> Result<Chunk> {
    let value_or_null = |array: &'a dyn Array, row| if array.is_valid(row) { value(array, row) } else { "" };
    let values = |array: &'a ArrayRef| (0..array.len()).map(|row| value_or_null(array.as_ref(), row)).collect();
    let texts: Vec<Vec<&str>> = arrays.iter().map(values).collect();
    let pages: Vec<_> = arrays.iter().zip(&texts).flat_map(|(array, texts)| pages(array.as_ref(), texts)).collect();
    Chunk::of(column.clone(), &pages, form)
}

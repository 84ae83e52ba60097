//! Which of an Arrow column's types is written how.

use arrow_array::{
    Array, ArrayRef, RunArray,
    cast::AsArray,
    types::{Int32Type, Int64Type, TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type},
};
use arrow_schema::{DataType, TimeUnit};
use parquet::{errors::Result, schema::types::ColumnDescPtr};

use super::{
    chunk::{Chunk, Page, pages, pages_of_runs},
    form::Form,
    value::Value,
};
use crate::batch::each_row;

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
            chunk(column, arrays, form, |array| array.as_primitive::<$type>().values())
        };
    }
    Some(match values_of(arrays.first()?).data_type() {
        DataType::UInt8 => primitive!(UInt8Type),
        DataType::UInt16 => primitive!(UInt16Type),
        DataType::UInt32 => primitive!(UInt32Type),
        DataType::UInt64 => primitive!(UInt64Type),
        DataType::Int64 => primitive!(Int64Type),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => primitive!(TimestampNanosecondType),
        DataType::FixedSizeBinary(16) if is_looked_up => {
            Chunk::of_looked_up(column.clone(), &cut(arrays, bytes::<16>), form)
        }
        DataType::FixedSizeBinary(16) => chunk(column, arrays, form, bytes::<16>),
        DataType::FixedSizeBinary(6) => chunk(column, arrays, form, bytes::<6>),
        DataType::Utf8 => text(column, arrays, form, |array, row| array.as_string::<i32>().value(row)),
        DataType::Dictionary(..) => names(column, arrays, form),
        _ => return None,
    })
}

fn chunk<'a, T: Value + 'a>(
    column: &ColumnDescPtr,
    arrays: &'a [ArrayRef],
    form: Form,
    values: impl Fn(&'a dyn Array) -> &'a [T],
) -> Result<Chunk> {
    Chunk::of(column.clone(), &cut(arrays, values), form)
}

/// Cut arrays into pages, in runs those that are in runs.
fn cut<'a, T: Copy + 'a>(arrays: &'a [ArrayRef], values: impl Fn(&'a dyn Array) -> &'a [T]) -> Vec<Page<'a, T>> {
    let mut all = Vec::new();
    for array in arrays {
        match runs_of(array) {
            Some(runs) => all.extend(pages_of_runs(runs.run_ends().values(), values(runs.values().as_ref()))),
            None => all.extend(pages(array.as_ref(), values(array.as_ref()))),
        }
    }
    all
}

fn runs_of(array: &ArrayRef) -> Option<&RunArray<Int32Type>> {
    array.as_any().downcast_ref()
}

/// The array itself, or what the values of its runs are in.
fn values_of(array: &ArrayRef) -> &ArrayRef {
    runs_of(array).map_or(array, RunArray::values)
}

fn bytes<const N: usize>(array: &dyn Array) -> &[[u8; N]] {
    let array = array.as_fixed_size_binary();
    array.value_data().as_chunks().0
}

/// Text that is numbered already, each array by the same names.
fn names(column: &ColumnDescPtr, arrays: &[ArrayRef], form: Form) -> Result<Chunk> {
    let names_of = |array| values_of(array).as_dictionary::<UInt8Type>().values().as_string::<i32>();
    let names = names_of(&arrays[0]);
    if arrays.iter().all(|array| names_of(array) == names) {
        let numbers = cut(arrays, |array| array.as_dictionary::<UInt8Type>().keys().values());
        if let Some(chunk) = Chunk::of_names(column.clone(), &numbers, form, |number| names.value(usize::from(number)))?
        {
            return Ok(chunk);
        }
    }
    let arrays: Vec<_> = arrays.iter().map(each_row).collect();
    text(column, &arrays, form, |array, row| {
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

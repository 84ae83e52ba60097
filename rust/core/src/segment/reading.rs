//! Columns of files that are read again, by name and type.

use std::io;

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray, RecordBatch, StringArray, cast::AsArray, types::UInt8Type,
};

/// Text of each row, written by us as a dictionary and by others as it is.
pub fn texts<'a>(records: &'a RecordBatch, name: &str) -> io::Result<Vec<Option<&'a str>>> {
    let array = named(records, name)?;
    if let Some(texts) = array.as_string_opt::<i32>() {
        return Ok(texts.iter().collect());
    }
    let dictionary = array.as_dictionary_opt::<UInt8Type>().ok_or_else(|| stranger(name))?;
    let texts = dictionary.downcast_dict::<StringArray>().ok_or_else(|| stranger(name))?;
    Ok(texts.into_iter().collect())
}

/// A column of one type.
pub fn column<'a, T: ArrowPrimitiveType>(records: &'a RecordBatch, name: &str) -> io::Result<&'a PrimitiveArray<T>> {
    named(records, name)?.as_primitive_opt().ok_or_else(|| stranger(name))
}

/// The value of a row.
pub fn value<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    column.is_valid(row).then(|| column.value(row))
}

/// A column of any type.
pub fn named<'a>(records: &'a RecordBatch, name: &str) -> io::Result<&'a ArrayRef> {
    records.column_by_name(name).ok_or_else(|| stranger(name))
}

/// The error for a column that is missing or of another type than ours.
pub fn stranger(name: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{name} is not what a file of the lake has there"))
}

//! A row group that is searched: first for rows, then for what they hold.

use std::{collections::HashMap, sync::Arc};

use arrow_array::{
    Array, ArrayRef, DictionaryArray, ListArray, RecordBatch, StringArray, StructArray, UInt32Array,
    cast::AsArray,
    new_null_array,
    types::{UInt8Type, UInt16Type, UInt32Type, UInt64Type},
};
use arrow_schema::{DataType, Field, SchemaRef};
use arrow_select::take::take;
use parquet::{
    basic::Encoding,
    file::{metadata::ColumnChunkMetaData, page_index::offset_index::PageLocation},
};

use super::{
    Search,
    column::{Column, DataPage},
    condition::Condition,
    extent::Extent,
    gathering::gather,
    numbers::{Numbers, Wanted},
    refusal::{Refusal, damaged},
    source::{Source, is_address, is_null},
};
use crate::segment::{
    chunk::PAGE_ROWS,
    reading::{self, stranger},
};

/// Chunks up to this size are read at once: to see which of their pages are wanted would take as long.
const SMALL_BYTES: usize = 1 << 17;
/// What a disk reads in the time that it takes to find another place.
const READ_BYTES: u64 = 40_000;
/// What is put into one batch, in values of all columns, of eight to sixteen bytes each: a thread has two at a time.
const MOST_VALUES: usize = 1 << 21;

/// A row group of a file.
pub struct RowGroup<'s> {
    source: &'s Source,
    number: usize,
    rows: usize,
    /// Columns that were read at once, for they may be asked again.
    read: HashMap<String, Extent>,
}

impl<'s> RowGroup<'s> {
    /// A row group by its number.
    pub fn new(source: &'s Source, number: usize) -> Result<Self, Refusal> {
        Ok(Self { source, number, rows: source.rows(number)?, read: HashMap::new() })
    }

    /// The columns of a schema, of all rows for which conditions are true, as batches.
    pub fn search(&mut self, search: &Search) -> Result<Vec<RecordBatch>, Refusal> {
        let Search { conditions, table, schema, .. } = search;
        let Some((first, others)) = conditions.split_first() else {
            return self.batches(&(0..self.rows as u32).collect::<Vec<_>>(), schema);
        };
        for condition in conditions {
            if !self.source.may_have(self.number, condition)? {
                return Ok(Vec::new());
            }
        }
        let mut rows = self.find(first)?;
        for condition in others {
            if !rows.is_empty() {
                rows = self.keep(condition, rows, table)?;
            }
        }
        self.batches(&rows, schema)
    }

    /// The rows for which a condition is true, in order.
    fn find(&mut self, condition: &Condition) -> Result<Vec<u32>, Refusal> {
        let mut rows = Vec::new();
        for name in &condition.columns {
            if self.source.column_may_have(self.number, name, condition)? {
                rows.extend(match self.find_in(name, condition) {
                    Err(Refusal::Unfamiliar) => self.find_by_values(name, condition)?,
                    found => found?,
                });
            }
        }
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }

    /// The rows in which a column has a value that is looked for: without making values of numbers.
    fn find_in(&mut self, name: &str, condition: &Condition) -> Result<Vec<u32>, Refusal> {
        let chunk = self.source.chunk(self.number, name)?.filter(|chunk| is_address(chunk));
        let chunk = chunk.ok_or(Refusal::Unfamiliar)?;
        // A filter has said that it is probably there. Without one the dictionary tells.
        let is_likely = chunk.bloom_filter_offset().is_some() && condition.few().is_some();
        let extent = self.extent(name, chunk, is_likely || chunk.dictionary_page_offset().is_none())?;
        let mut column = Column::new(extent, chunk, self.rows, None)?;
        column.see_dictionary()?;
        let wanted = column.dictionary.as_deref().map(|dictionary| wanted(dictionary, condition));
        if self.source.is_ours() && matches!(wanted, Some(None)) {
            return Ok(Vec::new());
        }
        let mut rows = Vec::new();
        while let Some(page) = column.next(|_| true)? {
            rows.extend(page.rows(&places(&page, wanted.as_ref().and_then(Option::as_ref), condition)?));
        }
        Ok(rows)
    }

    fn find_by_values(&self, name: &str, condition: &Condition) -> Result<Vec<u32>, Refusal> {
        let array = self.source.read(self.number, name, None)?;
        let has = matching(&array, name, condition)?;
        Ok((0..has.len() as u32).filter(|&row| has[row as usize]).collect())
    }

    /// Those of some rows for which a condition is true.
    fn keep(&mut self, condition: &Condition, rows: Vec<u32>, table: &SchemaRef) -> Result<Vec<u32>, Refusal> {
        let mut has = vec![false; rows.len()];
        for name in &condition.columns {
            let field = table.field_with_name(name).map_err(|_| stranger(name))?;
            let array = self.column(field, &rows)?;
            has.iter_mut().zip(matching(&array, name, condition)?).for_each(|(any, this)| *any |= this);
        }
        let mut has = has.into_iter();
        Ok(rows.into_iter().filter(|_| has.next() == Some(true)).collect())
    }

    /// The columns of some rows, as few batches as memory allows.
    fn batches(&mut self, rows: &[u32], schema: &SchemaRef) -> Result<Vec<RecordBatch>, Refusal> {
        let most = MOST_VALUES / schema.fields().len().max(1);
        rows.chunks(most).map(|rows| self.batch(rows, schema)).collect()
    }

    fn batch(&mut self, rows: &[u32], schema: &SchemaRef) -> Result<RecordBatch, Refusal> {
        let columns = schema.fields().iter().map(|field| self.column(field, rows)).collect::<Result<_, _>>()?;
        RecordBatch::try_new(schema.clone(), columns).map_err(|error| damaged(&error.to_string()))
    }

    /// A column of some rows.
    fn column(&mut self, field: &Field, rows: &[u32]) -> Result<ArrayRef, Refusal> {
        let name = field.name();
        let found = match self.source.chunk(self.number, name)? {
            Some(chunk) if is_null(chunk) => return Ok(new_null_array(field.data_type(), rows.len())),
            Some(chunk) => self.gather(chunk, field, rows),
            None => return as_type(&self.source.read(self.number, name, Some(rows))?, field),
        };
        let Err(Refusal::Unfamiliar) = found else { return found };
        // The library refuses to skip differences that are as large as can be.
        let all = as_type(&self.source.read(self.number, name, None)?, field)?;
        take(&all, &UInt32Array::from(rows.to_vec()), None).map_err(|error| damaged(&error.to_string()))
    }

    fn gather(&mut self, chunk: &ColumnChunkMetaData, field: &Field, rows: &[u32]) -> Result<ArrayRef, Refusal> {
        let pages = self.source.pages(self.number, field.name())?;
        let bytes = pages.as_ref().map_or_else(|| self.bytes_of(chunk, rows), |pages| bytes_of(pages, rows));
        let extent = self.extent(field.name(), chunk, bytes > chunk.byte_range().1)?;
        let stored = (chunk.column_descr().physical_type(), chunk.column_descr().type_length());
        gather(Column::new(extent, chunk, self.rows, pages)?, stored, field.data_type(), rows)
    }

    /// About what it costs to read the pages of some rows where each page has to be looked at to find the next, in bytes.
    fn bytes_of(&self, chunk: &ColumnChunkMetaData, rows: &[u32]) -> u64 {
        let all = self.rows.div_ceil(PAGE_ROWS) as u64;
        let pages = rows.chunk_by(|one, next| *one as usize / PAGE_ROWS == *next as usize / PAGE_ROWS).count() as u64;
        chunk.byte_range().1 / all.max(1) * pages + all * READ_BYTES
    }

    /// What a column is read from: all of it at once, or page by page.
    fn extent(&mut self, name: &str, chunk: &ColumnChunkMetaData, at_once: bool) -> Result<Extent, Refusal> {
        if let Some(extent) = self.read.get(name) {
            return Ok(extent.clone());
        }
        let (begin, length) = chunk.byte_range();
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if !at_once && length > SMALL_BYTES {
            return Ok(self.source.extent.clone());
        }
        let extent = self.source.extent.with(begin, length)?;
        if at_once && is_address(chunk) {
            self.read.insert(name.to_string(), extent.clone());
        }
        Ok(extent)
    }
}

/// About what it costs to read the pages of some rows, in bytes.
fn bytes_of(pages: &[PageLocation], rows: &[u32]) -> u64 {
    let page_of = |row: u32| pages.partition_point(|page| page.first_row_index <= i64::from(row)) - 1;
    let (mut bytes, mut rest) = (0, rows);
    while let Some(&row) = rest.first() {
        let page = page_of(row);
        bytes += READ_BYTES + pages[page].compressed_page_size as u64;
        let end = pages.get(page + 1).map_or(i64::MAX, |next| next.first_row_index);
        rest = &rest[rest.partition_point(|&row| i64::from(row) < end)..];
    }
    bytes
}

/// The numbers that values looked for have in a dictionary.
fn wanted(dictionary: &[u8], condition: &Condition) -> Option<Wanted> {
    let is_wanted = |address: &[u8; 16]| condition.has(u128::from_be_bytes(*address));
    let (values, _) = dictionary.as_chunks();
    let mut numbers = (0..).zip(values).filter(|(_, value)| is_wanted(value)).map(|(number, _)| number);
    match (numbers.next(), numbers.next()) {
        (None, _) => None,
        (Some(one), None) => Some(Wanted::One(one)),
        _ => Some(Wanted::Some(values.iter().map(is_wanted).collect())),
    }
}

/// At which places a page has values that are looked for.
fn places(page: &DataPage, wanted: Option<&Wanted>, condition: &Condition) -> Result<Vec<u32>, Refusal> {
    let mut places = Vec::new();
    match page.encoding {
        Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
            if let Some(wanted) = wanted {
                let numbers = Numbers::of_dictionary(&page.values, page.count)?;
                numbers.find(wanted, |place| places.push(place as u32))?;
            }
        }
        Encoding::PLAIN => {
            let (addresses, _) = page.values.as_chunks::<16>();
            let addresses = addresses.get(..page.count).ok_or_else(|| damaged("a page ends too early"))?;
            let found = (0..).zip(addresses).filter(|(_, address)| condition.has(u128::from_be_bytes(**address)));
            places.extend(found.map(|(place, _)| place));
        }
        _ => return Err(Refusal::Unfamiliar),
    }
    Ok(places)
}

/// Of each row whether it has one of the values of a condition.
fn matching(array: &ArrayRef, name: &str, condition: &Condition) -> Result<Vec<bool>, Refusal> {
    macro_rules! numbers {
        ($type:ty) => {{
            let numbers = array.as_primitive::<$type>();
            numbers.iter().map(|number| number.is_some_and(|number| condition.has(u128::from(number)))).collect()
        }};
    }
    Ok(match array.data_type() {
        DataType::UInt8 => numbers!(UInt8Type),
        DataType::UInt16 => numbers!(UInt16Type),
        DataType::UInt32 => numbers!(UInt32Type),
        DataType::UInt64 => numbers!(UInt64Type),
        DataType::FixedSizeBinary(16) => {
            let number = |bytes: &[u8]| bytes.try_into().map(u128::from_be_bytes);
            let has = |bytes: Option<&[u8]>| bytes.and_then(|it| number(it).ok()).is_some_and(|it| condition.has(it));
            array.as_fixed_size_binary().iter().map(has).collect()
        }
        _ => return Err(stranger(name).into()),
    })
}

/// An array that the library made, as the type that is expected: others may say less of what is never null.
fn as_type(array: &ArrayRef, field: &Field) -> Result<ArrayRef, Refusal> {
    let stranger = |_| reading::stranger(field.name());
    Ok(match (array.data_type(), field.data_type()) {
        (theirs, ours) if theirs == ours => array.clone(),
        (DataType::List(_), DataType::List(item)) => {
            let lists = array.as_list::<i32>();
            let items = as_type(lists.values(), item)?;
            let lists = ListArray::try_new(item.clone(), lists.offsets().clone(), items, lists.nulls().cloned());
            Arc::new(lists.map_err(stranger)?)
        }
        (DataType::Struct(theirs), DataType::Struct(ours)) if theirs.len() == ours.len() => {
            let parts = array.as_struct();
            let columns = parts.columns().iter().zip(ours).map(|(column, field)| as_type(column, field));
            let columns = columns.collect::<Result<_, _>>()?;
            Arc::new(StructArray::try_new(ours.clone(), columns, parts.nulls().cloned()).map_err(stranger)?)
        }
        _ => {
            let dictionary = array.as_dictionary_opt::<UInt8Type>().filter(|_| *field.data_type() == DataType::Utf8);
            let texts = dictionary.and_then(DictionaryArray::downcast_dict::<StringArray>);
            let texts = texts.ok_or_else(|| reading::stranger(field.name()))?;
            Arc::new(texts.into_iter().collect::<StringArray>())
        }
    })
}

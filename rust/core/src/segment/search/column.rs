//! The pages of a column chunk, one after another; those that nobody wants are neither read nor decompressed.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use parquet::{
    basic::Encoding,
    column::page::{Page, PageReader},
    file::{
        metadata::ColumnChunkMetaData, page_index::offset_index::PageLocation, serialized_reader::SerializedPageReader,
    },
};

use super::{
    extent::Extent,
    numbers::{Numbers, Wanted},
    refusal::{Refusal, damaged},
};

/// A column chunk that is being read.
pub struct Column {
    pages: SerializedPageReader<Extent>,
    has_nulls: bool,
    /// The values that numbers stand for, one after another.
    pub dictionary: Option<Bytes>,
    rows: usize,
    row: usize,
}

/// Rows of a column.
pub struct DataPage {
    /// The first of them in the row group.
    first: u32,
    /// The one behind the last of them.
    pub end: usize,
    /// Of each whether it has a value; `None` where all have one.
    has_value: Option<Vec<bool>>,
    /// How many values there are.
    pub count: usize,
    /// How they are written.
    pub encoding: Encoding,
    /// The values.
    pub values: Bytes,
}

impl Column {
    /// The first page of a chunk, of so many rows; it is known or not where its `pages` are.
    pub fn new(
        extent: Extent,
        chunk: &ColumnChunkMetaData,
        rows: usize,
        pages: Option<Vec<PageLocation>>,
    ) -> Result<Self, Refusal> {
        let pages = SerializedPageReader::new(Arc::new(extent), chunk, rows, pages)?;
        Ok(Self { pages, has_nulls: chunk.column_descr().max_def_level() > 0, dictionary: None, rows, row: 0 })
    }

    /// Read the dictionary, where there is one.
    pub fn see_dictionary(&mut self) -> Result<(), Refusal> {
        if self.pages.peek_next_page()?.is_none_or(|page| !page.is_dict) {
            return Ok(());
        }
        match self.pages.get_next_page()? {
            Some(Page::DictionaryPage { buf, encoding: Encoding::PLAIN | Encoding::PLAIN_DICTIONARY, .. }) => {
                self.dictionary = Some(buf);
                Ok(())
            }
            _ => Err(Refusal::Unfamiliar),
        }
    }

    /// The next page of which any row is wanted; `None` behind the last one.
    pub fn next(&mut self, is_wanted: impl Fn(Range<usize>) -> bool) -> Result<Option<DataPage>, Refusal> {
        loop {
            self.see_dictionary()?;
            let Some(page) = self.pages.peek_next_page()? else {
                return if self.row == self.rows { Ok(None) } else { Err(damaged("a column has too few rows")) };
            };
            let first = self.row;
            self.row = self.row.saturating_add(page.num_rows.ok_or(Refusal::Unfamiliar)?);
            if self.row > self.rows {
                return Err(damaged("a column has too many rows"));
            }
            if is_wanted(first..self.row) {
                return self.page(first).map(Some);
            }
            self.pages.skip_next_page()?;
        }
    }

    fn page(&mut self, first: usize) -> Result<DataPage, Refusal> {
        let Some(Page::DataPageV2 {
            buf,
            encoding,
            num_nulls,
            num_values,
            def_levels_byte_len,
            rep_levels_byte_len,
            ..
        }) = self.pages.get_next_page()?
        else {
            return Err(Refusal::Unfamiliar);
        };
        let rows = self.row - first;
        let (levels, nulls) = (def_levels_byte_len as usize, num_nulls as usize);
        if num_values as usize != rows || nulls > rows || rep_levels_byte_len > 0 || levels > buf.len() {
            return Err(damaged("a page contradicts itself"));
        }
        let has_value = (self.has_nulls && nulls > 0).then(|| levels_of(&buf[..levels], rows)).transpose()?;
        let count = has_value.as_ref().map_or(rows, |has| has.iter().filter(|&&has| has).count());
        Ok(DataPage { first: first as u32, end: self.row, has_value, count, encoding, values: buf.slice(levels..) })
    }
}

/// Of each row whether it has a value.
fn levels_of(bytes: &[u8], rows: usize) -> Result<Vec<bool>, Refusal> {
    let mut has_value = vec![false; rows];
    Numbers::new(bytes, 1, rows)?.find(&Wanted::One(1), |row| has_value[row] = true)?;
    Ok(has_value)
}

impl DataPage {
    /// The rows of values at some places, which are told in order.
    pub fn rows(&self, places: &[u32]) -> Vec<u32> {
        let Some(has_value) = &self.has_value else {
            return places.iter().map(|place| self.first + place).collect();
        };
        let (mut rows, mut place, mut rest) = (Vec::with_capacity(places.len()), 0, places);
        for row in (0..has_value.len()).filter(|&row| has_value[row]) {
            if rest.first() == Some(&place) {
                rows.push(self.first + row as u32);
                rest = &rest[1..];
            }
            place += 1;
        }
        rows
    }

    /// At which places the values of some rows are, and of each row whether it has one where any has none.
    pub fn places(&self, rows: &[u32]) -> (Vec<u32>, Option<Vec<bool>>) {
        let rows = rows.iter().map(|row| row - self.first);
        let Some(has_value) = &self.has_value else { return (rows.collect(), None) };
        let (mut places, mut has, mut place, mut seen) = (Vec::new(), Vec::new(), 0, 0);
        for row in rows.map(|row| row as usize) {
            place += has_value[seen..row].iter().filter(|&&has| has).count() as u32;
            seen = row;
            has.push(has_value[row]);
            if has_value[row] {
                places.push(place);
            }
        }
        (places, Some(has))
    }
}

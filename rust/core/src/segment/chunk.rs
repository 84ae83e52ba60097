//! Column chunks, written page by page.
//!
//! The Parquet library's writer looks at each value several times: it hashes, compares, copies and
//! compresses without knowing what our columns hold. Ours are known to be whole arrays of few
//! types, most of them constant, empty or repeating, which makes them three times as fast to write.

use std::{borrow::Cow, io::Write, iter::repeat_n};

use arrow_array::Array;
use arrow_buffer::BooleanBuffer;
use parquet::{
    basic::Encoding,
    bloom_filter::Sbbf,
    column::{
        page::{CompressedPage, Page as ParquetPage, PageWriteSpec, PageWriter},
        writer::ColumnCloseResult,
    },
    errors::Result,
    file::{
        metadata::{ColumnChunkMetaData, OffsetIndexBuilder},
        statistics::Statistics,
        writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite},
    },
    schema::types::ColumnDescPtr,
};

use super::{
    dictionary::Dictionary,
    form::Form,
    packing::{put_bits, put_numbers, put_run, put_runs, width_of},
    value::Value,
};

/// Rows of a page: few enough that its values stay in the processor's cache between two passes.
pub const PAGE_ROWS: usize = 1 << 16;

/// Rows of one page.
pub struct Page<'a, T: Clone> {
    rows: usize,
    validity: Option<BooleanBuffer>,
    /// The values of rows that have one; of rows in runs one for each run.
    values: Cow<'a, [T]>,
    /// How many rows each run has, where rows are in runs. None of them is a null then, and no run is like the next.
    runs: Option<Vec<usize>>,
}

/// Cut the values of an array, nulls included, into pages.
pub fn pages<'a, T: Copy>(array: &dyn Array, values: &'a [T]) -> impl Iterator<Item = Page<'a, T>> {
    let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0).cloned();
    (0..values.len()).step_by(PAGE_ROWS).map(move |first| {
        let values = &values[first..values.len().min(first + PAGE_ROWS)];
        let rows = values.len();
        let Some(nulls) = &nulls else {
            return Page { rows, validity: None, values: Cow::Borrowed(values), runs: None };
        };
        let validity = nulls.inner().slice(first, rows);
        let values = validity.set_indices().map(|row| values[row]).collect();
        Page { rows, validity: Some(validity), values, runs: None }
    })
}

/// Cut runs, of which each has a value and ends before a row, into pages.
pub fn pages_of_runs<'a, T: Clone>(ends: &[i32], values: &'a [T]) -> impl Iterator<Item = Page<'a, T>> {
    let rows = ends.last().map_or(0, |&end| end as usize);
    (0..rows).step_by(PAGE_ROWS).map(move |first| {
        let end = rows.min(first + PAGE_ROWS);
        let begin = ends.partition_point(|&end| end as usize <= first);
        let mut from = first;
        let mut runs = Vec::new();
        for &run_end in &ends[begin..] {
            let to = end.min(run_end as usize);
            runs.push(to - from);
            from = to;
            if from == end {
                break;
            }
        }
        let values = Cow::Borrowed(&values[begin..begin + runs.len()]);
        Page { rows: end - first, validity: None, values, runs: Some(runs) }
    })
}

/// A column chunk in memory, ready to be put into a row group.
pub struct Chunk {
    /// All pages as if they were one: the library wants bytes of a type that only its pages name.
    pages: ParquetPage,
    close: ColumnCloseResult,
}

impl Chunk {
    /// Put it into a row group.
    pub fn append_to<W: Write + Send>(self, row_group: &mut SerializedRowGroupWriter<'_, W>) -> Result<()> {
        row_group.append_column(self.pages.buffer(), self.close)
    }

    /// Write the pages of a column in whichever form is small.
    pub fn of<T: Value>(column: ColumnDescPtr, pages: &[Page<'_, T>], form: Form) -> Result<Self> {
        Self::seen(column, pages, form, |_| ())
    }

    /// Write the pages of a column, and a filter of its values: most others are known not to be there.
    pub fn of_looked_up<const N: usize>(
        column: ColumnDescPtr,
        pages: &[Page<'_, [u8; N]>],
        form: Form,
    ) -> Result<Self> {
        let mut filter = None;
        let mut chunk = Self::seen(column, pages, form, |values| filter = Some(filter_of(values)))?;
        chunk.close.bloom_filter = filter;
        Ok(chunk)
    }

    /// Write the pages of a column; `see` is given its values, each once where they are in a dictionary.
    fn seen<T: Value>(
        column: ColumnDescPtr,
        pages: &[Page<'_, T>],
        form: Form,
        see: impl FnOnce(&[&[T]]),
    ) -> Result<Self> {
        let rows = pages.iter().map(|page| page.rows).sum();
        let values = pages.iter().map(Page::count).sum::<usize>();
        let (bounds, writer) = if let Some((dictionary, bodies)) = numbered(pages, values, form) {
            see(&[dictionary.values()]);
            let mut writer = ChunkWriter::new(column, form, &bodies, size_of_val(dictionary.values()));
            writer.dictionary(dictionary.values())?;
            writer.pages(bodies, Encoding::RLE_DICTIONARY)?;
            (bounds(dictionary.values()), writer)
        } else {
            let pages: Vec<_> = pages.iter().map(Page::of_each_row).collect();
            see(&pages.iter().map(|page| &*page.values).collect::<Vec<_>>());
            let bodies: Vec<_> = pages.iter().flat_map(|page| page.parts(form.unnumbered_rows())).collect();
            let bodies: Vec<_> = bodies.iter().map(Page::body_of_values).collect();
            let mut writer = ChunkWriter::new(column, form, &bodies, 0);
            writer.pages(bodies, T::ENCODING)?;
            let of_pages = pages.iter().filter_map(|page| bounds(&page.values));
            (of_pages.reduce(T::widen), writer)
        };
        writer.finish(rows, T::statistics(bounds, (rows - values) as u64))
    }

    /// Write a column of numbers that stand for names; `None` where a dictionary does not pay.
    pub fn of_names<'a>(
        column: ColumnDescPtr,
        pages: &[Page<'_, u8>],
        form: Form,
        name: impl Fn(u8) -> &'a str,
    ) -> Result<Option<Self>> {
        let rows = pages.iter().map(|page| page.rows).sum();
        let values = pages.iter().map(Page::count).sum::<usize>();
        let Some((dictionary, bodies)) = numbered(pages, values, form) else { return Ok(None) };
        let names: Vec<&str> = dictionary.values().iter().map(|&number| name(number)).collect();
        let mut writer = ChunkWriter::new(column, form, &bodies, 0);
        writer.dictionary(&names)?;
        writer.pages(bodies, Encoding::RLE_DICTIONARY)?;
        writer.finish(rows, <&str>::statistics(None, (rows - values) as u64)).map(Some)
    }

    /// Write a column that has no value in any of `rows` rows, lists of whatever depth included.
    pub fn of_nulls(column: ColumnDescPtr, rows: usize) -> Result<Self> {
        let mut body = Body { rows, ..Body::default() };
        if column.max_rep_level() > 0 {
            put_run(&mut body.bytes, 1, rows, 0);
            body.repetition_bytes = body.bytes.len();
        }
        put_run(&mut body.bytes, 1, rows, 0);
        body.definition_bytes = body.bytes.len() - body.repetition_bytes;
        let bodies = vec![body];
        let mut writer = ChunkWriter::new(column, Form::Quick, &bodies, 0);
        writer.pages(bodies, Encoding::PLAIN)?;
        // The kind of statistics matters only to bounds, and there are none.
        writer.finish(rows, Statistics::new::<i32>(None, None, None, Some(rows as u64), false))
    }
}

/// A filter that says of one in thirty values, or fewer, that they are there when they are not.
fn filter_of<const N: usize>(values: &[&[[u8; N]]]) -> Sbbf {
    let count = values.iter().map(|some| some.len()).sum::<usize>();
    // From one byte for each to two: the size has to be a power of two.
    let mut filter = Sbbf::new_with_num_of_bytes(count.next_power_of_two());
    for value in values.iter().copied().flatten() {
        filter.insert(&value[..]);
    }
    filter
}

/// The values of each page as numbers in a dictionary, unless one would not pay for itself.
fn numbered<T: Value>(pages: &[Page<'_, T>], values: usize, form: Form) -> Option<(Dictionary<T>, Vec<Body>)> {
    let mut dictionary = Dictionary::new();
    let mut numbers = Vec::new();
    let mut bodies = Vec::with_capacity(pages.len());
    let mut done = 0;
    for page in pages {
        numbers.clear();
        let constant = page.values.first().filter(|&&first| is_constant(&page.values, first));
        let mut runs = Vec::new();
        if let Some(&first) = constant {
            runs.push((dictionary.number(first), page.count()));
        } else if let Some(lengths) = &page.runs {
            runs.extend(page.values.iter().zip(lengths).map(|(&value, &rows)| (dictionary.number(value), rows)));
            if dictionary.values().len() > most_numbered::<T>(done + page.rows, values, form) {
                return None;
            }
        } else {
            for part in page.values.chunks(PART) {
                number_part(&mut dictionary, part, &mut numbers);
                if dictionary.values().len() > most_numbered::<T>(done + numbers.len(), values, form) {
                    return None;
                }
            }
        }
        done += page.count();
        let width = form.width(width_of(dictionary.values().len().saturating_sub(1) as u64).max(1));
        let mut body = page.body();
        body.bytes.push(width as u8);
        match runs[..] {
            [(number, rows)] => put_run(&mut body.bytes, width, rows, number),
            [] => put_numbers(&mut body.bytes, width, &numbers),
            _ => put_runs(&mut body.bytes, width, &runs),
        }
        bodies.push(body);
    }
    Some((dictionary, bodies))
}

/// Values that are numbered before it is asked whether that still pays.
const PART: usize = 4096;

/// How many different values there may be among the first `done` of `values` if a dictionary is to pay
/// for itself: their number grows about as the square root does.
fn most_numbered<T: Value>(done: usize, values: usize, form: Form) -> usize {
    let by_the_end = (done as u64 * values as u64).isqrt() as usize / form.repeats(T::REPEATS);
    // Where hardly any value has come twice yet, few will.
    let by_now = if done < PART { done } else { done / 8 * 7 };
    by_the_end.min(by_now).max(1)
}

/// Whether all values are alike. Without a way out of the inner loop the processor compares many at once.
fn is_constant<T: Value>(values: &[T], first: T) -> bool {
    values.chunks(64).all(|some| some.iter().filter(|&&value| value != first).count() == 0)
}

fn number_part<T: Value>(dictionary: &mut Dictionary<T>, values: &[T], numbers: &mut Vec<u32>) {
    let changes = values.windows(2).filter(|pair| pair[0] != pair[1]).count();
    // Looking for runs where there are none would be mispredicted by the processor at every other row.
    if changes > values.len() / 8 {
        return numbers.extend(values.iter().map(|&value| dictionary.number(value)));
    }
    for run in values.chunk_by(|one, next| one == next) {
        let number = dictionary.number(run[0]);
        numbers.resize(numbers.len() + run.len(), number);
    }
}

fn bounds<T: Value>(values: &[T]) -> Option<(T, T)> {
    let &first = values.first()?;
    Some(values.iter().fold((first, first), |bounds, &value| T::widen(bounds, (value, value))))
}

impl<T: Value> Page<'_, T> {
    /// How many rows have a value.
    fn count(&self) -> usize {
        if self.runs.is_some() { self.rows } else { self.values.len() }
    }

    /// The same with the value of each row.
    fn of_each_row(&self) -> Page<'_, T> {
        let values = match &self.runs {
            Some(runs) => self.values.iter().zip(runs).flat_map(|(&value, &rows)| repeat_n(value, rows)).collect(),
            None => Cow::Borrowed(&*self.values),
        };
        Page { rows: self.rows, validity: self.validity.clone(), values, runs: None }
    }

    /// The same rows as pages of fewer rows.
    fn parts(&self, rows: usize) -> impl Iterator<Item = Page<'_, T>> {
        let mut values = &self.values[..];
        (0..self.rows).step_by(rows).map(move |first| {
            let rows = rows.min(self.rows - first);
            let validity = self.validity.as_ref().map(|validity| validity.slice(first, rows));
            let count = validity.as_ref().map_or(rows, BooleanBuffer::count_set_bits);
            let (ours, others) = values.split_at(count);
            values = others;
            Page { rows, validity, values: Cow::Borrowed(ours), runs: None }
        })
    }

    /// The body of the page, without the values yet.
    fn body(&self) -> Body {
        let mut bytes = Vec::new();
        match &self.validity {
            Some(bits) => put_bits(&mut bytes, bits),
            None => put_run(&mut bytes, 1, self.rows, 1),
        }
        let definition_bytes = bytes.len();
        Body { rows: self.rows, values: self.count(), repetition_bytes: 0, definition_bytes, bytes }
    }

    fn body_of_values(&self) -> Body {
        let mut body = self.body();
        T::put_all(&self.values, &mut body.bytes);
        body
    }
}

/// What Parquet has in a page: repetition levels, definition levels, values.
#[derive(Default)]
struct Body {
    rows: usize,
    values: usize,
    repetition_bytes: usize,
    definition_bytes: usize,
    bytes: Vec<u8>,
}

struct ChunkWriter {
    column: ColumnDescPtr,
    form: Form,
    sink: TrackedWrite<Vec<u8>>,
    encodings: Vec<Encoding>,
    uncompressed_bytes: usize,
    first_data_page: Option<u64>,
    /// Where pages are: who wants few rows finds theirs.
    index: OffsetIndexBuilder,
    data_pages: usize,
    has_dictionary: bool,
}

impl ChunkWriter {
    fn new(column: ColumnDescPtr, form: Form, bodies: &[Body], dictionary_bytes: usize) -> Self {
        const HEADER_BYTES: usize = 64;
        let pages = bodies.iter().map(|body| body.bytes.len() + HEADER_BYTES).sum::<usize>();
        Self {
            column,
            form,
            sink: TrackedWrite::new(Vec::with_capacity(pages + dictionary_bytes + HEADER_BYTES)),
            encodings: vec![Encoding::RLE],
            uncompressed_bytes: 0,
            first_data_page: None,
            index: OffsetIndexBuilder::new(),
            data_pages: 0,
            has_dictionary: false,
        }
    }

    fn dictionary<T: Value>(&mut self, values: &[T]) -> Result<()> {
        let mut plain = Vec::with_capacity(size_of_val(values));
        for value in values {
            value.put_plain(&mut plain);
        }
        self.has_dictionary = true;
        self.put(ParquetPage::DictionaryPage {
            buf: plain.into(),
            num_values: values.len() as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        })?;
        Ok(())
    }

    fn pages(&mut self, bodies: Vec<Body>, encoding: Encoding) -> Result<()> {
        for body in bodies {
            let written = self.put(ParquetPage::DataPageV2 {
                buf: body.bytes.into(),
                num_values: body.rows as u32,
                encoding,
                num_nulls: (body.rows - body.values) as u32,
                num_rows: body.rows as u32,
                def_levels_byte_len: body.definition_bytes as u32,
                rep_levels_byte_len: body.repetition_bytes as u32,
                is_compressed: false,
                statistics: None,
            })?;
            self.first_data_page.get_or_insert(written.offset);
            self.index.append_offset_and_size(written.offset as i64, written.compressed_size as i32);
            self.index.append_row_count(body.rows as i64);
            self.data_pages += 1;
        }
        Ok(())
    }

    /// Write a page; returns where it is.
    fn put(&mut self, page: ParquetPage) -> Result<PageWriteSpec> {
        if !self.encodings.contains(&page.encoding()) {
            self.encodings.push(page.encoding());
        }
        let size = page.buffer().len();
        let page = CompressedPage::new(self.form.compressed(page)?, size);
        let written = SerializedPageWriter::new(&mut self.sink).write_page(page)?;
        self.uncompressed_bytes += written.uncompressed_size;
        Ok(written)
    }

    fn finish(self, rows: usize, statistics: Statistics) -> Result<Chunk> {
        let bytes = self.sink.into_inner()?;
        let metadata = ColumnChunkMetaData::builder(self.column)
            .set_compression(self.form.compression())
            .set_encodings(self.encodings)
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(self.uncompressed_bytes as i64)
            .set_num_values(rows as i64)
            .set_dictionary_page_offset(self.has_dictionary.then_some(0))
            .set_data_page_offset(self.first_data_page.unwrap_or(0) as i64)
            .set_statistics(statistics)
            .build()?;
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows as u64,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: (self.data_pages > 1).then(|| self.index.build()),
        };
        let num_values = rows as u32;
        let pages =
            ParquetPage::DictionaryPage { buf: bytes.into(), num_values, encoding: Encoding::PLAIN, is_sorted: false };
        Ok(Chunk { pages, close })
    }
}

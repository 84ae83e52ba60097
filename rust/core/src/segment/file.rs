//! The file of a segment, row group by row group.

use std::{
    fs::File,
    io::{self, BufWriter},
    mem,
    path::Path,
};

use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field, SchemaRef};
use parquet::{
    arrow::{
        ArrowWriter,
        arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves},
    },
    bloom_filter::Sbbf,
    column::writer::ColumnCloseResult,
    errors::{ParquetError, Result},
    file::{
        metadata::{ColumnChunkMetaData, KeyValue, ParquetMetaData},
        page_index::offset_index::OffsetIndexMetaData,
        properties::{EnabledStatistics, WriterProperties},
        reader::ChunkReader,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
};

use super::{SegmentSummary, checksum::SummedFile, chunk::Chunk, column::write_column, form::Form};
use crate::batch::Table;

/// Row groups grow no further.
pub const MAXIMUM_ROW_GROUP_ROWS: usize = 1 << 20;

/// Row groups of at least this many rows are copied as they are when files are joined; smaller ones
/// are decoded and packed together, because readers pay for each row group.
pub const MINIMUM_COPIED_ROWS: i64 = 1 << 15;

/// The library's own buffer is small: a large one below it makes a hundred times fewer system calls.
const BUFFER_BYTES: usize = 1 << 20;

type Buffered = BufWriter<SummedFile>;

/// A segment being written.
pub struct SegmentFile {
    table: Table,
    form: Form,
    file: SerializedFileWriter<Buffered>,
    columns: ArrowRowGroupWriterFactory,
    /// Rows of the row group being gathered.
    gathered: Vec<Vec<ArrayRef>>,
    gathered_rows: usize,
    summary: SegmentSummary,
    /// Bytes of the row group written last.
    pub last_bytes: u64,
}

impl SegmentFile {
    /// Create the file.
    pub fn create(table: Table, form: Form, path: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER_BYTES, SummedFile::create(path)?);
        let writer = ArrowWriter::try_new(file, table.schema(), Some(properties(table, form))).map_err(io_error)?;
        let (file, columns) = writer.into_serialized_writer().map_err(io_error)?;
        Ok(Self {
            table,
            form,
            file,
            columns,
            gathered: Vec::new(),
            gathered_rows: 0,
            summary: SegmentSummary::default(),
            last_bytes: 0,
        })
    }

    /// Add rows; columns may be in runs.
    pub fn write(&mut self, rows: usize, columns: &[ArrayRef]) -> io::Result<()> {
        self.gathered.push(columns.to_vec());
        self.gathered_rows += rows;
        if self.gathered_rows >= MAXIMUM_ROW_GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    /// Its columns.
    pub fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    /// Whether a file has the columns of this one, so that its row groups can be copied.
    pub fn is_alike(&self, other: &ParquetMetaData) -> bool {
        other.file_metadata().schema() == self.file.schema_descr().root_schema()
    }

    /// Write what is left and force it to the disk.
    pub fn finish(mut self) -> io::Result<SegmentSummary> {
        self.flush()?;
        let mut summary = self.summary;
        let (file, checksum) = self.file.into_inner().map_err(io_error)?.into_inner()?.into_parts();
        file.sync_data()?;
        summary.file_bytes = file.metadata()?.len();
        summary.checksum = checksum;
        Ok(summary)
    }

    /// Write what was gathered as one row group.
    pub fn flush(&mut self) -> io::Result<()> {
        let gathered = mem::take(&mut self.gathered);
        let rows = mem::take(&mut self.gathered_rows);
        if rows == 0 {
            return Ok(());
        }
        let column = |index: usize| Ok(gathered.iter().map(|columns| columns[index].clone()).collect());
        self.write_row_group(rows, column).map_err(io_error)
    }

    /// Write a row group, column by column: of each the arrays, or none where it has no values.
    pub fn write_row_group(&mut self, rows: usize, column: impl Fn(usize) -> Result<Vec<ArrayRef>>) -> Result<()> {
        let place = self.file.flushed_row_groups().len();
        let leaves = self.file.schema_descr().columns().to_vec();
        let mut row_group = self.file.next_row_group()?;
        let mut first_leaf = 0;
        for (index, field) in self.table.schema().fields().iter().enumerate() {
            let arrays = column(index)?;
            let leaves = &leaves[first_leaf..first_leaf + leaf_count(field.data_type())];
            let is_null = arrays.iter().all(|array| array.null_count() == array.len());
            if is_null {
                for leaf in leaves {
                    Chunk::of_nulls(leaf.clone(), rows)?.append_to(&mut row_group)?;
                }
            } else if let Some(chunk) = write_column(&leaves[0], &arrays, self.form, is_looked_up(field.name(), rows)) {
                chunk?.append_to(&mut row_group)?;
            } else {
                let writers = self.columns.create_column_writers(place)?.into_iter().skip(first_leaf);
                write_nested(field, &arrays, writers.take(leaves.len()).collect(), &mut row_group)?;
            }
            first_leaf += leaves.len();
        }
        let written = row_group.close()?;
        self.summary.add(self.table, &written);
        self.last_bytes = written.compressed_size() as u64;
        Ok(())
    }

    /// Copy a row group of another file as it is.
    pub fn copy_row_group(&mut self, source: &File, metadata: &ParquetMetaData, number: usize) -> io::Result<()> {
        let (row_group, pages) = (metadata.row_group(number), metadata.page_index_for_row_group(number));
        self.summary.add(self.table, row_group);
        let mut copy = self.file.next_row_group().map_err(io_error)?;
        for (place, column) in row_group.columns().iter().enumerate() {
            let pages = pages.offset_index(place).cloned();
            copy_column(source, column, row_group.num_rows(), pages, &mut copy).map_err(io_error)?;
        }
        copy.close().map(|_| ()).map_err(io_error)
    }
}

/// Whether a row group tells which values of a column it holds, so that a question for one need not look into it.
///
/// Those of small row groups would be thrown away when these are packed together.
fn is_looked_up(name: &str, rows: usize) -> bool {
    rows as i64 >= MINIMUM_COPIED_ROWS && matches!(name, "src_addr" | "dst_addr")
}

fn leaf_count(data_type: &DataType) -> usize {
    match data_type {
        DataType::List(item) => leaf_count(item.data_type()),
        DataType::Struct(fields) => fields.iter().map(|field| leaf_count(field.data_type())).sum(),
        _ => 1,
    }
}

/// Copy a column chunk, read at once: straight from the file the library reads 8 kB at a time.
fn copy_column(
    source: &File,
    column: &ColumnChunkMetaData,
    rows: i64,
    mut pages: Option<OffsetIndexMetaData>,
    row_group: &mut SerializedRowGroupWriter<'_, Buffered>,
) -> Result<()> {
    let (first, length) = column.byte_range();
    let bytes = source.get_bytes(first, length as usize)?;
    let moved = |offset: i64| offset - first as i64;
    for page in pages.iter_mut().flat_map(|pages| &mut pages.page_locations) {
        page.offset = moved(page.offset);
    }
    let metadata = column
        .clone()
        .into_builder()
        .set_dictionary_page_offset(column.dictionary_page_offset().map(moved))
        .set_data_page_offset(moved(column.data_page_offset()))
        .set_bloom_filter_offset(None)
        .set_bloom_filter_length(None)
        .build()?;
    let close = ColumnCloseResult {
        bytes_written: length,
        rows_written: rows as u64,
        metadata,
        bloom_filter: Sbbf::read_from_column_chunk(column, source)?,
        column_index: None,
        offset_index: pages,
    };
    row_group.append_column(&bytes, close)
}

/// Leave a column of lists to the library.
fn write_nested(
    field: &Field,
    arrays: &[ArrayRef],
    mut writers: Vec<ArrowColumnWriter>,
    row_group: &mut SerializedRowGroupWriter<'_, Buffered>,
) -> Result<()> {
    for array in arrays {
        for (writer, leaf) in writers.iter_mut().zip(compute_leaves(field, array)?) {
            writer.write(&leaf)?;
        }
    }
    writers.into_iter().try_for_each(|writer| writer.close()?.append_to_row_group(row_group))
}

/// How the library writes what is left to it: lists, and the descriptions of all columns.
fn properties(table: Table, form: Form) -> WriterProperties {
    WriterProperties::builder()
        .set_compression(form.library_compression())
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(MAXIMUM_ROW_GROUP_ROWS))
        .set_created_by("tidegauge".to_string())
        .set_key_value_metadata(Some(vec![KeyValue::new("tidegauge.table".to_string(), table.name().to_string())]))
        .build()
}

pub fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(source) => io::Error::other(source),
        },
        error => io::Error::other(error),
    }
}

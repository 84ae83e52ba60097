//! Rows of several files as one: large row groups are copied, small ones packed together. Written densely, those that are not dense
//! yet are packed as well: into row groups of a million, whose dictionaries know every value once.
//!
//! What is packed is read and written one column at a time. All columns of a million rows would be a gigabyte, most of it nulls.

use std::{fs::File, io, mem, path::Path};

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::Schema;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    },
    basic::Compression,
    errors::Result,
    file::{
        metadata::{PageIndexPolicy, RowGroupMetaData},
        statistics::Statistics,
    },
};

use super::{
    file::{MAXIMUM_ROW_GROUP_ROWS, MINIMUM_COPIED_ROWS, SegmentFile, io_error},
    form::Form,
};

/// A file that is read, column by column.
struct Source {
    file: File,
    metadata: ArrowReaderMetadata,
}

/// A row group that waits for others to be written with.
struct Part {
    source: usize,
    row_group: usize,
}

/// Write the rows of several files, in order, as a form has them.
pub fn join(paths: &[&Path], form: Form, segment: &mut SegmentFile) -> io::Result<()> {
    let sources: Vec<Source> = paths.iter().map(|path| Source::open(path)).collect::<io::Result<_>>()?;
    let (mut parts, mut waiting) = (Vec::new(), 0);
    for (number, source) in sources.iter().enumerate() {
        for (row_group, described) in source.row_groups().iter().enumerate() {
            let rows = described.num_rows();
            // Few that wait are packed with what comes next, and do not stay a small row group.
            let is_copied = (form == Form::Quick || is_dense(described))
                && rows >= MINIMUM_COPIED_ROWS
                && (waiting == 0
                    || waiting as i64 >= MINIMUM_COPIED_ROWS
                    || waiting + rows as usize > MAXIMUM_ROW_GROUP_ROWS)
                && segment.is_alike(source.metadata.metadata());
            if is_copied || waiting + rows as usize > MAXIMUM_ROW_GROUP_ROWS {
                write(&sources, &mem::take(&mut parts), mem::take(&mut waiting), segment)?;
            }
            if is_copied {
                segment.copy_row_group(&source.file, source.metadata.metadata(), row_group)?;
            } else {
                parts.push(Part { source: number, row_group });
                waiting += rows as usize;
            }
        }
    }
    write(&sources, &parts, waiting, segment)
}

fn write(sources: &[Source], parts: &[Part], rows: usize, segment: &mut SegmentFile) -> io::Result<()> {
    if rows == 0 {
        return Ok(());
    }
    let schema = segment.schema();
    let read = |column: usize| {
        let mut arrays = Vec::new();
        if parts.iter().all(|part| sources[part.source].is_empty(column, part.row_group)) {
            return Ok(arrays);
        }
        for of_one in parts.chunk_by(|one, next| one.source == next.source) {
            let source = &sources[of_one[0].source];
            let row_groups = of_one.iter().map(|part| part.row_group).collect();
            source.read(&schema, column, row_groups, &mut arrays)?;
        }
        Ok(arrays)
    };
    segment.write_row_group(rows, read).map_err(io_error)
}

/// Whether any column is compressed as only dense ones are.
fn is_dense(row_group: &RowGroupMetaData) -> bool {
    row_group.columns().iter().any(|column| matches!(column.compression(), Compression::ZSTD(_)))
}

impl Source {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // Where pages are is copied with them.
        let options = ArrowReaderOptions::default().with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(io_error)?;
        Ok(Self { file, metadata })
    }

    fn row_groups(&self) -> &[RowGroupMetaData] {
        self.metadata.metadata().row_groups()
    }

    /// Whether a column is known to have no value in a row group; lists never are, for there are empty ones.
    fn is_empty(&self, column: usize, row_group: usize) -> bool {
        let described = &self.row_groups()[row_group];
        let schema = self.metadata.parquet_schema();
        let leaf = (0..schema.num_columns()).find(|&leaf| schema.get_column_root_idx(leaf) == column);
        leaf.map(|leaf| described.column(leaf)).is_some_and(|chunk| {
            let nulls = chunk.statistics().and_then(Statistics::null_count_opt);
            chunk.column_descr().max_rep_level() == 0 && nulls == Some(described.num_rows() as u64)
        })
    }

    /// Read a column of some row groups.
    fn read(&self, schema: &Schema, column: usize, row_groups: Vec<usize>, arrays: &mut Vec<ArrayRef>) -> Result<()> {
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.try_clone()?, self.metadata.clone());
        let mask = ProjectionMask::roots(builder.parquet_schema(), [column]);
        for records in
            builder.with_projection(mask).with_row_groups(row_groups).with_batch_size(MAXIMUM_ROW_GROUP_ROWS).build()?
        {
            // Another writer's file may differ in field metadata; in types it may not.
            let schema = schema.project(&[column])?;
            arrays.extend_from_slice(RecordBatch::try_new(schema.into(), records?.columns().to_vec())?.columns());
        }
        Ok(())
    }
}

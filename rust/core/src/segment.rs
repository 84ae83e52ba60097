//! Segments: Parquet files of one lake table.
//!
//! Integers are split by byte and compressed with LZ4, which measured faster to write than
//! dictionary pages at about the same size; columns that hold few values (exporter, protocol, text)
//! use a dictionary, so a constant column costs almost nothing.

use std::{fs::File, io, path::Path};

use arrow_array::{Array, RecordBatch, TimestampNanosecondArray};
use arrow_schema::DataType;
use parquet::{
    arrow::{
        ArrowWriter,
        arrow_reader::ParquetRecordBatchReaderBuilder,
        arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves},
    },
    basic::{Compression, Encoding},
    column::writer::ColumnCloseResult,
    errors::ParquetError,
    file::{
        metadata::{KeyValue, RowGroupMetaData},
        properties::{EnabledStatistics, WriterProperties},
        statistics::Statistics,
        writer::SerializedFileWriter,
    },
    schema::types::ColumnPath,
};

use crate::batch::{Batch, Table};

/// What a segment holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentSummary {
    /// Rows.
    pub rows: u64,
    /// Size of the file.
    pub file_bytes: u64,
    /// Earliest and latest arrival (flows only).
    pub received: Option<(i64, i64)>,
    /// Earliest start and latest end (flows only); the arrival stands in where a record has no times.
    pub lifetime: Option<(i64, i64)>,
}

impl SegmentSummary {
    fn add(&mut self, table: Table, records: &RecordBatch) {
        self.rows += records.num_rows() as u64;
        if table != Table::Flows {
            return;
        }
        let received = bounds(records, "received");
        self.received = merge(self.received, received);
        for name in ["start", "end"] {
            self.lifetime = merge(self.lifetime, bounds(records, name));
            if has_nulls(records, name) {
                self.lifetime = merge(self.lifetime, received);
            }
        }
    }

    fn add_copied(&mut self, table: Table, row_group: &RowGroupMetaData) {
        self.rows += row_group.num_rows() as u64;
        if table != Table::Flows {
            return;
        }
        let (received, _) = chunk_bounds(row_group, "received");
        self.received = merge(self.received, received);
        for name in ["start", "end"] {
            let (bounds, has_nulls) = chunk_bounds(row_group, name);
            self.lifetime = merge(self.lifetime, bounds);
            if has_nulls {
                self.lifetime = merge(self.lifetime, received);
            }
        }
    }
}

/// Columns whose values repeat: a dictionary beats splitting bytes.
const REPEATING: &[&str] = &[
    "exporter",
    "observation_domain",
    "protocol_version",
    "template_id",
    "protocol",
    "tcp_flags",
    "tos",
    "sampling_interval",
    "in_interface",
    "out_interface",
    "direction",
    "vlan",
    "flow_end_reason",
    "application",
    "site",
    "user",
];

const MAXIMUM_ROW_GROUP_ROWS: usize = 1 << 20;

/// Row groups of at least this many rows are copied as they are when files are joined; smaller ones
/// are decoded and packed together, because readers pay for each row group.
const MINIMUM_COPIED_ROWS: i64 = 1 << 15;

/// Write batches of one table as one file.
///
/// The caller moves the file into place: until then nobody may read it.
pub fn write(table: Table, batches: &[Batch], path: &Path) -> io::Result<SegmentSummary> {
    let mut segment = SegmentFile::create(table, path)?;
    for batch in batches {
        segment.write(batch.records())?;
    }
    segment.finish()
}

/// Write the rows of several files, in order, as one.
pub fn merge_files(table: Table, sources: &[&Path], path: &Path) -> io::Result<SegmentSummary> {
    let mut segment = SegmentFile::create(table, path)?;
    for source in sources {
        segment.append_file(&File::open(source)?)?;
    }
    segment.finish()
}

struct SegmentFile {
    table: Table,
    file: SerializedFileWriter<File>,
    columns: ArrowRowGroupWriterFactory,
    /// Rows of the row group being gathered.
    gathered: Vec<RecordBatch>,
    gathered_rows: usize,
    summary: SegmentSummary,
}

impl SegmentFile {
    fn create(table: Table, path: &Path) -> io::Result<Self> {
        let writer =
            ArrowWriter::try_new(File::create(path)?, table.schema(), Some(properties(table))).map_err(io_error)?;
        let (file, columns) = writer.into_serialized_writer().map_err(io_error)?;
        Ok(Self { table, file, columns, gathered: Vec::new(), gathered_rows: 0, summary: SegmentSummary::default() })
    }

    fn write(&mut self, records: &RecordBatch) -> io::Result<()> {
        self.summary.add(self.table, records);
        self.gathered.push(records.clone());
        self.gathered_rows += records.num_rows();
        if self.gathered_rows >= MAXIMUM_ROW_GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    /// Encode what was gathered as one row group.
    fn flush(&mut self) -> io::Result<()> {
        let gathered = std::mem::take(&mut self.gathered);
        if std::mem::take(&mut self.gathered_rows) == 0 {
            return Ok(());
        }
        let place = self.file.flushed_row_groups().len();
        let mut writers = self.columns.create_column_writers(place).map_err(io_error)?.into_iter();
        let mut row_group = self.file.next_row_group().map_err(io_error)?;
        for (index, field) in self.table.schema().fields().iter().enumerate() {
            let mut leaves: Vec<ArrowColumnWriter> = Vec::new();
            for records in &gathered {
                for (leaf, column) in compute_leaves(field, records.column(index)).map_err(io_error)?.iter().enumerate()
                {
                    if leaf == leaves.len() {
                        leaves.extend(writers.next());
                    }
                    leaves[leaf].write(column).map_err(io_error)?;
                }
            }
            for leaf in leaves {
                leaf.close().and_then(|chunk| chunk.append_to_row_group(&mut row_group)).map_err(io_error)?;
            }
        }
        row_group.close().map(|_| ()).map_err(io_error)
    }

    /// Add the rows of another file.
    fn append_file(&mut self, source: &File) -> io::Result<()> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(source.try_clone()?).map_err(io_error)?;
        let metadata = builder.metadata().clone();
        let is_alike = metadata.file_metadata().schema() == self.file.schema_descr().root_schema();
        let copies =
            metadata.row_groups().iter().all(|row_group| is_alike && row_group.num_rows() >= MINIMUM_COPIED_ROWS);
        if copies {
            self.flush()?;
            return metadata.row_groups().iter().try_for_each(|row_group| self.copy_row_group(source, row_group));
        }
        for records in builder.with_batch_size(MAXIMUM_ROW_GROUP_ROWS).build().map_err(io_error)? {
            let records = records.map_err(|error| io_error(error.into()))?;
            // Another writer's file may differ in field metadata; in types it may not.
            let records = RecordBatch::try_new(self.table.schema(), records.columns().to_vec())
                .map_err(|error| io_error(error.into()))?;
            self.write(&records)?;
        }
        Ok(())
    }

    fn copy_row_group(&mut self, source: &File, row_group: &RowGroupMetaData) -> io::Result<()> {
        self.summary.add_copied(self.table, row_group);
        let mut copy = self.file.next_row_group().map_err(io_error)?;
        for column in row_group.columns() {
            let close = ColumnCloseResult {
                bytes_written: column.compressed_size() as u64,
                rows_written: row_group.num_rows() as u64,
                metadata: column.clone(),
                bloom_filter: None,
                column_index: None,
                offset_index: None,
            };
            copy.append_column(source, close).map_err(io_error)?;
        }
        copy.close().map(|_| ()).map_err(io_error)
    }

    fn finish(mut self) -> io::Result<SegmentSummary> {
        self.flush()?;
        let mut summary = self.summary;
        let file = self.file.into_inner().map_err(io_error)?;
        file.sync_data()?;
        summary.file_bytes = file.metadata()?.len();
        Ok(summary)
    }
}

fn properties(table: Table) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(MAXIMUM_ROW_GROUP_ROWS))
        .set_created_by("tidegauge".to_string())
        .set_key_value_metadata(Some(vec![KeyValue::new("tidegauge.table".to_string(), table.name().to_string())]));
    for field in table.schema().fields() {
        let path = ColumnPath::from(field.name().as_str());
        if REPEATING.contains(&field.name().as_str()) || *field.data_type() == DataType::Utf8 {
            properties = properties.set_column_dictionary_enabled(path, true);
        } else if splits_bytes(field.data_type()) {
            properties = properties.set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT);
        }
    }
    for list in ["scope", "other"] {
        let name = ColumnPath::from(vec![list.to_string(), "list".into(), "element".into(), "element".into()]);
        properties = properties.set_column_dictionary_enabled(name, true);
    }
    properties.build()
}

/// Bytes of 16 and 6 stay whole: split by byte they are unreadable in DuckDB and Polars.
fn splits_bytes(data_type: &DataType) -> bool {
    matches!(data_type, DataType::UInt64 | DataType::UInt32 | DataType::Int64 | DataType::Timestamp(..))
}

fn bounds(records: &RecordBatch, name: &str) -> Option<(i64, i64)> {
    let column = records.column_by_name(name)?;
    let column = column.as_any().downcast_ref::<TimestampNanosecondArray>()?;
    Some((arrow_min(column)?, arrow_max(column)?))
}

fn arrow_min(column: &TimestampNanosecondArray) -> Option<i64> {
    if column.null_count() == 0 { column.values().iter().copied().min() } else { column.iter().flatten().min() }
}

fn arrow_max(column: &TimestampNanosecondArray) -> Option<i64> {
    if column.null_count() == 0 { column.values().iter().copied().max() } else { column.iter().flatten().max() }
}

fn has_nulls(records: &RecordBatch, name: &str) -> bool {
    records.column_by_name(name).is_some_and(|column| column.null_count() > 0)
}

/// Smallest and largest instant of a column, and whether it has nulls, as its statistics say.
fn chunk_bounds(row_group: &RowGroupMetaData, name: &str) -> (Option<(i64, i64)>, bool) {
    let column = row_group.columns().iter().find(|column| column.column_descr().name() == name);
    let Some(Statistics::Int64(statistics)) = column.and_then(|column| column.statistics()) else {
        return (None, true);
    };
    let bounds = statistics.min_opt().copied().zip(statistics.max_opt().copied());
    (bounds, statistics.null_count_opt() != Some(0))
}

fn merge(one: Option<(i64, i64)>, another: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (one, another) {
        (Some(one), Some(another)) => Some((one.0.min(another.0), one.1.max(another.1))),
        (one, another) => one.or(another),
    }
}

fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(source) => io::Error::other(source),
        },
        error => io::Error::other(error),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn batch(rows: usize, first: i64) -> Batch {
        let instants: Vec<u8> = (0..rows as i64).flat_map(|row| (first + row).to_ne_bytes()).collect();
        let bytes: Vec<u8> = (0..rows as u64).flat_map(u64::to_ne_bytes).collect();
        let columns = [("received", instants.clone()), ("start", instants), ("bytes", bytes)];
        Batch::from_buffers(&columns.map(|(name, column)| (name.to_string(), column))).unwrap()
    }

    fn file(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("tidegauge-{}-{name}.parquet", std::process::id()))
    }

    fn read(path: &Path) -> (usize, usize) {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
        let row_groups = builder.metadata().num_row_groups();
        (builder.build().unwrap().map(|records| records.unwrap().num_rows()).sum(), row_groups)
    }

    fn joined(name: &str, sizes: &[usize]) -> (SegmentSummary, (usize, usize)) {
        let sources: Vec<PathBuf> = (0..sizes.len()).map(|place| file(&format!("{name}-{place}"))).collect();
        for (place, source) in sources.iter().enumerate() {
            write(Table::Flows, &[batch(sizes[place], 1_000_000 * place as i64)], source).unwrap();
        }
        let target = file(name);
        let paths: Vec<&Path> = sources.iter().map(PathBuf::as_path).collect();
        let summary = merge_files(Table::Flows, &paths, &target).unwrap();
        let found = read(&target);
        sources.iter().chain([&target]).for_each(|path| std::fs::remove_file(path).unwrap());
        (summary, found)
    }

    #[test]
    fn small_files_become_one_row_group() {
        let (summary, found) = joined("small", &[10, 20, 30]);
        assert_eq!(found, (60, 1));
        assert_eq!((summary.rows, summary.received), (60, Some((0, 2_000_029))));
    }

    #[test]
    fn large_row_groups_are_copied_with_their_bounds() {
        let (summary, found) = joined("large", &[40_000, 10, 50_000]);
        assert_eq!(found, (90_010, 3));
        assert_eq!(summary.received, Some((0, 2_049_999)));
        assert_eq!(summary.lifetime, summary.received, "without an end, the arrival bounds a flow");
    }
}

//! Segments: Parquet files of one lake table.
//!
//! Integers are split by byte and compressed with LZ4, which measured faster to write than
//! dictionary pages at about the same size; columns that hold few values (exporter, protocol, text)
//! use a dictionary, so a constant column costs almost nothing.

use std::{fs::File, io, path::Path};

use arrow_array::{Array, RecordBatch, TimestampNanosecondArray};
use arrow_schema::DataType;
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::{Compression, Encoding},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
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
            self.lifetime = merge(self.lifetime, bounds(records, name).or(received));
        }
        if has_nulls(records, "start") || has_nulls(records, "end") {
            self.lifetime = merge(self.lifetime, received);
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

/// Write batches of one table as one file.
///
/// The caller moves the file into place: until then nobody may read it.
pub fn write(table: Table, batches: &[Batch], path: &Path) -> io::Result<SegmentSummary> {
    let mut writer = SegmentFile::create(table, path)?;
    for batch in batches {
        writer.write(batch.records())?;
    }
    writer.finish()
}

/// Write the rows of several files, in order, as one.
pub fn merge_files(table: Table, sources: &[&Path], path: &Path) -> io::Result<SegmentSummary> {
    let mut writer = SegmentFile::create(table, path)?;
    for source in sources {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(source)?).map_err(io_error)?;
        let reader = reader.with_batch_size(1 << 16).build().map_err(io_error)?;
        for records in reader {
            writer.write(&records.map_err(|error| io_error(error.into()))?)?;
        }
    }
    writer.finish()
}

struct SegmentFile {
    table: Table,
    writer: ArrowWriter<File>,
    summary: SegmentSummary,
}

impl SegmentFile {
    fn create(table: Table, path: &Path) -> io::Result<Self> {
        let writer =
            ArrowWriter::try_new(File::create(path)?, table.schema(), Some(properties(table))).map_err(io_error)?;
        Ok(Self { table, writer, summary: SegmentSummary::default() })
    }

    fn write(&mut self, records: &RecordBatch) -> io::Result<()> {
        self.summary.add(self.table, records);
        // A file written by another version of the reader library may differ in field metadata only.
        let records = RecordBatch::try_new(self.table.schema(), records.columns().to_vec())
            .map_err(|error| io_error(error.into()))?;
        self.writer.write(&records).map_err(io_error)
    }

    fn finish(self) -> io::Result<SegmentSummary> {
        let mut summary = self.summary;
        let file = self.writer.into_inner().map_err(io_error)?;
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

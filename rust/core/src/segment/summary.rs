//! What a segment holds, as its writer learns it.

use arrow_array::{Array, RecordBatch, cast::AsArray, types::TimestampNanosecondType};
use parquet::file::{metadata::RowGroupMetaData, statistics::Statistics};

use crate::batch::Table;

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
    /// Add rows.
    pub fn add(&mut self, table: Table, records: &RecordBatch) {
        self.rows += records.num_rows() as u64;
        if table == Table::Flows {
            self.add_instants(|name| bounds(records, name));
        }
    }

    /// Add a row group of another file, as its statistics describe it.
    pub fn add_copied(&mut self, table: Table, row_group: &RowGroupMetaData) {
        self.rows += row_group.num_rows() as u64;
        if table == Table::Flows {
            self.add_instants(|name| chunk_bounds(row_group, name));
        }
    }

    fn add_instants(&mut self, column: impl Fn(&str) -> (Option<(i64, i64)>, bool)) {
        let (received, _) = column("received");
        self.received = merge(self.received, received);
        for name in ["start", "end"] {
            let (bounds, has_nulls) = column(name);
            self.lifetime = merge(self.lifetime, bounds);
            if has_nulls {
                self.lifetime = merge(self.lifetime, received);
            }
        }
    }
}

/// Smallest and largest instant of a column, and whether it has nulls.
fn bounds(records: &RecordBatch, name: &str) -> (Option<(i64, i64)>, bool) {
    let Some(column) = records.column_by_name(name) else { return (None, true) };
    let column = column.as_primitive::<TimestampNanosecondType>();
    if column.null_count() > 0 {
        let low = column.iter().flatten().min();
        return (low.zip(column.iter().flatten().max()), true);
    }
    let low = column.values().iter().copied().min();
    (low.zip(column.values().iter().copied().max()), false)
}

/// The same, as the statistics of a row group say.
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

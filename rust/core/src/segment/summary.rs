//! What a segment holds, as its writer learns it.

use parquet::file::{metadata::RowGroupMetaData, statistics::Statistics};

use crate::batch::Table;

/// What a segment holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentSummary {
    /// Rows.
    pub rows: u64,
    /// Size of the file.
    pub file_bytes: u64,
    /// Checksum of the file.
    pub checksum: u32,
    /// Earliest and latest arrival of flows and sightings, minute of a ledger.
    pub received: Option<(i64, i64)>,
    /// Earliest start and latest end (flows only); the arrival stands in where a record has no times.
    pub lifetime: Option<(i64, i64)>,
}

impl SegmentSummary {
    /// Add a row group, as its statistics describe it.
    pub fn add(&mut self, table: Table, row_group: &RowGroupMetaData) {
        self.rows += row_group.num_rows() as u64;
        let column = |name| chunk_bounds(row_group, name);
        let (received, _) = match table {
            Table::Flows | Table::Sightings => column("received"),
            Table::Ledger => column("minute"),
            Table::Options | Table::Rollups => return,
        };
        self.received = merge(self.received, received);
        if table != Table::Flows {
            return;
        }
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
pub fn chunk_bounds(row_group: &RowGroupMetaData, name: &str) -> (Option<(i64, i64)>, bool) {
    let column = row_group.columns().iter().find(|column| column.column_descr().name() == name);
    let Some(Statistics::Int64(statistics)) = column.and_then(|column| column.statistics()) else {
        return (None, true);
    };
    let bounds = statistics.min_opt().copied().zip(statistics.max_opt().copied());
    (bounds, statistics.null_count_opt() != Some(0))
}

/// The bounds of two together.
pub fn merge(one: Option<(i64, i64)>, another: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (one, another) {
        (Some(one), Some(another)) => Some((one.0.min(another.0), one.1.max(another.1))),
        (one, another) => one.or(another),
    }
}

//! The columns of the `options` table: what exporters say about themselves.

use arrow_array::RecordBatch;

use super::{AnyColumn, Column, ElementsColumn};
use crate::{
    address::Address,
    batch::{Batch, Table},
    time::Instant,
    wire::ProtocolVersion,
};

/// Where an options record came from.
#[derive(Clone, Copy)]
pub struct OptionOrigin {
    /// Arrival of the datagram.
    pub received: Instant,
    /// Sender.
    pub exporter: Address,
    /// Observation domain.
    pub observation_domain: u32,
    /// Protocol.
    pub version: ProtocolVersion,
    /// Template of the record; sFlow has none.
    pub template_id: Option<u16>,
}

/// Options data rows being written.
#[derive(Default)]
pub struct OptionColumns {
    received: Column<i64>,
    exporter: Column<Address>,
    observation_domain: Column<u32>,
    version: Column<u8>,
    template_id: Column<u16>,
    /// Scope elements of the row being written.
    pub scope: ElementsColumn,
    /// All other elements of the row being written.
    pub other: ElementsColumn,
}

impl OptionColumns {
    /// Finished rows.
    pub fn rows(&self) -> usize {
        self.received.len()
    }

    /// End the row whose elements were pushed to `scope` and `other`.
    pub fn end_row(&mut self, origin: OptionOrigin) {
        let row = self.rows();
        self.received.fill(row, 1, origin.received);
        self.exporter.fill(row, 1, origin.exporter);
        self.observation_domain.fill(row, 1, origin.observation_domain);
        self.version.fill(row, 1, origin.version as u8);
        self.template_id.extend(row, [origin.template_id].into_iter());
        self.scope.end_row();
        self.other.end_row();
    }

    /// Take all rows; `None` when there are none.
    pub fn take(&mut self) -> Option<Batch> {
        let rows = self.rows();
        if rows == 0 {
            return None;
        }
        let taken = std::mem::take(self);
        let arrays = [
            AnyColumn::Instant(taken.received),
            AnyColumn::Address(taken.exporter),
            AnyColumn::U32(taken.observation_domain),
            AnyColumn::Version(taken.version),
            AnyColumn::U16(taken.template_id),
            AnyColumn::Elements(taken.scope),
            AnyColumn::Elements(taken.other),
        ]
        .map(|mut column| column.take(rows));
        let records =
            RecordBatch::try_new(Table::Options.schema(), arrays.to_vec()).expect("columns have the table's types");
        Some(Batch::new(Table::Options, records))
    }
}

//! How the records of an options template say what their exporter counted of itself (RFC 7011, section 4).

use super::{FieldSpecifier, Records, unsigned};
use crate::{schema::Counter, wire::ProtocolVersion};

const SYSTEM_INIT_MILLISECONDS: u16 = 160;
const EXPORTED_OCTETS: u16 = 40;
const EXPORTED_MESSAGES: u16 = 41;

/// Running totals, by element.
const TOTALS: [(u16, Counter); 5] = [
    (42, Counter::ToldExportedFlows),
    (166, Counter::ToldUnsentFlows),
    (167, Counter::ToldUnsentPackets),
    (135, Counter::ToldDroppedPackets),
    (164, Counter::ToldIgnoredPackets),
];

/// The places of what is counted, in the template.
#[derive(Debug, Default)]
pub struct StatisticsFields {
    totals: Vec<(usize, Counter)>,
    /// Who counts: the scopes, but for what changes from one record to the next.
    counted_by: Vec<usize>,
}

impl StatisticsFields {
    /// Find them among the fields of an options template.
    pub fn of(version: ProtocolVersion, scopes: usize, fields: &[FieldSpecifier]) -> Self {
        if scopes == 0 {
            return Self::default();
        }
        let totals: Vec<_> =
            fields.iter().enumerate().filter_map(|(index, field)| Some((index, total(*field)?))).collect();
        if totals.is_empty() {
            return Self::default();
        }
        let is_steady = |field| version == ProtocolVersion::NetflowV9 || !is_unsteady(field);
        let counted_by = (0..scopes).filter(|&index| is_steady(fields[index])).collect();
        Self { totals, counted_by }
    }

    /// The totals that a record tells.
    pub fn totals(&self, records: &Records<'_>, record: usize) -> impl Iterator<Item = (Counter, u64)> {
        self.totals.iter().filter_map(move |&(index, counter)| Some((counter, unsigned(records.value(record, index))?)))
    }

    /// Who counts, in the bytes of the record.
    pub fn counted_by(&self, records: &Records<'_>, record: usize) -> Vec<u8> {
        self.counted_by.iter().flat_map(|&index| records.value(record, index)).copied().collect()
    }

    /// Bytes of memory it takes beyond itself.
    pub fn held_bytes(&self) -> usize {
        size_of_val(&self.totals[..]) + size_of_val(&self.counted_by[..])
    }
}

fn total(field: FieldSpecifier) -> Option<Counter> {
    let is_number = field.enterprise == 0 && (1..=8).contains(&field.length);
    let found = TOTALS.iter().find(|(id, _)| is_number && *id == field.id);
    found.map(|&(_, counter)| counter)
}

/// Some tell a total in the scope (YAF), or when they booted.
fn is_unsteady(field: FieldSpecifier) -> bool {
    total(field).is_some()
        || field.enterprise == 0 && matches!(field.id, EXPORTED_OCTETS | EXPORTED_MESSAGES | SYSTEM_INIT_MILLISECONDS)
}

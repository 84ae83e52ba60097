//! What an exporter says beside its flows: options records, repeated with the templates.

use super::element::APPLICATION_ID;
use crate::{templates::FieldSpecifier, wire::ProtocolVersion};

/// At this many, more are not taken: each costs room whenever templates are repeated.
const MAXIMUM_RECORDS: usize = 1024;

/// An element of an options record, in network byte order. Scopes of NetFlow v9 are numbered apart from elements.
pub type Value = (u16, Vec<u8>);

/// Elements that say what a record speaks of. NetFlow v9 has scopes for a few things only (RFC 3954, section 6.1), so that
/// these stand among the fields.
const SUBJECTS: [u16; 1] = [APPLICATION_ID];

/// One options record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionsRecord {
    /// What it speaks of.
    pub scopes: Vec<Value>,
    /// What it says.
    pub fields: Vec<Value>,
}

impl OptionsRecord {
    fn values(&self) -> impl Iterator<Item = &Value> {
        self.scopes.iter().chain(&self.fields)
    }

    /// Whether another speaks of the same, so that it takes this one's place.
    fn is_of(&self, other: &Self) -> bool {
        self.subject().eq(other.subject()) && self.layout() == other.layout()
    }

    fn subject(&self) -> impl Iterator<Item = &Value> {
        self.scopes.iter().chain(self.fields.iter().filter(|(id, _)| SUBJECTS.contains(id)))
    }

    fn layout(&self) -> (usize, Vec<FieldSpecifier>) {
        let specifier = |(id, value): &Value| FieldSpecifier { enterprise: 0, id: *id, length: value.len() as u16 };
        (self.scopes.len(), self.values().map(specifier).collect())
    }

    /// Bytes of the record.
    pub fn length(&self) -> usize {
        self.values().map(|(_, value)| value.len()).sum()
    }

    /// Append the record.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.values().for_each(|(_, value)| out.extend_from_slice(value));
    }
}

/// Options records in the order they were first announced, those of a layout sharing a template.
#[derive(Default)]
pub struct Options {
    records: Vec<Entry>,
    layouts: Vec<(usize, Vec<FieldSpecifier>)>,
    /// How many layouts were told in this session.
    told_layouts: usize,
}

struct Entry {
    layout: usize,
    record: OptionsRecord,
    /// Whether it was told in this session, as it is.
    is_told: bool,
}

impl Options {
    /// Take a record, in place of an earlier one that spoke of the same.
    pub fn announce(&mut self, record: OptionsRecord) {
        if let Some(earlier) = self.records.iter_mut().find(|earlier| earlier.record.is_of(&record)) {
            earlier.is_told &= earlier.record == record;
            earlier.record = record;
        } else if self.records.len() < MAXIMUM_RECORDS {
            let layout = record.layout();
            let known = self.layouts.iter().position(|other| *other == layout);
            let layout = known.unwrap_or_else(|| {
                self.layouts.push(layout);
                self.layouts.len() - 1
            });
            self.records.push(Entry { layout, record, is_told: false });
        }
    }

    /// Tell everything again.
    pub fn forget(&mut self) {
        self.told_layouts = 0;
        self.forget_records();
    }

    /// Tell every record again.
    pub fn forget_records(&mut self) {
        self.records.iter_mut().for_each(|entry| entry.is_told = false);
    }

    /// Options templates that were not told, in the order of their numbers.
    pub fn untold_templates(&mut self, version: ProtocolVersion, first_id: u16) -> Vec<Vec<u8>> {
        let untold =
            self.layouts.iter().enumerate().skip(std::mem::replace(&mut self.told_layouts, self.layouts.len()));
        untold.map(|(number, (scopes, fields))| template(version, first_id + number as u16, *scopes, fields)).collect()
    }

    /// Records that were not told as they are, with the number of their template.
    pub fn untold_records(&mut self) -> impl Iterator<Item = (u16, &OptionsRecord)> {
        self.records.iter_mut().filter_map(|entry| {
            let was_told = std::mem::replace(&mut entry.is_told, true);
            (!was_told).then_some((entry.layout as u16, &entry.record))
        })
    }
}

/// RFC 7011, section 3.4.2.2, which counts fields, and RFC 3954, section 6.1, which counts their bytes.
fn template(version: ProtocolVersion, id: u16, scopes: usize, fields: &[FieldSpecifier]) -> Vec<u8> {
    let counts = match version {
        ProtocolVersion::Ipfix => [fields.len(), scopes],
        _ => [4 * scopes, 4 * (fields.len() - scopes)],
    };
    let mut template = id.to_be_bytes().to_vec();
    for count in counts {
        template.extend((count as u16).to_be_bytes());
    }
    for field in fields {
        template.extend(field.id.to_be_bytes());
        template.extend(field.length.to_be_bytes());
    }
    template
}

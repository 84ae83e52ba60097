//! What an exporter says beside its flows: options records, repeated with the templates.

use crate::{templates::FieldSpecifier, wire::ProtocolVersion};

/// At this many, more are not taken: each costs room whenever templates are repeated.
const MAXIMUM_RECORDS: usize = 1024;

/// An element of an options record, in network byte order. Scopes of NetFlow v9 are numbered apart from elements.
pub type Value = (u16, Vec<u8>);

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
        self.scopes == other.scopes && self.layout() == other.layout()
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
    records: Vec<(usize, OptionsRecord)>,
    layouts: Vec<(usize, Vec<FieldSpecifier>)>,
}

impl Options {
    /// Take a record, in place of an earlier one that spoke of the same.
    pub fn announce(&mut self, record: OptionsRecord) {
        if let Some((_, earlier)) = self.records.iter_mut().find(|(_, earlier)| earlier.is_of(&record)) {
            *earlier = record;
        } else if self.records.len() < MAXIMUM_RECORDS {
            let layout = record.layout();
            let known = self.layouts.iter().position(|other| *other == layout);
            let number = known.unwrap_or_else(|| {
                self.layouts.push(layout);
                self.layouts.len() - 1
            });
            self.records.push((number, record));
        }
    }

    /// Options templates, in the order of their numbers.
    pub fn templates(&self, version: ProtocolVersion, first_id: u16) -> impl Iterator<Item = Vec<u8>> {
        self.layouts
            .iter()
            .enumerate()
            .map(move |(number, (scopes, fields))| template(version, first_id + number as u16, *scopes, fields))
    }

    /// Records, with the number of their template.
    pub fn records(&self) -> impl Iterator<Item = (u16, &OptionsRecord)> {
        self.records.iter().map(|(number, record)| (*number as u16, record))
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

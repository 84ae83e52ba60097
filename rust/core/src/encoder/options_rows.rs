//! Rows of the `options` table as options data records: lists of elements, sent as they stand.

use std::{collections::HashMap, sync::LazyLock};

use arrow_array::{Array, ListArray, RecordBatch, StructArray, cast::AsArray};

use super::{announced::Layout, element::in_netflow_v9, source::text_length};
use crate::{
    schema::{ELEMENTS, ElementType},
    templates::FieldSpecifier,
    wire::ProtocolVersion,
};

/// NetFlow v9 knows five scopes and no more (RFC 3954, section 6.1); this is the exporter itself.
pub const NETFLOW_V9_SYSTEM: FieldSpecifier = FieldSpecifier { enterprise: 0, id: 1, length: 4 };

/// One record with its template.
pub struct OptionsRow {
    pub layout: Layout,
    pub bytes: Vec<u8>,
}

/// The records of a batch; elements that nobody has a number for are left out, and so are rows without any other.
pub fn options_rows(batch: &RecordBatch, version: ProtocolVersion) -> Vec<OptionsRow> {
    let lists = ["scope", "other"].map(|name| Lists::of(batch, name));
    (0..batch.num_rows()).filter_map(|row| record(&lists, row, version)).collect()
}

fn record(lists: &[Option<Lists>; 2], row: usize, version: ProtocolVersion) -> Option<OptionsRow> {
    let mut record = OptionsRow { layout: Layout { scopes: 0, fields: Vec::new() }, bytes: Vec::new() };
    if version == ProtocolVersion::NetflowV9 {
        record.push(NETFLOW_V9_SYSTEM, &[0; 4]);
        record.layout.scopes = 1;
    }
    for (place, list) in lists.iter().enumerate() {
        for (name, raw) in list.iter().flat_map(|list| list.row(row)) {
            let Some(field) = specifier(name, raw, version) else { continue };
            record.push(field, raw);
        }
        if place == 0 && version == ProtocolVersion::Ipfix {
            record.layout.scopes = record.layout.fields.len();
        }
    }
    let has_both = record.layout.scopes > 0 && record.layout.scopes < record.layout.fields.len();
    has_both.then_some(record)
}

impl OptionsRow {
    fn push(&mut self, field: FieldSpecifier, raw: &[u8]) {
        if field.length == FieldSpecifier::VARIABLE {
            self.bytes.push(raw.len() as u8);
            self.bytes.extend_from_slice(raw);
        } else {
            let end = self.bytes.len() + usize::from(field.length);
            self.bytes.extend_from_slice(raw);
            self.bytes.resize(end, 0);
        }
        self.layout.fields.push(field);
    }
}

/// The field an element travels as; text too long for one byte of length is not sent.
fn specifier(name: &str, raw: &[u8], version: ProtocolVersion) -> Option<FieldSpecifier> {
    static BY_NAME: LazyLock<HashMap<&str, (u32, u16, ElementType)>> = LazyLock::new(|| {
        ELEMENTS.iter().map(|&(enterprise, id, name, element_type)| (name, (enterprise, id, element_type))).collect()
    });
    let &(enterprise, id, element_type) = BY_NAME.get(name)?;
    let length = match (element_type, u8::try_from(raw.len()).ok()?, version) {
        (_, 255, _) => return None,
        (ElementType::String, _, ProtocolVersion::Ipfix) => FieldSpecifier::VARIABLE,
        (ElementType::String, length, _) => text_length(length.into()),
        (_, length, _) => length.into(),
    };
    let (enterprise, id) = match version {
        ProtocolVersion::Ipfix => (enterprise, id),
        _ => (0, in_netflow_v9(enterprise, id)?),
    };
    Some(FieldSpecifier { enterprise, id, length })
}

/// A column of lists of (element, value, raw).
struct Lists<'a> {
    lists: &'a ListArray,
    elements: &'a StructArray,
}

impl<'a> Lists<'a> {
    fn of(batch: &'a RecordBatch, name: &str) -> Option<Self> {
        let lists = batch.column_by_name(name)?.as_list::<i32>();
        Some(Self { lists, elements: lists.values().as_struct() })
    }

    fn row(&self, row: usize) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let (names, raws) = (self.elements.column(0).as_string::<i32>(), self.elements.column(2).as_binary::<i32>());
        let offsets = self.lists.value_offsets();
        let places = if self.lists.is_valid(row) { offsets[row]..offsets[row + 1] } else { 0..0 };
        places.map(move |place| (names.value(place as usize), raws.value(place as usize)))
    }
}

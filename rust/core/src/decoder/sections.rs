//! Packet reports (PSAMP): what the first bytes of a packet say fills the columns that its record leaves empty.

use super::sample_row::{push_headers, put_headers};
use crate::{
    columns::{Cell, ElementsColumn, FlowColumns},
    packet::sampled::SampledHeaders,
    schema::Field,
    templates::{Plan, Records, SectionFields, unsigned},
};

/// Fill columns of a set's rows.
pub fn fill(flows: &mut FlowColumns, plan: &Plan, fields: &SectionFields, records: &Records<'_>) {
    for record in 0..records.count() {
        for headers in headers_of(plan, fields, records, record) {
            put_headers(flows, record, &headers);
            if let Some(length) = headers.ip_length {
                flows.fill_gap(Field::Bytes, record, Cell::Number(length.into()));
            }
        }
        // It tells of one packet, whatever of it could be read.
        flows.fill_gap(Field::Packets, record, Cell::Number(1));
    }
}

/// Push what has no column, of one record.
pub fn push(
    other: &mut ElementsColumn,
    plan: &Plan,
    fields: &SectionFields,
    records: &Records<'_>,
    record: usize,
    text: &mut String,
) {
    for headers in headers_of(plan, fields, records, record) {
        push_headers(other, &headers, text);
    }
}

fn headers_of<'a>(
    plan: &'a Plan,
    fields: &'a SectionFields,
    records: &'a Records<'_>,
    record: usize,
) -> impl Iterator<Item = SampledHeaders<'a>> + 'a {
    let protocol = plan.columns.iter().find(|read| read.field == Field::Protocol);
    let protocol = protocol.and_then(|read| unsigned(records.value(record, read.index)));
    let protocol = protocol.and_then(|protocol| u8::try_from(protocol).ok());
    fields
        .of_record(records, record, protocol)
        .map(|section| SampledHeaders::read(section.start, section.bytes, section.wire_length))
}

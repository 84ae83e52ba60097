//! One flow row, written from what a sample tells of a packet.

use super::samples::tag_name;
use crate::{
    columns::{AnyColumn, Cell, ElementsColumn, FlowColumns},
    packet::{
        Packet,
        sampled::{SampledHeaders, Start},
    },
    schema::Field,
    time::Instant,
    wire::{
        Cursor, Malformed,
        sflow::{
            FLOW_STRUCTURES, FlowSample, Interface, SampledHeader, Source, Structure, Tagged, Value, find_structure,
            read_value,
        },
    },
};

/// Where packets are metered, as IPFIX numbers it.
const INGRESS: u64 = 0;
const EGRESS: u64 = 1;

/// The row being written.
pub struct SampleRow<'a> {
    flows: &'a mut FlowColumns,
    is_verbatim: bool,
    text: &'a mut String,
    /// Whether the packet is one of those that were counted.
    is_counted: bool,
    /// Bytes of the frame on the wire.
    frame_length: Option<u32>,
}

impl<'a> SampleRow<'a> {
    /// Begin the row behind the finished ones.
    pub fn begin(flows: &'a mut FlowColumns, is_verbatim: bool, text: &'a mut String) -> Self {
        Self { flows, is_verbatim, text, is_counted: true, frame_length: None }
    }

    /// Write all that the sample tells, and end the row. Returns what was wrong with it, if anything was.
    ///
    /// Packets that were discarded are told of as often as the agent may, so they have no counts, as denied ones of
    /// firewalls have none.
    pub fn write(&mut self, sample: &FlowSample<'_>, received: Instant) -> Option<Malformed> {
        self.is_counted = sample.discard_reason.is_none();
        if !self.is_verbatim {
            self.put(Field::Start, Cell::Number(received as u64));
            self.put(Field::End, Cell::Number(received as u64));
            self.put_sample(sample);
        }
        self.push_head(sample);
        let malformed = self.structures(sample.records.clone());
        if !self.is_verbatim {
            // One packet; its bytes are those of IP, as in every other flow, where it is IP and says how many.
            self.put_some(Field::Packets, Some(1_u32));
            self.put_some(Field::Bytes, self.frame_length);
        }
        self.other().end_row();
        self.flows.end_rows(1);
        malformed
    }

    fn put(&mut self, field: Field, cell: Cell<'_>) -> bool {
        let is_count = matches!(field, Field::Packets | Field::Bytes);
        let says_nothing = field == Field::Vlan && cell == Cell::Number(0);
        (self.is_counted || !is_count) && !says_nothing && self.flows.fill_gap(field, 0, cell)
    }

    fn put_some(&mut self, field: Field, number: Option<impl Into<u64>>) {
        if let Some(number) = number {
            self.put(field, Cell::Number(number.into()));
        }
    }

    fn other(&mut self) -> &mut ElementsColumn {
        match self.flows.column(Field::Other) {
            AnyColumn::Elements(other) => other,
            _ => unreachable!("other is a list of elements"),
        }
    }

    fn push(&mut self, name: &str, value: &Value<'_>, raw: &[u8]) {
        if let AnyColumn::Elements(other) = self.flows.column(Field::Other) {
            other.push(name, value.text(self.text), raw);
        }
    }

    fn put_sample(&mut self, sample: &FlowSample<'_>) {
        self.put_some(Field::SamplingInterval, sample.sampling_interval.filter(|&interval| interval > 0));
        let index = |interface| match interface {
            Interface::Index(index) => Some(index),
            _ => None,
        };
        let (input, output) = (index(sample.input), index(sample.output));
        self.put_some(Field::InInterface, input);
        self.put_some(Field::OutInterface, output);
        // A packet that leaves where it came in was seen once, and nobody knows when.
        match sample.source {
            Source { class: 0, index } if input != output && input == Some(index) => {
                self.put(Field::Direction, Cell::Number(INGRESS));
            }
            Source { class: 0, index } if input != output && output == Some(index) => {
                self.put(Field::Direction, Cell::Number(EGRESS));
            }
            _ => {}
        }
    }

    /// What the sample says of itself and has no column.
    fn push_head(&mut self, sample: &FlowSample<'_>) {
        let is_told = |interface| matches!(interface, Interface::Index(_) | Interface::Unknown);
        let is_verbatim = self.is_verbatim;
        sample.head.each_field(|field, value, raw| {
            let is_kept = match field.column {
                Some(Field::InInterface) => !is_told(sample.input),
                Some(Field::OutInterface) => !is_told(sample.output),
                Some(_) => false,
                None => true,
            };
            if is_kept || is_verbatim {
                self.push(field.name, &value, raw);
            }
        });
    }

    fn structures(&mut self, records: Tagged<'_>) -> Option<Malformed> {
        let mut malformed = None;
        let mut gaps: [Option<(Field, Cell<'_>)>; 8] = [None; 8];
        let mut gap_count = 0;
        for record in records {
            let Ok((tag, body)) = record else { return Some(Malformed::BadSample) };
            if tag == SampledHeader::TAG {
                match SampledHeader::read(body) {
                    Some(header) => self.header(&header),
                    None => malformed = Some(Malformed::BadSample),
                }
                continue;
            }
            let Some(structure) = find_structure(FLOW_STRUCTURES, tag) else {
                self.other().push(&tag_name(tag), None, body);
                continue;
            };
            let mut cursor = Cursor::new(body);
            for field in structure.fields {
                let Some((value, raw)) = read_value(field.form, &mut cursor) else {
                    malformed = Some(Malformed::BadSample);
                    break;
                };
                let column = if self.is_verbatim { None } else { field.column };
                let cell = column.and_then(|column| Some((column, value.cell()?)));
                if field.fills_gap
                    && let (Some(cell), Some(gap)) = (cell, gaps.get_mut(gap_count))
                {
                    *gap = Some(cell);
                    gap_count += 1;
                }
                let is_filled = !field.fills_gap && cell.is_some_and(|(column, cell)| self.put(column, cell));
                // Nothing is said by an address that nobody knows, and by a name without letters.
                if !is_filled && (self.is_verbatim || !raw.is_empty()) {
                    self.push(field.name, &value, raw);
                }
            }
        }
        for (column, cell) in gaps.into_iter().flatten() {
            self.put(column, cell);
        }
        malformed
    }

    /// The packet's own headers.
    fn header(&mut self, header: &SampledHeader<'_>) {
        let wire_length = (header.frame_length as usize).saturating_sub(header.stripped as usize);
        let start = Start::of_sflow(header.protocol);
        let read = start.map(|start| SampledHeaders::read(start, header.bytes, wire_length));
        let is_read = read.as_ref().is_some_and(SampledHeaders::is_ip);
        header.each_field(|name, value, raw| {
            // What was read from the bytes is in columns; bytes that nobody can read are kept.
            if self.is_verbatim || name != SampledHeader::BYTES || !is_read {
                self.push(name, &value, raw);
            }
        });
        if let Some(headers) = read.filter(|_| !self.is_verbatim) {
            put_headers(self.flows, 0, &headers);
            if let AnyColumn::Elements(other) = self.flows.column(Field::Other) {
                push_headers(other, &headers, self.text);
            }
            // A packet that says to be longer than the frame that held it is as long as that.
            let longest = if header.frame_length > 0 { header.frame_length } else { u32::MAX };
            self.put_some(Field::Bytes, headers.ip_length.map(|length| length.min(longest)));
        }
        self.frame_length = self.frame_length.or(Some(header.frame_length).filter(|&length| length > 0));
    }
}

/// Write what a packet's headers say to a row, where nothing stands yet. Its length is the caller's to write.
pub fn put_headers(flows: &mut FlowColumns, place: usize, headers: &SampledHeaders<'_>) {
    let mut put = |field, cell: Option<Cell<'_>>| {
        if let Some(cell) = cell {
            flows.fill_gap(field, place, cell);
        }
    };
    let number = |number: u64| Cell::Number(number);
    put(Field::SrcMac, headers.src_mac.map(Cell::Mac));
    put(Field::DstMac, headers.dst_mac.map(Cell::Mac));
    put(Field::Vlan, headers.vlans.items().first().map(|&vlan| number(vlan.into())));
    put(Field::SrcAddr, headers.src.map(Cell::Address));
    put(Field::DstAddr, headers.dst.map(Cell::Address));
    put(Field::Protocol, headers.protocol.map(|protocol| number(protocol.into())));
    put(Field::Tos, headers.tos.map(|tos| number(tos.into())));
    put(Field::Ttl, headers.ttl.map(|ttl| number(ttl.into())));
    put(Field::SrcPort, headers.src_port.map(|port| number(port.into())));
    put(Field::DstPort, headers.dst_port.map(|port| number(port.into())));
    put(Field::TcpFlags, headers.tcp_flags.map(|flags| number(flags.into())));
}

/// Push what of the headers has no column: further tags, labels, and what a tunnel carries.
pub fn push_headers(other: &mut ElementsColumn, headers: &SampledHeaders<'_>, text: &mut String) {
    const LABELS: [&str; 8] = [
        "mplsTopLabelStackSection",
        "mplsLabelStackSection2",
        "mplsLabelStackSection3",
        "mplsLabelStackSection4",
        "mplsLabelStackSection5",
        "mplsLabelStackSection6",
        "mplsLabelStackSection7",
        "mplsLabelStackSection8",
    ];
    let mut push = |name: &str, value: &Value<'_>, raw: &[u8]| other.push(name, value.text(text), raw);
    for vlan in headers.vlans.items().iter().skip(1) {
        push("dot1qCustomerVlanId", &Value::Number(u64::from(*vlan)), &vlan.to_be_bytes());
    }
    for (name, label) in LABELS.into_iter().zip(headers.labels.items()) {
        push(name, &Value::Bytes(label), label);
    }
    if let Some(ether_type) = headers.ether_type {
        push("ethernetType", &Value::Number(u64::from(ether_type)), &ether_type.to_be_bytes());
    }
    if let Some(inner) = &headers.inner {
        push_inner(&mut push, inner);
    }
}

fn push_inner(push: &mut impl FnMut(&str, &Value<'_>, &[u8]), inner: &Packet<'_>) {
    for (name, address) in [("inner.src_addr", inner.src), ("inner.dst_addr", inner.dst)] {
        push(name, &Value::Address(address), &address);
    }
    push("inner.protocol", &Value::Number(inner.protocol.into()), &[inner.protocol]);
    for (name, port) in [("inner.src_port", inner.src_port), ("inner.dst_port", inner.dst_port)] {
        push(name, &Value::Number(port.into()), &port.to_be_bytes());
    }
}

/// Push every field of every structure by name; returns what was wrong with them, if anything was.
pub fn push_structures(
    elements: &mut ElementsColumn,
    text: &mut String,
    structures: &'static [Structure],
    records: Tagged<'_>,
) -> Option<Malformed> {
    let mut malformed = None;
    for record in records {
        let Ok((tag, body)) = record else { return Some(Malformed::BadSample) };
        let Some(structure) = find_structure(structures, tag) else {
            elements.push(&tag_name(tag), None, body);
            continue;
        };
        let mut cursor = Cursor::new(body);
        for field in structure.fields {
            // Structures grew at their end: an older agent sends fewer fields.
            if cursor.rest().is_empty() {
                break;
            }
            let Some((value, raw)) = read_value(field.form, &mut cursor) else {
                malformed = Some(Malformed::BadSample);
                break;
            };
            elements.push(field.name, value.text(text), raw);
        }
    }
    malformed
}

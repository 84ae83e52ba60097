//! Beginnings and ends of translations as rows of the flows table (RFC 8158, section 5).

use crate::{
    address::{Address, is_v4},
    batch::Batch,
    columns::{AnyColumn, FlowColumns},
    conntrack::Tuple,
    schema::Field,
    time::Instant,
};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A translation began.
    Create,
    /// A translation ended.
    Delete,
}

impl Kind {
    /// natEvent: a NAT44 session; between IPv6 addresses only the general numbers fit.
    fn number(self, is_v4: bool) -> u8 {
        match (self, is_v4) {
            (Self::Create, true) => 4,
            (Self::Delete, true) => 5,
            (Self::Create, false) => 1,
            (Self::Delete, false) => 2,
        }
    }
}

/// An event: at one moment, or somewhere in a stretch of time during which we missed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: Kind,
    /// The ends as who began the connection has them.
    pub before: Tuple,
    /// The same ends once translated.
    pub after: Tuple,
    pub start: Instant,
    pub end: Instant,
}

impl Event {
    fn number(&self) -> u8 {
        self.kind.number(is_v4(&self.before.src))
    }
}

/// Write events into columns; `None` when there are none.
pub fn batch_from_events(events: &[Event]) -> Option<Batch> {
    let mut rows = Rows { columns: FlowColumns::default(), events };
    rows.instants(Field::Start, |event| event.start);
    rows.instants(Field::End, |event| event.end);
    rows.addresses(Field::SrcAddr, |event| event.before.src);
    rows.addresses(Field::DstAddr, |event| event.before.dst);
    rows.addresses(Field::NatSrcAddr, |event| event.after.src);
    rows.addresses(Field::NatDstAddr, |event| event.after.dst);
    rows.ports(Field::SrcPort, |event| &event.before, |ends| ends.src_port);
    rows.ports(Field::DstPort, |event| &event.before, |ends| ends.dst_port);
    rows.ports(Field::NatSrcPort, |event| &event.after, |ends| ends.src_port);
    rows.ports(Field::NatDstPort, |event| &event.after, |ends| ends.dst_port);
    rows.numbers(Field::Protocol, |event| event.before.protocol);
    rows.numbers(Field::NatEvent, Event::number);
    rows.columns.end_rows(events.len());
    rows.columns.take()
}

struct Rows<'a> {
    columns: FlowColumns,
    events: &'a [Event],
}

impl Rows<'_> {
    fn instants(&mut self, field: Field, value: impl Fn(&Event) -> Instant) {
        match self.columns.column(field) {
            AnyColumn::Instant(column) => column.extend_valid(0, self.events.iter().map(value)),
            _ => unreachable!("{field:?} is not an instant column"),
        }
    }

    fn addresses(&mut self, field: Field, value: impl Fn(&Event) -> Address) {
        match self.columns.column(field) {
            AnyColumn::Address(column) => column.extend_valid(0, self.events.iter().map(value)),
            _ => unreachable!("{field:?} is not an address column"),
        }
    }

    fn ports(&mut self, field: Field, ends: impl Fn(&Event) -> &Tuple, port: impl Fn(&Tuple) -> u16) {
        let value = |event| {
            let ends = ends(event);
            ends.has_ports().then(|| port(ends))
        };
        match self.columns.column(field) {
            AnyColumn::U16(column) => column.extend(0, self.events.iter().map(value)),
            _ => unreachable!("{field:?} is not a 16-bit column"),
        }
    }

    fn numbers(&mut self, field: Field, value: impl Fn(&Event) -> u8) {
        match self.columns.column(field) {
            AnyColumn::U8(column) => column.extend_valid(0, self.events.iter().map(value)),
            _ => unreachable!("{field:?} is not an 8-bit column"),
        }
    }
}

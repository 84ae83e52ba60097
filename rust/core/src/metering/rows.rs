//! Ended flows as rows of the `flows` table.

use super::{
    delivery::Direction,
    flow::{Ended, Flow},
};
use crate::{
    address::Address,
    batch::Batch,
    columns::{AnyColumn, FlowColumns},
    packet::Mac,
    schema::Field,
};

const TCP: u8 = 6;

/// Where and how flows were observed: the same for all that one meter counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct ObservationPoint {
    /// Index of the interface that the packets passed.
    pub interface: Option<u32>,
    /// One packet in so many was looked at.
    pub sampling_interval: Option<u32>,
}

/// Write flows into columns; `None` when there are none.
pub fn batch_from_flows(flows: &[Ended], point: ObservationPoint) -> Option<Batch> {
    let mut rows = Rows { columns: FlowColumns::default(), flows };
    rows.instants(Field::Start, |flow| flow.start);
    rows.instants(Field::End, |flow| flow.end);
    rows.addresses(Field::SrcAddr, |flow| flow.key.src());
    rows.addresses(Field::DstAddr, |flow| flow.key.dst());
    rows.numbers(Field::SrcPort, |(flow, _)| Some(flow.key.src_port().into()));
    rows.numbers(Field::DstPort, |(flow, _)| Some(flow.key.dst_port().into()));
    rows.numbers(Field::Protocol, |(flow, _)| Some(flow.key.protocol().into()));
    rows.numbers(Field::TcpFlags, |(flow, _)| (flow.key.protocol() == TCP).then_some(flow.tcp_flags.into()));
    rows.numbers(Field::Tos, |(flow, _)| Some(flow.tos.into()));
    rows.numbers(Field::Packets, |(flow, _)| Some(flow.packets));
    rows.numbers(Field::Bytes, |(flow, _)| Some(flow.bytes));
    rows.numbers(Field::Vlan, |(flow, _)| flow.key.vlan().map(u64::from));
    rows.macs(Field::SrcMac, |flow| flow.src_mac);
    rows.macs(Field::DstMac, |flow| flow.dst_mac);
    rows.numbers(Field::FlowEndReason, |(_, reason)| Some(*reason as u64));
    rows.numbers(Field::Direction, |(flow, _)| flow.key.direction().map(|direction| direction as u64));
    let passed = |direction| {
        move |(flow, _): &Ended| point.interface.filter(|_| flow.key.direction() == Some(direction)).map(u64::from)
    };
    rows.numbers(Field::InInterface, passed(Direction::Ingress));
    rows.numbers(Field::OutInterface, passed(Direction::Egress));
    rows.numbers(Field::SamplingInterval, |_| point.sampling_interval.map(u64::from));
    rows.columns.end_rows(flows.len());
    rows.columns.take()
}

struct Rows<'a> {
    columns: FlowColumns,
    flows: &'a [Ended],
}

impl Rows<'_> {
    fn numbers(&mut self, field: Field, value: impl Fn(&Ended) -> Option<u64>) {
        let values = self.flows.iter().map(value);
        match self.columns.column(field) {
            AnyColumn::U8(column) => column.extend(0, values.map(|value| value.map(|value| value as u8))),
            AnyColumn::U16(column) => column.extend(0, values.map(|value| value.map(|value| value as u16))),
            AnyColumn::U32(column) => column.extend(0, values.map(|value| value.map(|value| value as u32))),
            AnyColumn::U64(column) => column.extend(0, values),
            _ => unreachable!("{field:?} is not an unsigned column"),
        }
    }

    fn instants(&mut self, field: Field, value: impl Fn(&Flow) -> i64) {
        match self.columns.column(field) {
            AnyColumn::Instant(column) => column.extend_valid(0, self.flows.iter().map(|(flow, _)| value(flow))),
            _ => unreachable!("{field:?} is not an instant column"),
        }
    }

    fn addresses(&mut self, field: Field, value: impl Fn(&Flow) -> Address) {
        match self.columns.column(field) {
            AnyColumn::Address(column) => column.extend_valid(0, self.flows.iter().map(|(flow, _)| value(flow))),
            _ => unreachable!("{field:?} is not an address column"),
        }
    }

    fn macs(&mut self, field: Field, value: impl Fn(&Flow) -> Option<Mac>) {
        match self.columns.column(field) {
            AnyColumn::Mac(column) => column.extend(0, self.flows.iter().map(|(flow, _)| value(flow))),
            _ => unreachable!("{field:?} is not a MAC column"),
        }
    }
}

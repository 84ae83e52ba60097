//! Ended flows as rows of the `flows` table.

use std::net::IpAddr;

use super::{
    connections::Answered,
    delivery::Direction,
    flow::{Ended, Flow},
    story::{Performance, Wanted},
};
use crate::{
    address::{Address, ip_from_address},
    batch::Batch,
    columns::{AnyColumn, ElementsColumn, FlowColumns, OptionColumns, OptionOrigin},
    packet::Mac,
    schema::Field,
    time::MILLISECOND,
    wire::ProtocolVersion,
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
    rows.numbers(Field::Ttl, |(flow, _)| Some(flow.ttl.into()));
    rows.stories();
    rows.columns.end_rows(flows.len());
    rows.columns.take()
}

/// Write DNS answers as options records, one for each address: scoped by who asked and who answered.
pub fn batch_from_answers(answers: &[Answered]) -> Option<Batch> {
    let mut columns = OptionColumns::default();
    for answered in answers {
        let milliseconds = answered.time.div_euclid(MILLISECOND).to_be_bytes();
        for told in &answered.answer.addresses {
            push_address(&mut columns.scope, ["destinationIPv4Address", "destinationIPv6Address"], &answered.client);
            push_address(&mut columns.scope, ["sourceIPv4Address", "sourceIPv6Address"], &answered.server);
            columns.other.push("observationTimeMilliseconds", None, &milliseconds);
            let name = &answered.answer.name;
            columns.other.push("tidegaugeDnsName", Some(name), name.as_bytes());
            push_address(&mut columns.other, ["tidegaugeDnsIPv4Address", "tidegaugeDnsIPv6Address"], &told.address);
            columns.other.push("tidegaugeDnsTtl", None, &told.ttl_seconds.to_be_bytes());
            columns.end_row(OptionOrigin {
                received: answered.time,
                exporter: Address::default(),
                observation_domain: 0,
                version: ProtocolVersion::Ipfix,
                template_id: 0,
            });
        }
    }
    columns.take()
}

fn push_address(elements: &mut ElementsColumn, [v4, v6]: [&str; 2], address: &Address) {
    match ip_from_address(*address) {
        IpAddr::V4(octets) => elements.push(v4, None, &octets.octets()),
        IpAddr::V6(octets) => elements.push(v6, None, &octets.octets()),
    }
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

    /// What is known beyond counters; columns that nobody has anything for are not touched.
    fn stories(&mut self) {
        if self.flows.iter().all(|(flow, _)| flow.story.is_none()) {
            return;
        }
        self.texts(Field::Site, |wanted| wanted.site.as_deref());
        self.texts(Field::SiteSource, |wanted| wanted.source);
        self.texts(Field::Alpn, |wanted| wanted.protocol.as_deref());
        self.texts(Field::ClientFingerprint, |wanted| wanted.fingerprint.as_deref());
        self.durations(Field::TcpRtt, |performance| performance.handshake.whole());
        self.durations(Field::TcpRttServer, |performance| performance.handshake.server);
        self.durations(Field::TcpRttClient, |performance| performance.handshake.client);
        let round_trip =
            |place: usize| move |performance: &Performance| Some(performance.quality.round_trips.summary()?[place]);
        self.durations(Field::ReceiverRttMin, round_trip(0));
        self.durations(Field::ReceiverRttMean, round_trip(1));
        self.durations(Field::ReceiverRttMax, round_trip(2));
        self.numbers(Field::Retransmits, |flow| Some(performance(flow)?.quality.seen_again));
        self.numbers(Field::SpuriousRetransmits, |flow| Some(performance(flow)?.quality.spurious));
        self.numbers(Field::LateFills, |flow| Some(performance(flow)?.quality.late));
        self.numbers(Field::Reordered, |flow| Some(performance(flow)?.quality.reordered));
        self.numbers(Field::ZeroWindows, |flow| Some(performance(flow)?.quality.zero_windows));
    }

    fn texts(&mut self, field: Field, value: impl Fn(&Wanted) -> Option<&str>) {
        match self.columns.column(field) {
            AnyColumn::Text(column) => {
                self.flows.iter().map(wanted).for_each(|wanted| column.push(wanted.and_then(&value)));
            }
            _ => unreachable!("{field:?} is not a text column"),
        }
    }

    fn durations(&mut self, field: Field, value: impl Fn(&Performance) -> Option<i64>) {
        match self.columns.column(field) {
            AnyColumn::I64(column) => {
                column.extend(0, self.flows.iter().map(|flow| performance(flow).and_then(&value)));
            }
            _ => unreachable!("{field:?} is not a column of durations"),
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

fn performance((flow, _): &Ended) -> Option<&Performance> {
    flow.story.as_ref()?.performance.as_ref()
}

fn wanted((flow, _): &Ended) -> Option<&Wanted> {
    flow.story.as_ref()?.wanted.as_deref()
}

//! Ended flows as rows of the `flows` table.

use std::{iter, net::IpAddr};

use super::{
    connections::Answered,
    delivery::Direction,
    ended::{Ended, EndedFlows},
    flow::Flow,
    story::{Performance, Story, Wanted},
    tcp::Mishaps,
};
use crate::{
    address::{Address, ip_from_address},
    application::ApplicationId,
    batch::Batch,
    columns::{AnyColumn, ElementsColumn, FlowColumns, OptionColumns, OptionOrigin},
    packet::Mac,
    recent::Recent,
    schema::Field,
    time::MILLISECOND,
    wire::ProtocolVersion,
};

/// Where and how flows were observed: the same for all that one meter counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct ObservationPoint {
    /// Index of the interface that the packets passed.
    pub interface: Option<u32>,
    /// One packet in so many was looked at.
    pub sampling_interval: Option<u32>,
    /// Whether payloads were looked into.
    pub names: bool,
}

/// Flows that are written into all columns before the next: as many as the processor's inner cache holds.
const CHUNK: usize = 128;

/// In the order of [`Performance::durations`].
const DURATIONS: [Field; 6] = [
    Field::TcpRtt,
    Field::TcpRttServer,
    Field::TcpRttClient,
    Field::ReceiverRttMin,
    Field::ReceiverRttMean,
    Field::ReceiverRttMax,
];

/// How often something went wrong.
type Count = fn(&Mishaps) -> u32;

/// What may go wrong.
const MISHAPS: [(Field, Count); 5] = [
    (Field::Retransmits, |mishaps| mishaps.seen_again),
    (Field::SpuriousRetransmits, |mishaps| mishaps.spurious),
    (Field::LateFills, |mishaps| mishaps.late),
    (Field::Reordered, |mishaps| mishaps.reordered),
    (Field::ZeroWindows, |mishaps| mishaps.zero_windows),
];

/// Writes flows into columns. What one batch leaves serves the next: room, and the columns that are null.
#[derive(Default)]
pub struct FlowRows {
    columns: FlowColumns,
    applications: Recent<ApplicationId, String>,
}

impl FlowRows {
    /// Write flows that are over, and take them; `None` when there are none.
    pub fn batch(&mut self, ended: &EndedFlows, point: ObservationPoint) -> Option<Batch> {
        self.write(ended, point);
        self.take()
    }

    /// Write flows that are over behind those that nobody took yet.
    pub fn write(&mut self, ended: &EndedFlows, point: ObservationPoint) {
        for flows in ended.flows().chunks(CHUNK) {
            let stories = flows.iter().map(|flow| ended.story(flow)).collect();
            let applications = &mut self.applications;
            Rows { columns: &mut self.columns, flows, stories, applications }.write(point);
            self.columns.end_rows(flows.len());
        }
    }

    /// Take all that was written; `None` when nothing was.
    pub fn take(&mut self) -> Option<Batch> {
        self.columns.take()
    }

    /// How many were written and not taken yet.
    pub fn count(&self) -> usize {
        self.columns.rows()
    }
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
                template_id: Some(0),
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

/// Some flows on their way into columns. Columns that nobody has anything for are not touched.
struct Rows<'a> {
    columns: &'a mut FlowColumns,
    flows: &'a [Ended],
    stories: Vec<Option<&'a Story>>,
    /// As they are written.
    applications: &'a mut Recent<ApplicationId, String>,
}

impl Rows<'_> {
    fn write(&mut self, point: ObservationPoint) {
        self.instants(Field::Start, |flow| flow.start);
        self.instants(Field::End, |flow| flow.end);
        self.addresses(Field::SrcAddr, |flow| flow.key.src());
        self.addresses(Field::DstAddr, |flow| flow.key.dst());
        self.numbers(Field::SrcPort, |ended| ended.flow.key.src_port().into());
        self.numbers(Field::DstPort, |ended| ended.flow.key.dst_port().into());
        self.numbers(Field::Protocol, |ended| ended.flow.key.protocol().into());
        self.known(Field::TcpFlags, |flow| flow.is_tcp().then_some(flow.tcp_flags.into()));
        self.numbers(Field::Tos, |ended| ended.flow.tos.into());
        self.numbers(Field::Packets, |ended| ended.flow.packets);
        self.numbers(Field::Bytes, |ended| ended.flow.bytes);
        self.known(Field::Vlan, |flow| flow.key.vlan().map(u64::from));
        self.macs(Field::SrcMac, |flow| flow.src_mac);
        self.macs(Field::DstMac, |flow| flow.dst_mac);
        self.numbers(Field::FlowEndReason, |ended| ended.reason as u64);
        self.known(Field::Direction, |flow| flow.key.direction().map(|direction| direction as u64));
        if let Some(interface) = point.interface {
            let passed =
                |direction| move |flow: &Flow| (flow.key.direction() == Some(direction)).then_some(interface.into());
            self.known(Field::InInterface, passed(Direction::Ingress));
            self.known(Field::OutInterface, passed(Direction::Egress));
        }
        if let Some(interval) = point.sampling_interval {
            self.numbers(Field::SamplingInterval, |_| interval.into());
        }
        self.numbers(Field::Ttl, |ended| ended.flow.ttl.into());
        if point.names {
            self.applications();
        }
        if self.stories.iter().any(|&story| wanted(story).is_some()) {
            self.wishes();
        }
        if self.stories.iter().any(|&story| performance(story).is_some()) {
            self.performances();
        }
    }

    fn applications(&mut self) {
        let row = self.columns.rows();
        let AnyColumn::Text(column) = self.columns.column(Field::Application) else {
            unreachable!("applications are a column of text")
        };
        column.pad_to(row);
        for Ended { flow, application, .. } in self.flows {
            let id = match *application {
                Some(recognised) => ApplicationId::recognised(recognised),
                None => ApplicationId::assigned(flow.key.protocol(), flow.service_ports()),
            };
            column.push(Some(self.applications.get_or_make(id.mark(), id, ToString::to_string)));
        }
    }

    fn wishes(&mut self) {
        self.texts(Field::Site, |wanted| wanted.site.as_deref());
        self.texts(Field::SiteSource, |wanted| wanted.source);
        self.texts(Field::Alpn, |wanted| wanted.protocol.as_deref());
        self.texts(Field::ClientFingerprint, |wanted| wanted.fingerprint.as_deref());
    }

    fn performances(&mut self) {
        let measured = Measured::of(&self.stories);
        let row = self.columns.rows();
        for ((field, values), nulls) in DURATIONS.into_iter().zip(&measured.durations).zip(&measured.nulls) {
            let AnyColumn::I64(column) = self.columns.column(field) else {
                unreachable!("{field:?} is not a column of durations")
            };
            if count(nulls) < self.stories.len() {
                column.extend_but(row, values[..self.stories.len()].iter().copied(), nulls);
            }
        }
        for (field, count) in MISHAPS {
            if measured.is_spotless {
                self.counts(field, iter::repeat_n(0, self.stories.len()), &measured.unfollowed);
            } else {
                let nothing = Mishaps::default();
                let mishaps = |story| performance(story).map_or(nothing, |performance| performance.mishaps);
                let counts: Vec<_> = self.stories.iter().map(|&story| count(&mishaps(story))).collect();
                self.counts(field, counts.into_iter(), &measured.unfollowed);
            }
        }
    }

    /// What every flow has.
    fn numbers(&mut self, field: Field, value: impl Fn(&Ended) -> u64) {
        let (row, values) = (self.columns.rows(), self.flows.iter().map(value));
        match self.columns.column(field) {
            AnyColumn::U8(column) => column.extend_valid(row, values.map(|value| value as u8)),
            AnyColumn::U16(column) => column.extend_valid(row, values.map(|value| value as u16)),
            AnyColumn::U32(column) => column.extend_valid(row, values.map(|value| value as u32)),
            AnyColumn::U64(column) => column.extend_valid(row, values),
            _ => unreachable!("{field:?} is not an unsigned column"),
        }
    }

    /// What some flows have.
    fn known(&mut self, field: Field, value: impl Fn(&Flow) -> Option<u64>) {
        let values = self.flows.iter().map(|ended| value(&ended.flow));
        if values.clone().any(|value| value.is_some()) {
            extend(self.columns, field, values);
        }
    }

    /// What all flows have but those with a bit in `nulls`.
    fn counts(&mut self, field: Field, values: impl Iterator<Item = u32>, nulls: &[u64]) {
        let row = self.columns.rows();
        match self.columns.column(field) {
            AnyColumn::U32(column) => column.extend_but(row, values, nulls),
            AnyColumn::U64(column) => column.extend_but(row, values.map(u64::from), nulls),
            _ => unreachable!("{field:?} is not a column of counts"),
        }
    }

    fn texts(&mut self, field: Field, value: impl Fn(&Wanted) -> Option<&str>) {
        let row = self.columns.rows();
        match self.columns.column(field) {
            AnyColumn::Text(column) => {
                column.pad_to(row);
                self.stories.iter().for_each(|&story| column.push(wanted(story).and_then(&value)));
            }
            _ => unreachable!("{field:?} is not a text column"),
        }
    }

    fn instants(&mut self, field: Field, value: impl Fn(&Flow) -> i64) {
        let row = self.columns.rows();
        match self.columns.column(field) {
            AnyColumn::Instant(column) => column.extend_valid(row, self.flows.iter().map(|ended| value(&ended.flow))),
            _ => unreachable!("{field:?} is not an instant column"),
        }
    }

    fn addresses(&mut self, field: Field, value: impl Fn(&Flow) -> Address) {
        let row = self.columns.rows();
        match self.columns.column(field) {
            AnyColumn::Address(column) => column.extend_valid(row, self.flows.iter().map(|ended| value(&ended.flow))),
            _ => unreachable!("{field:?} is not an address column"),
        }
    }

    fn macs(&mut self, field: Field, value: impl Fn(&Flow) -> Option<Mac>) {
        let row = self.columns.rows();
        match self.columns.column(field) {
            AnyColumn::Mac(column) => column.extend(row, self.flows.iter().map(|ended| value(&ended.flow))),
            _ => unreachable!("{field:?} is not a MAC column"),
        }
    }
}

fn extend(columns: &mut FlowColumns, field: Field, values: impl Iterator<Item = Option<u64>>) {
    let row = columns.rows();
    match columns.column(field) {
        AnyColumn::U8(column) => column.extend(row, values.map(|value| value.map(|value| value as u8))),
        AnyColumn::U16(column) => column.extend(row, values.map(|value| value.map(|value| value as u16))),
        AnyColumn::U32(column) => column.extend(row, values.map(|value| value.map(|value| value as u32))),
        AnyColumn::U64(column) => column.extend(row, values),
        _ => unreachable!("{field:?} is not an unsigned column"),
    }
}

/// Bits of some flows.
type Bits = [u64; CHUNK.div_ceil(64)];

/// How many bits are set.
fn count(bits: &Bits) -> usize {
    bits.iter().map(|word| word.count_ones() as usize).sum()
}

/// What TCP measured of some flows, column by column.
struct Measured {
    durations: [[i64; CHUNK]; DURATIONS.len()],
    /// Which of them are not known.
    nulls: [Bits; DURATIONS.len()],
    /// The flows of which nothing is.
    unfollowed: Bits,
    /// Whether nothing went wrong.
    is_spotless: bool,
}

impl Measured {
    fn of(stories: &[Option<&Story>]) -> Self {
        let mut measured = Self {
            durations: [[0; CHUNK]; DURATIONS.len()],
            nulls: [Bits::default(); DURATIONS.len()],
            unfollowed: Bits::default(),
            is_spotless: true,
        };
        for (place, &story) in stories.iter().enumerate() {
            let (word, bit) = (place / 64, 1 << (place % 64));
            let Some(performance) = performance(story) else {
                measured.unfollowed[word] |= bit;
                measured.nulls.iter_mut().for_each(|nulls| nulls[word] |= bit);
                continue;
            };
            for (column, duration) in performance.durations().into_iter().enumerate() {
                measured.durations[column][place] = duration.unwrap_or_default();
                measured.nulls[column][word] |= if duration.is_none() { bit } else { 0 };
            }
            measured.is_spotless &= performance.mishaps == Mishaps::default();
        }
        measured
    }
}

fn performance(story: Option<&Story>) -> Option<&Performance> {
    story?.performance.as_ref()
}

fn wanted(story: Option<&Story>) -> Option<&Wanted> {
    story?.wanted.as_deref()
}

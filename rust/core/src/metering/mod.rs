//! The meter: packets in, flow records out.
//!
//! A flow is one direction of what shares addresses, ports, protocol and VLAN. It ends by silence, by
//! age, by TCP's own word, or with the capture; each record says which. Time comes from the packets,
//! so a capture gives the same records whenever and however fast it is read. Bytes are IP bytes: the sum over all records is
//! the sum over all packets.

mod connection;
mod connections;
mod delivery;
mod ended;
mod flow;
mod flow_cache;
mod fragments;
mod handshake;
mod index;
mod inquiry;
mod one_way;
mod overflow;
mod rows;
mod sampler;
mod seeded_hash;
mod settings;
mod story;
mod tcp;
mod timer_wheel;
pub mod translations;

#[cfg(test)]
mod tests;

pub use connections::Curiosity;
pub use delivery::{Delivery, Direction};
pub use ended::EndedFlows;
pub use flow_cache::Limits;
pub use rows::{FlowRows, ObservationPoint};
pub use sampler::Sampling;
pub use settings::Settings;

use std::io::Read;

use self::{
    connections::Connections,
    flow::FlowKey,
    flow_cache::{FlowCache, SIDE_BY_SIDE},
    fragments::Fragments,
    sampler::Sampler,
};
use crate::{
    batch::Batch,
    capture::{Capture, Frame},
    packet::{Packet, Refusal},
    time::Instant,
};

/// Packets in packets in packets: more is nobody's network.
const MAXIMUM_TUNNELS: usize = 4;

/// How many frames of a capture are found at a time.
const SPANS: usize = 512;

/// How many flows of a capture end before they are written into rows.
const ROWS: usize = 512;

/// What a meter has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeterCounters {
    /// Packets counted into flows.
    pub packets: u64,
    /// IP bytes counted into flows.
    pub bytes: u64,
    /// Flow records handed over.
    pub flows: u64,
    /// Flows still being counted.
    pub open_flows: u64,
    /// Flows ended early because the table was full.
    pub emergencies: u64,
    /// Flows of a flood that were counted together, because the table was full.
    pub overflowed: u64,
    /// Packets passed over by sampling.
    pub passed_over: u64,
    /// IP bytes of tunnels around packets that were taken out of them; they are in no flow.
    pub tunnel_bytes: u64,
    /// Later fragments whose first was not seen; they count with ports 0.
    pub orphan_fragments: u64,
    /// Frames that carry no IP.
    pub not_ip: u64,
    /// Frames of a link type we do not know.
    pub unknown_link: u64,
    /// Frames captured too short for an IP header.
    pub cut: u64,
    /// Frames whose IP header contradicts itself.
    pub bad_header: u64,
    /// Frames that the kernel had no room for; whether they were IP nobody knows.
    pub kernel_dropped: u64,
}

impl MeterCounters {
    /// What two meters have seen together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            packets: self.packets + other.packets,
            bytes: self.bytes + other.bytes,
            flows: self.flows + other.flows,
            open_flows: self.open_flows + other.open_flows,
            emergencies: self.emergencies + other.emergencies,
            overflowed: self.overflowed + other.overflowed,
            passed_over: self.passed_over + other.passed_over,
            tunnel_bytes: self.tunnel_bytes + other.tunnel_bytes,
            orphan_fragments: self.orphan_fragments + other.orphan_fragments,
            not_ip: self.not_ip + other.not_ip,
            unknown_link: self.unknown_link + other.unknown_link,
            cut: self.cut + other.cut,
            bad_header: self.bad_header + other.bad_header,
            kernel_dropped: self.kernel_dropped + other.kernel_dropped,
        }
    }

    /// Each counter with its name.
    pub fn named(&self) -> [(&'static str, u64); 14] {
        [
            ("packets", self.packets),
            ("bytes", self.bytes),
            ("flows", self.flows),
            ("open_flows", self.open_flows),
            ("emergencies", self.emergencies),
            ("overflowed", self.overflowed),
            ("passed_over", self.passed_over),
            ("tunnel_bytes", self.tunnel_bytes),
            ("orphan_fragments", self.orphan_fragments),
            ("not_ip", self.not_ip),
            ("unknown_link", self.unknown_link),
            ("cut", self.cut),
            ("bad_header", self.bad_header),
            ("kernel_dropped", self.kernel_dropped),
        ]
    }
}

/// A packet on its way to its flow.
struct Observed<'a> {
    packet: Packet<'a>,
    key: FlowKey,
    hash: u32,
    time: Instant,
}

/// Counts packets into flows.
pub struct Meter {
    cache: FlowCache,
    fragments: Fragments,
    opens_tunnels: bool,
    sampler: Option<Sampler>,
    point: ObservationPoint,
    rows: FlowRows,
    counters: MeterCounters,
    /// Added to each stamp.
    clock_offset: Instant,
    /// Time of the first and the last packet.
    span: Option<(Instant, Instant)>,
}

impl Meter {
    /// A meter that has seen nothing.
    pub fn new(settings: impl Into<Settings>) -> Self {
        let settings = settings.into();
        Self {
            cache: FlowCache::new(settings.limits, Connections::new(settings.curiosity())),
            fragments: Fragments::default(),
            opens_tunnels: settings.opens_tunnels,
            sampler: settings.sampling.map(Sampler::new),
            point: ObservationPoint {
                interface: None,
                sampling_interval: settings.sampling.map(|sampling| sampling.interval),
                names: settings.curiosity.names,
            },
            rows: FlowRows::default(),
            counters: MeterCounters::default(),
            clock_offset: 0,
            span: None,
        }
    }

    /// Say which interface the frames pass.
    #[must_use]
    pub fn at_interface(mut self, index: u32) -> Self {
        self.point.interface = Some(index);
        self
    }

    /// Where and how flows are observed.
    pub fn point(&self) -> ObservationPoint {
        self.point
    }

    /// Count the next frames of a capture, at most so many; how many there were, 0 at the end.
    pub fn read<R: Read>(&mut self, capture: &mut Capture<R>, maximum_packets: usize) -> usize {
        let (mut spans, mut count) = (Vec::new(), 0);
        while count < maximum_packets {
            spans.clear();
            capture.read(&mut spans, SPANS.min(maximum_packets - count));
            if spans.is_empty() {
                break;
            }
            self.observe(spans.iter().map(|span| (capture.frame(span), Delivery::default())));
            count += spans.len();
            if self.cache.ended().flows().len() >= ROWS {
                self.write_rows();
            }
        }
        count
    }

    /// Write the flows that have ended into rows, while they are still in the processor's cache.
    fn write_rows(&mut self) {
        let ended = self.cache.ended();
        self.rows.write(ended, self.point);
        ended.clear();
    }

    /// Count a frame by itself.
    pub fn feed(&mut self, frame: &Frame<'_>) {
        self.observe(std::iter::once((*frame, Delivery::default())));
    }

    /// Count frames as the kernel delivered them.
    ///
    /// A meter waits for memory most of the time: each packet belongs to another flow. So of a few frames the flows are looked
    /// up side by side, before the first is counted.
    pub fn observe<'a>(&mut self, frames: impl Iterator<Item = (Frame<'a>, Delivery)>) {
        let mut observed: Vec<Observed<'a>> = Vec::with_capacity(SIDE_BY_SIDE);
        for (frame, delivery) in frames {
            self.look_at(&frame, delivery, &mut observed);
            if observed.len() == SIDE_BY_SIDE {
                self.count(&observed);
                observed.clear();
            }
        }
        self.count(&observed);
    }

    fn count(&mut self, observed: &[Observed<'_>]) {
        let likely = self.cache.foresee(observed.iter().map(|observed| observed.hash));
        for (Observed { packet, key, hash, time }, likely) in observed.iter().zip(likely) {
            self.cache.count(*key, *hash, likely, packet, *time);
        }
    }

    /// Read a frame, and add its packet to those that are to be counted.
    #[inline]
    fn look_at<'a>(&mut self, frame: &Frame<'a>, delivery: Delivery, observed: &mut Vec<Observed<'a>>) {
        let is_ordinary = delivery.segment_bytes == 0;
        if is_ordinary && self.passes_over(1) == 1 {
            return;
        }
        let mut packet = match Packet::parse(frame) {
            Ok(packet) => packet,
            Err(refusal) => return self.refuse(refusal),
        };
        packet.vlan = delivery.vlan.or(packet.vlan);
        let mut around = 0;
        if self.opens_tunnels || !is_ordinary {
            let Some(found) = self.rearrange(packet, delivery.segment_bytes) else { return };
            (packet, around) = found;
        }
        self.counters.tunnel_bytes += u64::from(around) * u64::from(packet.packets);
        self.counters.packets += u64::from(packet.packets);
        self.counters.bytes += u64::from(packet.ip_length);
        let time = frame.timestamp.saturating_add(self.clock_offset);
        let (first, last) = self.span.unwrap_or((time, time));
        self.span = Some((first.min(time), last.max(time)));
        let ports = self.fragments.ports(&packet, time);
        self.counters.orphan_fragments += u64::from(ports.is_none());
        let key = FlowKey::new(&packet, ports.unwrap_or_default(), delivery.direction);
        observed.push(Observed { packet, key, hash: self.cache.hash(&key), time });
    }

    /// Take a packet out of the tunnels around it, if we are to, and a super-frame apart; with the bytes of the tunnels.
    /// `None` when sampling passes over all of it.
    fn rearrange<'a>(&mut self, mut packet: Packet<'a>, segment_bytes: u16) -> Option<(Packet<'a>, u32)> {
        let outside = packet.ip_length;
        if self.opens_tunnels {
            packet = innermost(packet);
        }
        let around = outside - packet.ip_length;
        if segment_bytes > 0 {
            packet.expand(segment_bytes, innermost(packet).payload_length);
            let passed_over = self.passes_over(packet.packets);
            if passed_over == packet.packets {
                return None;
            }
            packet.keep(packet.packets - passed_over);
        }
        Some((packet, around))
    }

    /// How many of the next packets sampling passes over.
    #[inline]
    fn passes_over(&mut self, packets: u32) -> u32 {
        let Some(sampler) = &mut self.sampler else { return 0 };
        let passed_over = packets - sampler.take(packets);
        self.counters.passed_over += u64::from(passed_over);
        passed_over
    }

    /// Whether flows have ended that nobody takes: time to leave frames where they are.
    pub fn is_congested(&self) -> bool {
        self.cache.is_congested()
    }

    /// Let time pass without packets.
    pub fn pass(&mut self, now: Instant) {
        self.cache.pass(now.saturating_add(self.clock_offset));
    }

    /// Read stamps from a clock that is so far ahead from now on, as a router does whose clock is wrong.
    pub fn set_clock_offset(&mut self, offset: Instant) {
        if offset < std::mem::replace(&mut self.clock_offset, offset) {
            self.restart();
        }
    }

    /// How far ahead of the stamps its clock is.
    pub fn clock_offset(&self) -> Instant {
        self.clock_offset
    }

    /// End every flow and let time begin anew: the clock was set back.
    pub fn restart(&mut self) {
        self.cache.restart();
    }

    /// Count frames that the kernel had no room for.
    pub fn kernel_dropped(&mut self, count: u64) {
        self.counters.kernel_dropped += count;
    }

    /// End every flow: no more packets will come.
    pub fn close(&mut self) {
        self.cache.end_all();
    }

    /// Take the flows that ended since the last call, as rows.
    pub fn drain(&mut self) -> Option<Batch> {
        self.write_rows();
        self.counters.flows += self.rows.count() as u64;
        self.rows.take()
    }

    /// Take the flows that ended since the last call.
    pub fn take_ended(&mut self) -> EndedFlows {
        let ended = self.cache.take_ended();
        self.counters.flows += ended.flows().len() as u64;
        ended
    }

    /// Take the DNS answers that clients were seen to get since the last call, as options records.
    pub fn drain_answers(&mut self) -> Option<Batch> {
        rows::batch_from_answers(&self.cache.connections.take_answered())
    }

    /// What was seen so far.
    pub fn counters(&self) -> MeterCounters {
        MeterCounters {
            open_flows: self.cache.len() as u64,
            emergencies: self.cache.emergencies(),
            overflowed: self.cache.overflowed(),
            ..self.counters
        }
    }

    /// Times of the earliest and the latest packet; `None` before any.
    pub fn span(&self) -> Option<(Instant, Instant)> {
        self.span
    }

    #[cold]
    fn refuse(&mut self, refusal: Refusal) {
        let counter = match refusal {
            Refusal::NotIp => &mut self.counters.not_ip,
            Refusal::UnknownLink => &mut self.counters.unknown_link,
            Refusal::Cut => &mut self.counters.cut,
            Refusal::BadHeader => &mut self.counters.bad_header,
        };
        *counter += 1;
    }
}

/// What a packet carries at last, itself where it is no tunnel.
#[inline]
fn innermost(mut packet: Packet<'_>) -> Packet<'_> {
    for _ in 0..MAXIMUM_TUNNELS {
        let Some(inner) = packet.inside() else { break };
        packet = inner;
    }
    packet
}

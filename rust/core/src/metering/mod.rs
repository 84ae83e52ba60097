//! The meter: packets in, flow records out.
//!
//! A flow is one direction of what shares addresses, ports, protocol and VLAN. It ends by silence, by
//! age, by TCP's own word, or with the capture; each record says which. Time comes from the packets,
//! so a capture gives the same records whenever and however fast it is read. Bytes are IP bytes: the sum over all records is
//! the sum over all packets.

mod flow;
mod flow_cache;
mod fragments;
mod rows;
mod seeded_hash;
mod timer_wheel;

#[cfg(test)]
mod tests;

pub use flow_cache::Limits;

use self::{flow::FlowKey, flow_cache::FlowCache, fragments::Fragments};
use crate::{
    batch::Batch,
    capture::Frame,
    packet::{Packet, Refusal},
    time::Instant,
};

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
}

impl MeterCounters {
    /// Each counter with its name.
    pub fn named(&self) -> [(&'static str, u64); 10] {
        [
            ("packets", self.packets),
            ("bytes", self.bytes),
            ("flows", self.flows),
            ("open_flows", self.open_flows),
            ("emergencies", self.emergencies),
            ("orphan_fragments", self.orphan_fragments),
            ("not_ip", self.not_ip),
            ("unknown_link", self.unknown_link),
            ("cut", self.cut),
            ("bad_header", self.bad_header),
        ]
    }
}

/// Counts packets into flows.
pub struct Meter {
    cache: FlowCache,
    fragments: Fragments,
    counters: MeterCounters,
    /// Time of the first and the last packet.
    span: Option<(Instant, Instant)>,
}

impl Meter {
    /// A meter that has seen nothing.
    pub fn new(limits: Limits) -> Self {
        Self {
            cache: FlowCache::new(limits),
            fragments: Fragments::default(),
            counters: MeterCounters::default(),
            span: None,
        }
    }

    /// Count a frame.
    #[inline]
    pub fn feed(&mut self, frame: &Frame<'_>) {
        let packet = match Packet::parse(frame) {
            Ok(packet) => packet,
            Err(refusal) => return self.refuse(refusal),
        };
        self.counters.packets += 1;
        self.counters.bytes += u64::from(packet.ip_length);
        let time = frame.timestamp;
        let (first, last) = self.span.unwrap_or((time, time));
        self.span = Some((first.min(time), last.max(time)));
        let ports = self.fragments.ports(&packet, time);
        self.counters.orphan_fragments += u64::from(ports.is_none());
        let key = FlowKey::new(&packet, ports.unwrap_or_default());
        self.cache.count(key, &packet, time);
    }

    /// End every flow: no more packets will come.
    pub fn close(&mut self) {
        self.cache.end_all();
    }

    /// Take the flows that ended since the last call.
    pub fn drain(&mut self) -> Option<Batch> {
        let ended = self.cache.take_ended();
        self.counters.flows += ended.len() as u64;
        rows::batch_from_flows(&ended)
    }

    /// What was seen so far.
    pub fn counters(&self) -> MeterCounters {
        MeterCounters { open_flows: self.cache.len() as u64, emergencies: self.cache.emergencies(), ..self.counters }
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

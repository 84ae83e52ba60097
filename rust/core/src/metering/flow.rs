//! One flow being counted.

use std::hash::{Hash, Hasher};

use super::{connections::Place, delivery::Direction};
use crate::{
    address::Address,
    packet::{Mac, Packet},
    time::Instant,
};

const TCP: u8 = 6;

const FIN: u16 = 0x01;
/// Asks for a connection.
pub const SYN: u16 = 0x02;
const RST: u16 = 0x04;
const ACK: u16 = 0x10;

/// Bit of a key's last word that says that there is a VLAN tag.
const HAS_VLAN: u64 = 1 << 24;
/// Bit of a key's last word that says that the direction is known; the bit above is the direction.
const HAS_DIRECTION: u64 = 1 << 25;

/// What packets of one flow share: addresses, ports, protocol, VLAN and direction, packed for comparing and hashing.
#[derive(Clone, Copy, Eq)]
pub struct FlowKey([u64; 5]);

impl PartialEq for FlowKey {
    /// Word by word: five are too few for the library's comparison of memory, which is a call.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).fold(0, |differing, (one, another)| differing | (one ^ another)) == 0
    }
}

impl FlowKey {
    /// The key of a packet, with the ports of its first fragment.
    #[inline]
    pub fn new(packet: &Packet, ports: (u16, u16), direction: Option<Direction>) -> Self {
        let [src_high, src_low] = words(&packet.src);
        let [dst_high, dst_low] = words(&packet.dst);
        let vlan = packet.vlan.map_or(0, |vlan| HAS_VLAN | u64::from(vlan) << 8);
        let direction = direction.map_or(0, |direction| HAS_DIRECTION | (direction as u64) << 26);
        let ports = u64::from(ports.0) << 48 | u64::from(ports.1) << 32;
        Self([src_high, src_low, dst_high, dst_low, ports | direction | vlan | u64::from(packet.protocol)])
    }

    /// The key of no packet.
    pub const NONE: Self = Self([u64::MAX; 5]);

    /// Source and destination, address and port, and what is the same on the way back.
    #[inline]
    pub fn ends(&self) -> ([[u64; 3]; 2], u64) {
        let [src_high, src_low, dst_high, dst_low, rest] = self.0;
        let shared = rest & 0xffff_ffff & !(HAS_DIRECTION << 1);
        ([[src_high, src_low, rest >> 48], [dst_high, dst_low, rest >> 32 & 0xffff]], shared)
    }

    /// What a flow hits, whoever sends it.
    #[must_use]
    pub fn sent_by_nobody(&self) -> Self {
        let [_, src_low, dst_high, dst_low, rest] = self.0;
        Self([0, family(self.0[0], src_low), dst_high, dst_low, rest & !(0xffff << 48)])
    }

    /// Everything of a protocol.
    #[must_use]
    pub fn of_everybody(&self) -> Self {
        let [src_high, src_low, dst_high, dst_low, rest] = self.0;
        Self([0, family(src_high, src_low), 0, family(dst_high, dst_low), rest & 0xffff_ffff])
    }

    /// Source address.
    pub fn src(&self) -> Address {
        address(self.0[0], self.0[1])
    }

    /// Destination address.
    pub fn dst(&self) -> Address {
        address(self.0[2], self.0[3])
    }

    /// Source port.
    pub fn src_port(&self) -> u16 {
        (self.0[4] >> 48) as u16
    }

    /// Destination port.
    pub fn dst_port(&self) -> u16 {
        (self.0[4] >> 32) as u16
    }

    /// IP protocol number.
    pub fn protocol(&self) -> u8 {
        self.0[4] as u8
    }

    /// The key of the way back.
    #[inline]
    pub fn reversed(&self) -> Self {
        let [src_high, src_low, dst_high, dst_low, rest] = self.0;
        let (src_port, dst_port) = (rest >> 48, rest >> 32 & 0xffff);
        let direction = if rest & HAS_DIRECTION == 0 { 0 } else { HAS_DIRECTION << 1 };
        let rest = (rest & 0xffff_ffff) ^ direction;
        Self([dst_high, dst_low, src_high, src_low, dst_port << 48 | src_port << 32 | rest])
    }

    /// The key that stands for both ways.
    #[must_use]
    pub fn of_connection(&self) -> Self {
        let mut key = if self.side() == 0 { *self } else { self.reversed() };
        key.0[4] &= !(HAS_DIRECTION | HAS_DIRECTION << 1);
        key
    }

    /// Which of the two ways of its connection this is.
    #[inline]
    pub fn side(&self) -> usize {
        let [src_high, src_low, dst_high, dst_low, rest] = self.0;
        let src = u128::from(src_high) << 64 | u128::from(src_low);
        let dst = u128::from(dst_high) << 64 | u128::from(dst_low);
        usize::from(if src == dst { rest > self.reversed().0[4] } else { src > dst })
    }

    /// VLAN identifier.
    pub fn vlan(&self) -> Option<u16> {
        (self.0[4] & HAS_VLAN != 0).then_some((self.0[4] >> 8) as u16)
    }

    /// Which way the packets passed the interface.
    pub fn direction(&self) -> Option<Direction> {
        let direction = if self.0[4] >> 26 & 1 == 0 { Direction::Ingress } else { Direction::Egress };
        (self.0[4] & HAS_DIRECTION != 0).then_some(direction)
    }
}

impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        for word in self.0 {
            state.write_u64(word);
        }
    }
}

/// The low word of the address of nobody: `::`, or 0.0.0.0 where the address is of IPv4.
fn family(high: u64, low: u64) -> u64 {
    const MAPPED: u64 = 0xffff << 32;
    if high == 0 && low >> 32 == MAPPED >> 32 { MAPPED } else { 0 }
}

fn words(address: &Address) -> [u64; 2] {
    let whole = u128::from_be_bytes(*address);
    [(whole >> 64) as u64, whole as u64]
}

fn address(high: u64, low: u64) -> Address {
    (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
}

/// How a TCP flow began: enough to follow its connection from the start, should it be worth it later.
#[derive(Clone, Copy)]
pub struct Opening {
    /// Number of the first byte, where TCP's header was captured.
    pub sequence: Option<u32>,
    /// Bytes of payload in the first packet.
    pub payload_length: u32,
    /// Control bits of the first packet.
    pub tcp_flags: u16,
}

impl Opening {
    #[inline]
    fn of(packet: &Packet) -> Self {
        let sequence = packet.segment.map(|segment| segment.sequence);
        Self { sequence, payload_length: packet.payload_length, tcp_flags: packet.tcp_flags }
    }

    /// Number of the first byte of payload, where the flow began with the connection.
    pub fn first_byte(&self) -> Option<u32> {
        self.sequence.filter(|_| self.tcp_flags & SYN != 0).map(|sequence| sequence.wrapping_add(1))
    }
}

/// Why a flow ended, numbered as flowEndReason (RFC 5102, section 5.11.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EndReason {
    /// No packet came for the idle timeout.
    Idle = 1,
    /// It lived for the active timeout; the next packet starts another record.
    Active = 2,
    /// TCP said so.
    End = 3,
    /// The capture ended.
    Forced = 4,
    /// The table was full.
    LackOfResources = 5,
}

/// Counts of one flow. In this order it lies in two lines of the processor's cache, which are fetched together.
#[derive(Clone)]
#[repr(C)]
pub struct Flow {
    /// Whose packets.
    pub key: FlowKey,
    /// Time of the first packet.
    pub start: Instant,
    /// Time of the last packet.
    pub end: Instant,
    /// Packets.
    pub packets: u64,
    /// IP bytes, headers included.
    pub bytes: u64,
    /// Where more is known of its connection.
    pub place: Place,
    /// TCP control bits, or-ed.
    pub tcp_flags: u16,
    /// Type of service of the first packet.
    pub tos: u8,
    /// Time to live, or hop limit, of the first packet.
    pub ttl: u8,
    /// How it began.
    pub opening: Opening,
    /// Source MAC address of the first packet.
    pub src_mac: Option<Mac>,
    /// Destination MAC address of the first packet.
    pub dst_mac: Option<Mac>,
}

impl Flow {
    /// A flow of one packet.
    #[inline]
    pub fn new(key: FlowKey, packet: &Packet, time: Instant) -> Self {
        Self {
            key,
            start: time,
            end: time,
            packets: u64::from(packet.packets),
            bytes: u64::from(packet.ip_length),
            place: Place::UNKNOWN,
            tcp_flags: packet.tcp_flags,
            tos: packet.tos,
            ttl: packet.ttl,
            opening: Opening::of(packet),
            src_mac: packet.src_mac,
            dst_mac: packet.dst_mac,
        }
    }

    /// Count one more packet. Captures of several interfaces may be out of order.
    #[inline]
    pub fn add(&mut self, packet: &Packet, time: Instant) {
        self.start = self.start.min(time);
        self.end = self.end.max(time);
        self.packets += u64::from(packet.packets);
        self.bytes += u64::from(packet.ip_length);
        self.tcp_flags |= packet.tcp_flags;
    }

    /// Count another flow into this one.
    pub fn absorb(&mut self, other: &Self) {
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.tcp_flags |= other.tcp_flags;
    }

    /// Whether it is of TCP.
    #[inline]
    pub fn is_tcp(&self) -> bool {
        self.key.protocol() == TCP
    }

    /// Whether this is a SYN, or the answer to one, that nothing followed.
    #[inline]
    pub fn is_half_open(&self) -> bool {
        self.packets == 1 && self.tcp_flags & (SYN | RST) != 0
    }

    /// Whether it began by asking for a connection: then nothing from before belongs to it.
    pub fn is_opener(&self) -> bool {
        self.opening.tcp_flags & (SYN | ACK) == SYN
    }

    /// Ports that the service may have, the likelier first: who asks for a connection asks the service; else it mostly has the
    /// lower one.
    pub fn service_ports(&self) -> [u16; 2] {
        let (src, dst) = (self.key.src_port(), self.key.dst_port());
        match self.opening.tcp_flags & (SYN | ACK) {
            SYN => [dst; 2],
            flags if flags == SYN | ACK => [src; 2],
            _ => [src.min(dst), src.max(dst)],
        }
    }

    /// Whether TCP has closed this direction.
    #[inline]
    pub fn is_closed(&self) -> bool {
        self.tcp_flags & (FIN | RST) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_have_one_connection_and_a_side_each() {
        let port = |src: u64, dst: u64| src << 48 | dst << 32 | u64::from(TCP);
        for key in
            [[0, 1, 0, 2, port(9, 1)], [1, 2, 1, 1, port(1, 9)], [1, 1, 1, 1, port(9, 1)], [2, 0, 1, 9, port(1, 1)]]
        {
            let key = FlowKey(key);
            assert_eq!(key.side() + key.reversed().side(), 1);
            assert!(key.of_connection() == key.reversed().of_connection());
        }
        let itself = FlowKey([1, 1, 1, 1, port(7, 7)]);
        assert_eq!((itself.side(), itself.reversed().side()), (0, 0), "who talks with himself has one way");
        let passed = FlowKey([1, 1, 2, 2, port(7, 7) | HAS_DIRECTION | HAS_DIRECTION << 1]);
        assert!(passed.of_connection() == FlowKey([1, 1, 2, 2, port(7, 7)]).of_connection(), "whichever way it passed");
    }
}

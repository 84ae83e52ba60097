//! Ports for fragments that carry none: only the first fragment of a packet does.

use std::collections::{HashMap, VecDeque};

use super::seeded_hash::SeededHash;
use crate::{
    address::Address,
    packet::{Fragment, Packet},
    time::{Instant, SECOND},
};

/// Packets remembered at a time; beyond, the first ones are forgotten.
const MAXIMUM_PACKETS: usize = 4096;

/// After this long an identification may mean another packet (Linux gives up reassembly then).
const LIFETIME: i64 = 30 * SECOND;

type PacketKey = (Address, Address, u8, u32);

/// Ports by packet.
#[derive(Default)]
pub struct Fragments {
    ports: HashMap<PacketKey, ((u16, u16), Instant), SeededHash>,
    order: VecDeque<PacketKey>,
}

impl Fragments {
    /// The ports a packet belongs to; `None` when its first fragment was not seen.
    #[inline]
    pub fn ports(&mut self, packet: &Packet, time: Instant) -> Option<(u16, u16)> {
        let ports = (packet.src_port, packet.dst_port);
        match packet.fragment {
            Fragment::None => Some(ports),
            Fragment::First { identification } => {
                self.remember((packet.src, packet.dst, packet.protocol, identification), ports, time);
                Some(ports)
            }
            Fragment::Later { identification } => {
                let known = self.ports.get(&(packet.src, packet.dst, packet.protocol, identification));
                known.filter(|(_, seen)| time.saturating_sub(*seen) < LIFETIME).map(|&(ports, _)| ports)
            }
        }
    }

    fn remember(&mut self, key: PacketKey, ports: (u16, u16), time: Instant) {
        if self.order.len() == MAXIMUM_PACKETS
            && let Some(oldest) = self.order.pop_front()
        {
            self.ports.remove(&oldest);
        }
        self.order.push_back(key);
        self.ports.insert(key, (ports, time));
    }
}

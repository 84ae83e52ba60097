//! Which of several receivers a datagram belongs to: its exporter alone says so, the same way here and in the kernel.
//!
//! Templates, sequence numbers and sampling of an exporter must be with the receiver that hears it, whatever port it sends
//! from. The kernel deals by ports too, so it is given a program (classic BPF) that computes what [`Steering`] does.

use libc::sock_filter;
use tidegauge_core::address::{Address, address_from_v4, is_unspecified};

use crate::socket_program::{Jump, SocketProgram};

/// An sFlow datagram is no shorter. The program ends where it reads beyond the last byte, so it looks at the length first.
const SHORTEST_SFLOW: usize = 28;
const SFLOW_VERSION: u32 = 5;
const KIND_OFFSET: usize = 4;
const AGENT_OFFSET: usize = 8;
const KIND_V4: u32 = 1;
const KIND_V6: u32 = 2;
/// Where an IP header has its source, and its version in the upper half of the first byte.
const SOURCE_V4: i32 = 12;
const SOURCE_V6: i32 = 8;
/// Where a program finds the IP header, the payload being at 0.
const NETWORK_HEADER: i32 = libc::SKF_NET_OFF;
/// What a word of an address is multiplied by before the next is added, and their sum before it is taken modulo.
const FOLD: u32 = 0x9e37_79b1;
const MIX: [u32; 2] = [0x85eb_ca6b, 0xc2b2_ae35];
/// Third word of a mapped IPv4 address, the two before being 0.
const MAPPED: u32 = 0xffff;

/// How exporters are dealt to receivers.
#[derive(Clone, Copy, Debug)]
pub struct Steering {
    receivers: usize,
}

impl Steering {
    /// Among so many receivers, at least one.
    pub fn among(receivers: usize) -> Self {
        Self { receivers: receivers.max(1) }
    }

    /// How many there are.
    pub fn receivers(self) -> usize {
        self.receivers
    }

    /// Who hears an exporter.
    pub fn receiver_of(self, exporter: &Address) -> usize {
        let words = exporter.chunks_exact(4).map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
        let folded = words.fold(0_u32, |sum, word| sum.wrapping_mul(FOLD).wrapping_add(word));
        let mixed = MIX.iter().fold(folded, |hash, factor| (hash ^ (hash >> 16)).wrapping_mul(*factor));
        (mixed ^ (mixed >> 16)) as usize % self.receivers
    }

    /// Whether a receiver is the one that a datagram belongs to.
    #[inline]
    pub fn is_for(self, receiver: usize, payload: &[u8], sender: &Address) -> bool {
        self.receivers == 1 || self.receiver_of(&agent_of(payload).unwrap_or(*sender)) == receiver
    }

    /// The same for the kernel, which runs it with the payload at 0: it returns the receiver's number.
    pub fn program(self) -> Vec<sock_filter> {
        let mut program = SocketProgram::default();
        let (mut folded, by_sender) = fold_agent(&mut program);
        program.land(&by_sender);
        program.load_byte(NETWORK_HEADER);
        program.shift_right(4);
        let is_v6 = program.when(libc::BPF_JEQ, 6);
        fold_v4(&mut program, NETWORK_HEADER + SOURCE_V4);
        folded.push(program.jump());
        program.land(&[is_v6]);
        fold_v6(&mut program, NETWORK_HEADER + SOURCE_V6);
        program.land(&folded);
        for factor in MIX {
            program.xor_shifted(16);
            program.multiply(factor);
        }
        program.xor_shifted(16);
        program.modulo(self.receivers as u32);
        program.finish()
    }
}

/// Fold the agent of an sFlow datagram: returns jumps from where that is done, and from where there is none.
fn fold_agent(program: &mut SocketProgram) -> (Vec<Jump>, Vec<Jump>) {
    program.load_length();
    let mut none = vec![program.unless(libc::BPF_JGE, SHORTEST_SFLOW as u32)];
    program.load(0);
    none.push(program.unless(libc::BPF_JEQ, SFLOW_VERSION));
    program.load(KIND_OFFSET as i32);
    let is_v6 = program.when(libc::BPF_JEQ, KIND_V6);
    none.push(program.unless(libc::BPF_JEQ, KIND_V4));
    program.load(AGENT_OFFSET as i32);
    none.push(program.when(libc::BPF_JEQ, 0));
    fold_v4(program, AGENT_OFFSET as i32);
    let mut folded = vec![program.jump()];

    program.land(&[is_v6]);
    let [first, second, third, fourth] = [0, 4, 8, 12].map(|word| AGENT_OFFSET as i32 + word);
    let mut is_known = Vec::new();
    for word in [fourth, first, second] {
        program.load(word);
        is_known.push(program.unless(libc::BPF_JEQ, 0));
    }
    program.load(third);
    none.extend([0, MAPPED].map(|word| program.when(libc::BPF_JEQ, word)));
    program.land(&is_known);
    fold_v6(program, first);
    folded.push(program.jump());
    (folded, none)
}

fn fold_v4(program: &mut SocketProgram, at: i32) {
    program.load(at);
    program.add(MAPPED.wrapping_mul(FOLD));
}

fn fold_v6(program: &mut SocketProgram, at: i32) {
    program.load(at);
    for word in [4, 8, 12] {
        program.multiply(FOLD);
        program.add_loaded(at + word);
    }
}

/// Who says that it sent an sFlow datagram. Any other exporter is who sent it, also where this returns nothing.
fn agent_of(payload: &[u8]) -> Option<Address> {
    let word = |at: usize| payload.get(at..at + 4).map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
    if payload.len() < SHORTEST_SFLOW || word(0)? != SFLOW_VERSION {
        return None;
    }
    let agent = match word(KIND_OFFSET)? {
        KIND_V4 => address_from_v4(word(AGENT_OFFSET)?.to_be_bytes()),
        KIND_V6 => payload[AGENT_OFFSET..AGENT_OFFSET + 16].try_into().ok()?,
        _ => return None,
    };
    (!is_unspecified(&agent)).then_some(agent)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use tidegauge_core::address::address_from_ip;

    use super::*;

    fn shares(receivers: usize, exporters: impl Iterator<Item = IpAddr>) -> Vec<usize> {
        let mut counts = vec![0; receivers];
        for exporter in exporters {
            counts[Steering::among(receivers).receiver_of(&address_from_ip(exporter))] += 1;
        }
        counts
    }

    #[test]
    fn neighbours_are_dealt_evenly() {
        for receivers in [2, 3, 8] {
            let v4 = shares(receivers, (0..4000_u32).map(|host| Ipv4Addr::from(0x0a00_0000 + host).into()));
            let v6 =
                shares(receivers, (0..4000).map(|site| Ipv6Addr::from((0x2001_0db8_u128 << 96) | (site << 64)).into()));
            for count in [v4, v6].concat() {
                assert!(count.abs_diff(4000 / receivers) < 200, "{count} of 4000 among {receivers}");
            }
        }
    }
}

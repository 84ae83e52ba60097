//! How a TCP connection is opened, and how long that takes.

use crate::time::Instant;

const SYN: u16 = 0x02;
const RST: u16 = 0x04;
const ACK: u16 = 0x10;
const SYN_ACK: u16 = SYN | ACK;

/// A length of time in nanoseconds, or that it is not known: in one word, where `Option` takes two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Elapsed(i64);

impl Elapsed {
    const UNKNOWN: Self = Self(i64::MIN);

    fn get(self) -> Option<i64> {
        (self != Self::UNKNOWN).then_some(self.0)
    }
}

/// The parts of the handshake's round trip, each only where it is beyond doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handshake {
    server: Elapsed,
    client: Elapsed,
}

impl Default for Handshake {
    fn default() -> Self {
        Self { server: Elapsed::UNKNOWN, client: Elapsed::UNKNOWN }
    }
}

impl Handshake {
    /// From here to the server and back, in nanoseconds: SYN to SYN-ACK.
    pub fn server(&self) -> Option<i64> {
        self.server.get()
    }

    /// From here to the client and back, in nanoseconds: SYN-ACK to the first ACK.
    pub fn client(&self) -> Option<i64> {
        self.client.get()
    }

    /// The whole way and back.
    pub fn whole(&self) -> Option<i64> {
        self.server()?.checked_add(self.client()?)
    }
}

/// Whether a step was seen; where it was more than once, its answer may be to either.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Seen {
    #[default]
    Never,
    Once,
    Again,
}

/// The steps of a handshake as they pass.
#[derive(Default)]
pub struct Steps {
    handshake: Handshake,
    syn_time: Instant,
    syn_ack_time: Instant,
    syn: Seen,
    syn_ack: Seen,
    /// The side that asked for the connection.
    client: u8,
}

impl Steps {
    /// What was measured.
    pub fn handshake(&self) -> Handshake {
        self.handshake
    }

    /// Take in the control bits of a side's packet; whether the connection is open, and nothing more is to be learnt.
    pub fn pass(&mut self, side: usize, flags: u16, time: Instant) -> bool {
        let is_client = usize::from(self.client) == side;
        match (flags & (SYN | ACK | RST), self.syn, self.syn_ack) {
            (SYN, Seen::Never, _) => (self.syn, self.syn_time, self.client) = (Seen::Once, time, side as u8),
            (SYN, ..) if is_client => self.syn = Seen::Again,
            (SYN_ACK, Seen::Once | Seen::Again, Seen::Never) if !is_client => {
                self.handshake.server = elapsed(self.syn, self.syn_time, time);
                (self.syn_ack, self.syn_ack_time) = (Seen::Once, time);
            }
            (SYN_ACK, Seen::Once | Seen::Again, _) if !is_client => self.syn_ack = Seen::Again,
            (ACK, Seen::Once | Seen::Again, Seen::Once | Seen::Again) if is_client => {
                self.handshake.client = elapsed(self.syn_ack, self.syn_ack_time, time);
                return true;
            }
            // The beginning was not seen.
            (ACK, Seen::Never, _) => return true,
            _ => {}
        }
        false
    }
}

/// The time from a step to its answer, none where captures of several interfaces are out of order.
fn elapsed(step: Seen, since: Instant, time: Instant) -> Elapsed {
    if step == Seen::Once { Elapsed(time.saturating_sub(since).max(0)) } else { Elapsed::UNKNOWN }
}

//! Interleaved mode (RFC 9769): telling in the next reply when the last one really left.
//!
//! A reply carries the moment at which it was written, not the later one at which it left. A client
//! that returns the receive stamp of our last reply as its origin gets the better moment with the next.

use std::hash::{BuildHasher, RandomState};

use super::{packet::Header, stamp::NtpStamp};
use crate::time::Instant;

/// Replies whose departure is remembered. A client loses nothing but precision when its own is overwritten.
const REMEMBERED: usize = 4096;

#[derive(Clone, Copy, Default)]
struct Departure {
    /// The receive stamp of the reply, by which the client will ask for it; zero for none.
    receive: NtpStamp,
    departed: Instant,
}

/// When the last replies left, found by their receive stamp: clients behind one address do not mix.
pub struct Departures {
    places: Box<[Departure]>,
    hashing: RandomState,
}

impl Departures {
    /// Nothing has left yet.
    pub fn new() -> Self {
        Self { places: vec![Departure::default(); REMEMBERED].into(), hashing: RandomState::new() }
    }

    /// When the reply left that this request builds upon; `None` when the request asks for no such thing
    /// or we do not know any more. Where receive and transmit stamps are equal, it is not to be answered
    /// in interleaved mode.
    pub fn asked_for(&self, request: &Header) -> Option<Instant> {
        let is_asked = request.origin != NtpStamp(0) && request.receive != request.transmit;
        let place = &self.places[self.place(request.origin)];
        (is_asked && place.receive == request.origin).then_some(place.departed)
    }

    /// This stamp, or the next one where it would be taken for that of another reply.
    pub fn unused(&self, receive: NtpStamp) -> NtpStamp {
        let is_taken = self.places[self.place(receive)].receive == receive;
        NtpStamp(receive.0.wrapping_add(u64::from(is_taken)))
    }

    /// Expect the reply with this receive stamp to leave at about `departed`.
    pub fn expect(&mut self, receive: NtpStamp, departed: Instant) {
        self.places[self.place(receive)] = Departure { receive, departed };
    }

    /// Learn when it really left; nothing happens when it has been overwritten.
    pub fn learn(&mut self, receive: NtpStamp, departed: Instant) {
        let place = &mut self.places[self.place(receive)];
        if place.receive == receive {
            place.departed = departed;
        }
    }

    fn place(&self, receive: NtpStamp) -> usize {
        (self.hashing.hash_one(receive) % REMEMBERED as u64) as usize
    }
}

impl Default for Departures {
    fn default() -> Self {
        Self::new()
    }
}

//! Who asks: a bounded table of clients, with what each one lets us see.

use std::hash::{BuildHasher, RandomState};

use super::{packet::Header, stamp::NtpStamp};
use crate::{
    address::Address,
    time::{Instant, MILLISECOND, SECOND},
};

/// Places an address can be at. Among them the one that matters least makes room for another.
const WAYS: usize = 8;

/// Times between requests that are remembered.
const INTERVALS: usize = 8;

/// How far a client's clock may seem to move between two requests and still count as a clock. Random
/// numbers, which careful clients send in place of their time, come this close once in two thousand million.
const STEADY: i64 = SECOND;

/// One address that asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Where the requests come from.
    pub address: Address,
    /// Its first request that we remember.
    pub first_seen: Instant,
    /// Its latest one.
    pub last_seen: Instant,
    /// How many there were.
    pub requests: u64,
    /// Requests that were answered with the time.
    pub answered: u64,
    /// Requests beyond the limit of its rate.
    pub limited: u64,
    /// Answers that were authenticated with NTS.
    pub authenticated: u64,
    /// Answers in interleaved mode.
    pub interleaved: u64,
    /// Version of the protocol in its latest request.
    pub version: u8,
    /// Its own word on how often it asks, as a power of two in seconds.
    pub poll: i8,
    /// Up to when its requests are paid for: see `RateLimit`.
    pub earned_until: Instant,
    intervals: Intervals,
    clock: ClientClock,
}

impl Client {
    /// The median of its last times between requests, in nanoseconds; `None` before the second.
    pub fn interval(&self) -> Option<i64> {
        self.intervals.median()
    }

    /// Its clock minus ours, less the way its request took, in nanoseconds; `None` where it hides it.
    pub fn offset(&self) -> Option<i64> {
        self.clock.is_shown.then_some(self.clock.ahead)
    }

    /// Note a request.
    fn note(&mut self, request: &Header, received: Instant) {
        if self.requests == 0 {
            self.first_seen = received;
        } else {
            self.intervals.push(received.saturating_sub(self.last_seen));
        }
        self.last_seen = received;
        self.requests += 1;
        self.version = request.version;
        self.poll = request.poll;
        self.clock.note(request.transmit, received);
    }
}

/// The last few times between requests, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Intervals {
    last: [u32; INTERVALS],
    count: u32,
}

impl Intervals {
    fn push(&mut self, nanoseconds: i64) {
        let milliseconds = (nanoseconds.max(0) / MILLISECOND).try_into().unwrap_or(u32::MAX);
        self.last[self.count as usize % INTERVALS] = milliseconds;
        // Counts on beyond the ring but never round: what matters is the place and whether the ring is full.
        self.count = if self.count == 2 * INTERVALS as u32 - 1 { INTERVALS as u32 } else { self.count + 1 };
    }

    fn median(&self) -> Option<i64> {
        let mut known = self.last;
        let known = &mut known[..INTERVALS.min(self.count as usize)];
        known.sort_unstable();
        known.get(known.len() / 2).map(|milliseconds| i64::from(*milliseconds) * MILLISECOND)
    }
}

/// What the transmit stamps of a client say of its clock, if they are its time at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct ClientClock {
    last: NtpStamp,
    ahead: i64,
    is_shown: bool,
}

impl ClientClock {
    /// A stamp is a time when it advances as ours does from one request to the next, whatever it says.
    fn note(&mut self, transmit: NtpStamp, received: Instant) {
        let ahead = transmit - NtpStamp::from_instant(received);
        let has_moved = transmit != self.last && self.last != NtpStamp(0);
        let is_steady = ahead.saturating_sub(self.ahead).saturating_abs() < STEADY;
        *self = Self { last: transmit, ahead, is_shown: has_moved && is_steady && transmit != NtpStamp(0) };
    }
}

/// Where a row is.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    set: usize,
    way: usize,
}

/// A table of a fixed size: forged addresses cannot make it grow, and push out each other first.
pub struct Clients {
    sets: Box<[[Client; WAYS]]>,
    hashing: RandomState,
    forgotten: u64,
}

impl Clients {
    /// Room for this many addresses, rounded up to a multiple of eight.
    pub fn new(capacity: usize) -> Self {
        let sets = vec![[Client::default(); WAYS]; capacity.div_ceil(WAYS).max(1)].into();
        Self { sets, hashing: RandomState::new(), forgotten: 0 }
    }

    /// Note a request of an address and give the place of its row, which holds until the next request.
    pub fn note(&mut self, address: Address, request: &Header, received: Instant) -> Place {
        let number = (self.hashing.hash_one(address) % self.sets.len() as u64) as usize;
        let set = &mut self.sets[number];
        let known = set.iter().position(|client| client.requests > 0 && client.address == address);
        let place = known.unwrap_or_else(|| {
            let place = least_missed(set);
            self.forgotten += u64::from(set[place].requests > 0);
            set[place] = Client { address, ..Client::default() };
            place
        });
        set[place].note(request, received);
        Place { set: number, way: place }
    }

    /// The row at a place that was just given.
    pub fn at(&mut self, place: Place) -> &mut Client {
        &mut self.sets[place.set][place.way]
    }

    /// All rows, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Client> {
        self.sets.iter().flatten().filter(|client| client.requests > 0)
    }

    /// How many rows have made room for others.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

/// An empty place; else the row that asked only once (a flood from forged addresses is made of those),
/// and of several the one not heard of for longest.
fn least_missed(set: &[Client; WAYS]) -> usize {
    let rank = |client: &Client| (client.requests.min(2), client.last_seen);
    (0..WAYS).min_by_key(|place| rank(&set[*place])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::address_from_v4;

    const NOW: Instant = 1_795_000_000 * SECOND;

    fn request(transmit: NtpStamp) -> Header {
        Header { version: 4, poll: 6, transmit, ..Header::default() }
    }

    fn asked(requests: &[(Instant, NtpStamp)]) -> Client {
        let mut clients = Clients::new(8);
        for (received, transmit) in requests {
            clients.note([1; 16], &request(*transmit), *received);
        }
        *clients.iter().next().unwrap()
    }

    #[test]
    fn a_client_is_counted_and_its_usual_interval_known() {
        let mut times = vec![NOW];
        for seconds in [64, 64, 65, 2, 64, 900, 64, 63, 64, 66] {
            times.push(times.last().unwrap() + seconds * SECOND);
        }
        let client = asked(&times.iter().map(|time| (*time, NtpStamp(0))).collect::<Vec<_>>());
        assert_eq!((client.requests, client.first_seen, client.last_seen), (11, NOW, *times.last().unwrap()));
        assert_eq!(client.interval(), Some(64 * SECOND));
        assert_eq!(asked(&[(NOW, NtpStamp(0))]).interval(), None);
        assert_eq!((client.version, client.poll), (4, 6));
    }

    #[test]
    fn a_stamp_that_runs_as_our_clock_does_is_a_clock() {
        let at = |received: Instant, error: i64| (received, NtpStamp::from_instant(received + error));
        let slow = [at(NOW, -300 * SECOND), at(NOW + 64 * SECOND, -300 * SECOND + MILLISECOND)];
        assert!((asked(&slow).offset().unwrap() + 300 * SECOND - MILLISECOND).abs() < 2);
        let born_in_1970 = [at(NOW, -NOW), at(NOW + 8 * SECOND, -NOW)];
        assert!((asked(&born_in_1970).offset().unwrap() + NOW).abs() < 2);
        assert_eq!(asked(&slow[..1]).offset(), None, "once may be chance");
    }

    #[test]
    fn what_hides_the_clock_is_not_taken_for_one() {
        let zero = [(NOW, NtpStamp(0)), (NOW + SECOND / 2, NtpStamp(0))];
        let constant = [(NOW, NtpStamp(7 << 32)), (NOW + SECOND / 2, NtpStamp(7 << 32))];
        let random = [(NOW, NtpStamp(0x0123_4567_89ab_cdef)), (NOW + SECOND, NtpStamp(0xfedc_ba98_7654_3210))];
        for stamps in [zero, constant, random] {
            assert_eq!(asked(&stamps).offset(), None);
        }
    }

    #[test]
    fn forged_addresses_do_not_push_out_who_asks_regularly() {
        let mut clients = Clients::new(64);
        let regular = address_from_v4([192, 0, 2, 1]);
        for second in 0..3 {
            clients.note(regular, &request(NtpStamp(0)), NOW + second * SECOND);
        }
        for forged in 0..100_000_u32 {
            clients.note(address_from_v4(forged.to_be_bytes()), &request(NtpStamp(0)), NOW + 10 * SECOND);
        }
        assert_eq!(clients.iter().count(), 64);
        assert_eq!(clients.forgotten(), 100_001 - 64);
        assert_eq!(clients.iter().find(|client| client.address == regular).unwrap().requests, 3);
    }

    #[test]
    fn of_two_regular_ones_the_one_that_stopped_makes_room() {
        let mut clients = Clients::new(8);
        for last in 0..8 {
            for round in 0..2 {
                clients.note([last; 16], &request(NtpStamp(0)), NOW + i64::from(last) * SECOND + round);
            }
        }
        clients.note([99; 16], &request(NtpStamp(0)), NOW + 60 * SECOND);
        assert!(clients.iter().all(|client| client.address != [0; 16]));
        assert_eq!((clients.iter().count(), clients.forgotten()), (8, 1));
    }
}

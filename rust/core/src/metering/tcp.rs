//! How well a TCP connection does, as seen from the middle of its path.
//!
//! What passes here is known for certain: numbers, acknowledgments, times. From these follows, for each packet
//! that brings nothing new, what it is. Its data passed before: *seen again*, and *spurious* when it had been
//! acknowledged already. Its data did not pass, though later data did: it *fills a hole*, either because it was
//! overtaken on its way here (*reordered*) or because it was lost before here and sent anew (*late*). The sender
//! sent anew what was seen again and what came late, together.

use std::{
    hint::select_unpredictable,
    mem::{self, offset_of},
};

use tidegauge_prefetch::prefetch;

use super::{
    flow::{Flow, Opening},
    handshake::Steps,
    story::Performance,
};
use crate::{
    packet::{Packet, Segment},
    time::{Instant, MILLISECOND},
};

const FIN: u16 = 0x01;
const SYN: u16 = 0x02;
const RST: u16 = 0x04;
const ACK: u16 = 0x10;

/// Holes kept track of in each direction; beyond, the oldest is forgotten and what fills it counts as seen again.
const MAXIMUM_HOLES: usize = 64;

/// Where no round trip was measured, a packet that comes this much after those behind it was overtaken, not lost:
/// no reordering on one path takes longer, and few round trips are shorter.
const LONGEST_OVERTAKING: i64 = 3 * MILLISECOND;

/// Round trips to the receiver: times from data passing to its acknowledgment passing back, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundTrips {
    sum: i64,
    /// The shortest, 0 without any.
    minimum: i64,
    /// The longest.
    maximum: i64,
    count: u32,
}

/// What went wrong in one direction while one of its flow records lasted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mishaps {
    /// Packets whose data had passed before.
    pub seen_again: u32,
    /// Those of them whose data had been acknowledged before they passed.
    pub spurious: u32,
    /// Packets that filled a hole so late that they must have been lost before here, and sent anew.
    pub late: u32,
    /// Packets that were overtaken on their way here.
    pub reordered: u32,
    /// Packets whose sender had no room for more.
    pub zero_windows: u32,
}

impl RoundTrips {
    fn add(&mut self, nanoseconds: i64) {
        self.minimum = if self.count == 0 { nanoseconds } else { self.minimum.min(nanoseconds) };
        self.maximum = self.maximum.max(nanoseconds);
        self.sum = self.sum.saturating_add(nanoseconds);
        self.count = self.count.saturating_add(1);
    }

    /// The shortest, the mean and the longest; `None` when none was measured.
    pub fn summary(&self) -> Option<[i64; 3]> {
        (self.count > 0).then(|| [self.minimum, self.sum / i64::from(self.count), self.maximum])
    }
}

/// A connection as it passes. What every packet needs comes first, in one line of the processor's cache together with what
/// the connection puts before it; what answers add to is in the next, and in a third what matters in the beginning and the end.
#[derive(Default)]
#[repr(C)]
pub struct Tcp {
    sides: [Side; 2],
    is_followed: bool,
    is_open: bool,
    /// Whether the flow of one way only is being counted, and an answer of the other may still open the connection: kept here
    /// for those who count such connections, as there is room.
    is_one_way: bool,
    /// Of what each side has sent.
    round_trips: [RoundTrips; 2],
    steps: Steps,
    /// Where anything was.
    events: Option<Box<[Events; 2]>>,
}

impl Tcp {
    /// Begin to follow a connection of which these flows have begun, one of `side` and one of the other; whether it is one-way.
    pub fn begin(&mut self, flow: Option<&Flow>, back: Option<&Flow>, side: usize) -> bool {
        *self = Self { is_followed: true, is_one_way: back.is_none(), ..Self::default() };
        let flow = flow.map(|flow| (side, flow));
        let back = back.map(|back| (1 - side, back));
        let is_in_order = flow.is_none_or(|(_, flow)| back.is_none_or(|(_, back)| flow.start <= back.start));
        for (side, flow) in if is_in_order { [flow, back] } else { [back, flow] }.into_iter().flatten() {
            self.open(side, &flow.opening, flow.start);
        }
        self.is_one_way
    }

    /// Note that the flow of one way ended; whether the connection is one-way now.
    #[inline]
    pub fn begin_one_way(&mut self) -> bool {
        self.is_one_way = self.is_followed && !self.is_open;
        self.is_one_way
    }

    /// Note that there are flows of both ways, or that the connection is over; whether it was one-way until now.
    #[inline]
    pub fn end_one_way(&mut self) -> bool {
        mem::take(&mut self.is_one_way)
    }

    /// Take in the first packet of a flow.
    fn open(&mut self, side: usize, opening: &Opening, time: Instant) {
        let Some(sequence) = opening.sequence else { return };
        self.is_open |= self.steps.pass(side, opening.tcp_flags, time);
        let length = opening.payload_length + length_of_flags(opening.tcp_flags);
        self.sides[side].begin(sequence, sequence.wrapping_add(length));
    }

    /// Take in a packet of one of the two sides, if the connection is followed.
    #[inline]
    pub fn observe(&mut self, side: usize, packet: &Packet, segment: &Segment, time: Instant) {
        if !self.is_followed {
            return;
        }
        let flags = packet.tcp_flags;
        if !self.is_open {
            self.is_open = self.steps.pass(side, flags, time);
        }
        if flags & RST != 0 {
            return;
        }
        let length = packet.payload_length + length_of_flags(flags);
        let (from, to) = (segment.sequence, segment.sequence.wrapping_add(length));
        let is_plain = length > 0 && flags & (SYN | FIN) == 0;
        if !self.sides[side].pass(from, to, is_plain, time) {
            self.pass_out_of_order(side, &Arrival { from, to, is_plain, options: segment.options, time });
        }
        if flags & ACK != 0 {
            self.acknowledge(1 - side, segment.acknowledgment, time);
        }
        if segment.window == 0 && flags & (SYN | FIN) == 0 {
            self.events(side).mishaps.zero_windows += 1;
        }
    }

    /// Where that lies which the next packet needs beside what comes first: it acknowledges something, most likely.
    pub const MEASURED: usize = offset_of!(Self, round_trips);

    /// Fetch what is needed beside that in the beginning and in the end.
    #[inline]
    pub fn foresee_ends(&self) {
        prefetch(&self.steps);
    }

    /// What is to be told of a side since the last call, if the connection is followed.
    #[inline]
    pub fn tell(&mut self, side: usize) -> Option<Performance> {
        self.is_followed.then(|| Performance {
            handshake: self.steps.handshake(),
            round_trips: mem::take(&mut self.round_trips[side]),
            mishaps: self.events.as_mut().map_or_else(Mishaps::default, |events| mem::take(&mut events[side].mishaps)),
        })
    }

    /// Follow it no longer, and let go of memory.
    pub fn end(&mut self) {
        if mem::take(&mut self.is_followed) {
            self.events = None;
        }
    }

    fn events(&mut self, side: usize) -> &mut Events {
        &mut self.events.get_or_insert_default()[side]
    }
}

/// A packet that takes up sequence numbers, or none.
struct Arrival<'a> {
    from: u32,
    to: u32,
    /// Payload and nothing else.
    is_plain: bool,
    options: &'a [u8],
    time: Instant,
}

impl Arrival<'_> {
    fn is_one_byte_before(&self, next: u32) -> bool {
        self.to == next && self.to.wrapping_sub(self.from) == 1
    }
}

/// Numbers that have not passed though later ones have.
#[derive(Clone, Copy)]
struct Hole {
    from: u32,
    to: u32,
    /// When the packet behind it passed, and that packet's timestamp option.
    since: Instant,
    stamp: Option<u32>,
    /// Whether the receiver has said since that something is missing.
    is_told: bool,
}

/// What one side has sent.
#[derive(Default)]
struct Side {
    has_begun: bool,
    has_holes: bool,
    /// The number behind the last that has passed.
    next: u32,
    /// The number up to which the other side has acknowledged.
    acknowledged: u32,
    /// Whether the acknowledgment of a packet is waited for: the number behind it, and when it passed.
    is_timed: bool,
    timed_end: u32,
    timed_since: Instant,
}

/// What is out of the ordinary about what one side has sent.
#[derive(Default)]
struct Events {
    mishaps: Mishaps,
    holes: Vec<Hole>,
}

impl Side {
    fn begin(&mut self, from: u32, to: u32) {
        (self.has_begun, self.next, self.acknowledged) = (true, to, from);
    }

    /// Take in what comes next; false for anything else.
    #[inline]
    fn pass(&mut self, from: u32, to: u32, is_plain: bool, time: Instant) -> bool {
        if self.has_begun && from == self.next {
            self.next = to;
        } else if from == to {
            return true;
        } else if self.has_begun {
            return false;
        } else {
            self.begin(from, to);
        }
        // Chosen, not branched: whether the next packet carries data is anybody's guess.
        let is_free = !(self.is_timed | self.has_holes);
        let is_to_be_timed = is_plain & is_free;
        self.timed_end = select_unpredictable(is_to_be_timed, to, self.timed_end);
        self.timed_since = select_unpredictable(is_to_be_timed, time, self.timed_since);
        self.is_timed |= is_to_be_timed;
        true
    }
}

impl Tcp {
    #[cold]
    fn pass_out_of_order(&mut self, side: usize, arrival: &Arrival) {
        let overtaking = self.steps.handshake().whole().map_or(LONGEST_OVERTAKING, |round_trip| round_trip / 2);
        let Side { next, acknowledged, .. } = &self.sides[side];
        let events = &mut self.events.get_or_insert_default()[side];
        if is_before(*next, arrival.from) {
            events.open_hole(*next, arrival);
        } else if arrival.is_plain && arrival.is_one_byte_before(*next) && acknowledged == next {
            // The last byte again, all being acknowledged, asks whether anybody is there.
            return;
        } else {
            let mishaps = &mut events.mishaps;
            match fill(&mut events.holes, arrival) {
                Some(hole) if was_overtaken(&hole, arrival, overtaking) => mishaps.reordered += 1,
                Some(_) => mishaps.late += 1,
                None => {
                    mishaps.seen_again += 1;
                    mishaps.spurious += u32::from(!is_before(*acknowledged, arrival.to));
                }
            }
        }
        let side = &mut self.sides[side];
        // The acknowledgment of what was sent more than once may be of either (Karn).
        side.is_timed = false;
        side.has_holes = !events.holes.is_empty();
        if is_before(side.next, arrival.to) {
            side.next = arrival.to;
        }
    }

    #[inline]
    fn acknowledge(&mut self, side: usize, number: u32, time: Instant) {
        let sent = &mut self.sides[side];
        let is_news = sent.has_begun & is_before(sent.acknowledged, number);
        sent.acknowledged = select_unpredictable(is_news, number, sent.acknowledged);
        // What it acknowledges beyond what has passed took another way, or we were too slow for it.
        sent.next = select_unpredictable(is_news & is_before(sent.next, number), number, sent.next);
        let has_holes = sent.has_holes;
        if is_news & sent.is_timed & !is_before(number, sent.timed_end) {
            sent.is_timed = false;
            self.round_trips[side].add(time.saturating_sub(sent.timed_since).max(0));
        }
        if has_holes {
            self.acknowledge_with_holes(side, number, is_news);
        }
    }

    #[cold]
    fn acknowledge_with_holes(&mut self, side: usize, number: u32, is_news: bool) {
        let is_told = number == self.sides[side].acknowledged;
        let holes = &mut self.events(side).holes;
        if is_news {
            // Nothing that has arrived will be sent into these any more.
            holes.retain(|hole| is_before(number, hole.to));
            self.sides[side].has_holes = !holes.is_empty();
        } else if is_told {
            for hole in holes {
                hole.is_told = true;
            }
        }
    }
}

impl Events {
    fn open_hole(&mut self, next: u32, arrival: &Arrival) {
        if self.holes.len() >= MAXIMUM_HOLES {
            self.holes.remove(0);
        }
        let stamp = timestamp(arrival.options);
        self.holes.push(Hole { from: next, to: arrival.from, since: arrival.time, stamp, is_told: false });
    }
}

/// Take a packet's numbers out of the holes; tells of the first it fell into.
fn fill(holes: &mut Vec<Hole>, arrival: &Arrival) -> Option<Hole> {
    let place = holes.iter().position(|hole| is_before(arrival.from, hole.to) && is_before(hole.from, arrival.to))?;
    let hole = holes.remove(place);
    let rest = [Hole { to: arrival.from, ..hole }, Hole { from: arrival.to, ..hole }];
    holes.extend(rest.into_iter().filter(|rest| is_before(rest.from, rest.to)));
    Some(hole)
}

/// Whether what filled a hole had been sent before that which made it: by its sender's own clock where that is fine
/// enough to tell; else it had where nobody has told the sender that something is missing, and little time has passed.
fn was_overtaken(hole: &Hole, arrival: &Arrival, overtaking: i64) -> bool {
    if let (Some(behind), Some(stamp)) = (hole.stamp, timestamp(arrival.options))
        && behind != stamp
    {
        return is_before(stamp, behind);
    }
    !hole.is_told && arrival.time.saturating_sub(hole.since) < overtaking
}

/// Numbers that control bits take up.
#[inline]
fn length_of_flags(flags: u16) -> u32 {
    u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0)
}

/// Whether one number comes before another, modulo 2^32.
#[inline]
fn is_before(one: u32, another: u32) -> bool {
    (another.wrapping_sub(one) as i32) > 0
}

/// The sender's clock in the timestamps option (RFC 7323, section 3).
fn timestamp(mut options: &[u8]) -> Option<u32> {
    const END: u8 = 0;
    const NO_OPERATION: u8 = 1;
    const TIMESTAMPS: u8 = 8;
    loop {
        match *options {
            [TIMESTAMPS, 10, a, b, c, d, ..] => return Some(u32::from_be_bytes([a, b, c, d])),
            [NO_OPERATION, ref rest @ ..] => options = rest,
            [END, ..] | [] | [_] => return None,
            [_, length, ..] => options = options.get(usize::from(length).max(2)..)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{capture::Frame, time::SECOND};

    /// A raw packet with these numbers, `stamp` in the timestamps option; 0 is none.
    fn packet(flags: u16, (sequence, acknowledgment): (u32, u32), length: usize, stamp: u32) -> Vec<u8> {
        let options = match stamp {
            0 => Vec::new(),
            stamp => [&[1, 1, 8, 10][..], &stamp.to_be_bytes(), &[0; 4]].concat(),
        };
        let header = 20 + options.len();
        let mut bytes = vec![0x45, 0];
        bytes.extend((20 + header as u16 + length as u16).to_be_bytes());
        bytes.extend([0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 80, 0, 81]);
        bytes.extend([sequence.to_be_bytes(), acknowledgment.to_be_bytes()].concat());
        bytes.extend([(header as u8 / 4) << 4, flags as u8, 0, 9, 0, 0, 0, 0]);
        bytes.extend(options);
        bytes.resize(20 + header + length, 0);
        bytes
    }

    /// Send from a side at a time in milliseconds.
    fn send(tcp: &mut Tcp, side: usize, milliseconds: i64, bytes: &[u8]) {
        let frame = Frame { timestamp: 0, link_type: 101, data: bytes, original_length: bytes.len() as u32 };
        let packet = Packet::parse(&frame).unwrap();
        tcp.observe(side, &packet, &packet.segment.unwrap(), milliseconds * MILLISECOND);
    }

    /// Data of 100 bytes from side 0.
    fn data(tcp: &mut Tcp, milliseconds: i64, sequence: u32, stamp: u32) {
        send(tcp, 0, milliseconds, &packet(ACK, (sequence, 0), 100, stamp));
    }

    fn acknowledge(tcp: &mut Tcp, milliseconds: i64, number: u32) {
        send(tcp, 1, milliseconds, &packet(ACK, (0, number), 0, 0));
    }

    /// Seen again, spurious, late, reordered.
    fn counts(tcp: &mut Tcp) -> [u32; 4] {
        let mishaps = tcp.tell(0).unwrap().mishaps;
        [mishaps.seen_again, mishaps.spurious, mishaps.late, mishaps.reordered]
    }

    fn followed() -> Tcp {
        Tcp { is_followed: true, ..Tcp::default() }
    }

    /// A connection of which a SYN has passed.
    fn opened() -> Tcp {
        let mut tcp = followed();
        tcp.open(0, &Opening { sequence: Some(999), payload_length: 0, tcp_flags: SYN }, 0);
        tcp
    }

    fn shaken() -> Tcp {
        let mut tcp = opened();
        send(&mut tcp, 1, 30, &packet(SYN | ACK, (500, 1000), 0, 0));
        send(&mut tcp, 0, 40, &packet(ACK, (1000, 501), 0, 0));
        tcp
    }

    #[test]
    fn a_handshake_is_measured_on_both_sides() {
        let handshake = shaken().steps.handshake();
        assert_eq!(handshake.server(), Some(30 * MILLISECOND));
        assert_eq!(handshake.client(), Some(10 * MILLISECOND));
        assert_eq!(handshake.whole(), Some(40 * MILLISECOND));
    }

    #[test]
    fn a_step_seen_twice_leaves_its_part_in_doubt() {
        let mut tcp = opened();
        send(&mut tcp, 0, 1000, &packet(SYN, (999, 0), 0, 0));
        send(&mut tcp, 1, 1030, &packet(SYN | ACK, (500, 1000), 0, 0));
        send(&mut tcp, 0, 1040, &packet(ACK, (1000, 501), 0, 0));
        let handshake = tcp.steps.handshake();
        assert_eq!((handshake.server(), handshake.client()), (None, Some(10 * MILLISECOND)));
        assert_eq!(handshake.whole(), None);
        assert_eq!(counts(&mut tcp), [1, 0, 0, 0], "the SYN was seen again");
    }

    #[test]
    fn what_passed_before_is_seen_again() {
        let mut tcp = shaken();
        data(&mut tcp, 50, 1000, 0);
        data(&mut tcp, 51, 1100, 0);
        acknowledge(&mut tcp, 80, 1100);
        data(&mut tcp, 300, 1100, 0);
        assert_eq!(counts(&mut tcp), [1, 0, 0, 0]);
        data(&mut tcp, 301, 1000, 0);
        assert_eq!(counts(&mut tcp), [1, 1, 0, 0], "that one had been acknowledged");
    }

    #[test]
    fn holes_are_filled_by_what_was_lost_or_overtaken() {
        let mut tcp = shaken();
        for (milliseconds, sequence) in [(50, 1000), (51, 1200), (52, 1400), (53, 1300)] {
            data(&mut tcp, milliseconds, sequence, 0);
        }
        assert_eq!(counts(&mut tcp), [0, 0, 0, 1], "a millisecond late, where the round trip takes forty");
        data(&mut tcp, 95, 1100, 0);
        assert_eq!(counts(&mut tcp), [0, 0, 1, 0], "a round trip late");
    }

    #[test]
    fn what_the_receiver_has_told_to_be_missing_is_sent_anew() {
        let mut tcp = shaken();
        data(&mut tcp, 50, 1000, 7);
        acknowledge(&mut tcp, 51, 1100);
        data(&mut tcp, 52, 1200, 7);
        acknowledge(&mut tcp, 53, 1100);
        data(&mut tcp, 54, 1100, 7);
        assert_eq!(counts(&mut tcp), [0, 0, 1, 0], "soon, by the same tick of its clock, but asked for");
    }

    #[test]
    fn the_senders_clock_tells_what_was_sent_first() {
        let mut tcp = shaken();
        data(&mut tcp, 50, 1000, 100);
        data(&mut tcp, 51, 1200, 102);
        data(&mut tcp, 52, 1100, 103);
        assert_eq!(counts(&mut tcp), [0, 0, 1, 0], "soon, but sent later than what it fills the hole before");
        data(&mut tcp, 60, 1400, 110);
        data(&mut tcp, 110, 1300, 109);
        assert_eq!(counts(&mut tcp), [0, 0, 0, 1], "late, but sent first");
    }

    #[test]
    fn what_we_were_too_slow_for_is_no_loss() {
        let mut tcp = shaken();
        data(&mut tcp, 50, 1000, 0);
        data(&mut tcp, 51, 1200, 0);
        acknowledge(&mut tcp, 80, 1300);
        data(&mut tcp, 90, 1300, 0);
        acknowledge(&mut tcp, 120, 1600);
        data(&mut tcp, 130, 1600, 0);
        assert_eq!(counts(&mut tcp), [0; 4]);
    }

    #[test]
    fn asking_whether_anybody_is_there_is_no_loss() {
        let mut tcp = shaken();
        data(&mut tcp, 50, 1000, 0);
        acknowledge(&mut tcp, 60, 1100);
        send(&mut tcp, 0, 60_000, &packet(ACK, (1099, 0), 1, 0));
        send(&mut tcp, 0, 61_000, &packet(ACK, (1099, 0), 0, 0));
        assert_eq!(counts(&mut tcp), [0; 4]);
    }

    #[test]
    fn round_trips_are_timed_where_nothing_was_sent_twice() {
        let mut tcp = shaken();
        data(&mut tcp, 50, 1000, 0);
        data(&mut tcp, 60, 1100, 0);
        acknowledge(&mut tcp, 75, 1200);
        data(&mut tcp, 100, 1200, 0);
        data(&mut tcp, 200, 1200, 0);
        acknowledge(&mut tcp, 201, 1300);
        data(&mut tcp, 300, 1300, 0);
        acknowledge(&mut tcp, 335, 1400);
        let round_trips = tcp.tell(0).unwrap().round_trips.summary();
        assert_eq!(round_trips, Some([25, 30, 35].map(|milliseconds| milliseconds * MILLISECOND)));
        assert_eq!(tcp.tell(1).unwrap().round_trips.summary(), None);
    }

    #[test]
    fn numbers_start_over() {
        let mut tcp = followed();
        for (milliseconds, sequence) in [(0, 0xffff_ff9c), (1, 0), (2, 200), (3, 100), (4, 0xffff_ff9c)] {
            data(&mut tcp, milliseconds, sequence, 0);
        }
        assert_eq!(counts(&mut tcp), [1, 0, 0, 1]);
    }

    #[test]
    fn no_room_is_counted_where_it_is_told() {
        let mut tcp = shaken();
        let mut full = packet(ACK, (501, 1000), 0, 0);
        full[34..36].copy_from_slice(&[0, 0]);
        send(&mut tcp, 1, 50, &full);
        full[33] |= 4;
        send(&mut tcp, 1, 51, &full);
        assert_eq!(
            (tcp.tell(0).unwrap().mishaps.zero_windows, tcp.tell(1).unwrap().mishaps.zero_windows),
            (0, 1),
            "a reset tells of no room"
        );
    }

    #[test]
    fn whoever_leaves_holes_everywhere_does_not_make_us_remember_them_all() {
        let mut tcp = followed();
        for number in 0..10_000 {
            data(&mut tcp, SECOND / MILLISECOND, number * 200, 0);
        }
        assert_eq!(tcp.events(0).holes.len(), MAXIMUM_HOLES);
    }
}

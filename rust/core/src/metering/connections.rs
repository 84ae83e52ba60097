//! What is known of the connections that flows belong to, beside the table of flows.
//!
//! A connection is both directions of what shares addresses, ports, protocol and VLAN. It begins when there is
//! something to learn, with the second packet of a flow at the earliest: the many flows of one packet, and floods of
//! them, cost nothing. It ends with the last of its flows; what its client wants is remembered some minutes longer, for
//! clients pause and tell it only once.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::Arc,
};

use super::{
    connection::Connection,
    ended::Told,
    flow::{EndReason, Flow, FlowKey},
    index::mask,
    one_way::OneWay,
    seeded_hash::SeededHash,
    story::{Stories, Story, Wanted},
};
use crate::{
    address::Address,
    inspection::{DnsAnswer, first_message, is_hello, is_initial, is_request},
    packet::Packet,
    time::{Instant, SECOND},
};

const TCP: u8 = 6;
const UDP: u8 = 17;
const SYN_ACK: u16 = 0x12;
const DNS_PORT: u16 = 53;

/// How long a connection without flows is remembered for the name that its client told.
const MEMORY: i64 = 300 * SECOND;
/// Connections without flows that are remembered.
const MAXIMUM_REMEMBERED: usize = 1 << 16;
/// Beginnings that are being put together; of more, the oldest is given up. Each holds a few kilobytes at most.
const MAXIMUM_INQUIRIES: usize = 4096;
/// Answers kept between two drains; of more, the last are left out.
const MAXIMUM_ANSWERS: usize = 1 << 16;

/// Room for connections that is asked for at once, so that few are ever copied: memory that nobody touches costs nothing.
const ROOM: usize = 1 << 16;

/// How many connections begin before one whose place is fetched meanwhile.
const BEGINNINGS_AHEAD: usize = 4;

/// What is to be known beyond counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Curiosity {
    /// Names: TLS, QUIC, HTTP and DNS.
    pub names: bool,
    /// How well TCP does.
    pub performance: bool,
}

impl Default for Curiosity {
    /// Everything.
    fn default() -> Self {
        Self { names: true, performance: true }
    }
}

/// Where a flow's connection is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place(u32);

impl Place {
    /// Nobody has looked for it yet.
    pub const UNKNOWN: Self = Self(u32::MAX);
    /// There is none.
    const NONE: Self = Self(u32::MAX - 1);

    fn new(number: u32, side: usize, is_tcp: bool) -> Self {
        Self(number << 2 | u32::from(is_tcp) << 1 | side as u32)
    }

    fn of_side(self, side: usize) -> Self {
        Self(self.0 & !1 | side as u32)
    }

    fn is_known(self) -> bool {
        self.0 < Self::NONE.0
    }

    fn number(self) -> usize {
        (self.0 >> 2) as usize
    }

    fn is_tcp(self) -> bool {
        self.0 & 2 != 0
    }

    fn side(self) -> usize {
        (self.0 & 1) as usize
    }
}

/// An answer of the domain name system that a client was seen to ask for and to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// When it passed.
    pub time: Instant,
    /// Who asked.
    pub client: Address,
    /// Who answered.
    pub server: Address,
    /// What was told.
    pub answer: DnsAnswer,
}

/// What a client wanted of a connection that rests.
struct Memory {
    key: FlowKey,
    until: Instant,
}

/// The connections of the flows that are being counted.
pub struct Connections {
    curiosity: Curiosity,
    table: Vec<Connection>,
    unused: Vec<u32>,
    one_way: OneWay,
    /// Inquiries so far.
    serial: u32,
    remembered: HashMap<FlowKey, (Arc<Wanted>, Instant), SeededHash>,
    /// In the order in which they are forgotten; a connection that was remembered again stands there again.
    memories: VecDeque<Memory>,
    /// Connections with an inquiry, the oldest first, and leftovers of those that had one.
    inquiring: VecDeque<(u32, u32)>,
    answered: Vec<Answered>,
}

impl Connections {
    /// None yet.
    pub fn new(curiosity: Curiosity) -> Self {
        let room = if curiosity.names || curiosity.performance { ROOM } else { 0 };
        Self {
            curiosity,
            table: Vec::with_capacity(room),
            unused: Vec::new(),
            one_way: OneWay::default(),
            serial: 0,
            remembered: HashMap::default(),
            memories: VecDeque::new(),
            inquiring: VecDeque::new(),
            answered: Vec::new(),
        }
    }

    /// Whether anything is to be known at all.
    #[inline]
    pub fn is_curious(&self) -> bool {
        self.curiosity.names || self.curiosity.performance
    }

    /// Connections that are followed.
    #[cfg(test)]
    pub fn used(&self) -> usize {
        assert!(self.table.len() > self.unused.len() || self.one_way.is_empty(), "none is one-way where there is none");
        self.table.len() - self.unused.len()
    }

    /// Fetch what the next packet of a place will need. Where none is known another is fetched, which is cheaper than to ask.
    #[inline]
    pub fn foresee(&self, place: Place) {
        let number = (place.0 >> 2 & mask(place.is_known())) as usize;
        Connection::foresee(&self.table, number, place.is_tcp());
    }

    /// Fetch what is told when a flow of a place ends.
    #[inline]
    pub fn foresee_end(&self, place: Place) {
        if let Some(connection) = self.table.get(place.number()) {
            self.foresee(place);
            connection.foresee_ends(place.is_tcp());
        }
    }

    /// Whether something is to be learnt from the first packet of a flow already: from payload that may tell a name, and
    /// from when a server answers a client that is known already, since it had to ask twice or told all at once.
    #[inline]
    pub fn is_worth_it_at_once(&self, hash: u32, packet: &Packet) -> bool {
        let tells_name = match packet.protocol {
            TCP => is_hello(packet.payload) || is_request(packet.payload),
            UDP => packet.dst_port == DNS_PORT || packet.src_port == DNS_PORT || is_initial(packet.payload),
            _ => false,
        };
        let answers = packet.tcp_flags & SYN_ACK == SYN_ACK && self.one_way.may_have(hash);
        self.curiosity.names && tells_name || answers
    }

    /// Find the connection of a flow, given its hash and the flow of the way back, or begin one where there is something to learn.
    /// `packet` is the flow's latest, its first where `is_first`. A connection that begins has both flows: then the place of the
    /// way back is told as well.
    pub fn attach(
        &mut self,
        flow: &Flow,
        hash: u32,
        back: Option<&Flow>,
        packet: &Packet,
        is_first: bool,
    ) -> (Place, Option<Place>) {
        let side = flow.key.side();
        let back = back.filter(|back| are_of_one_connection(flow, back) || are_of_one_connection(back, flow));
        if let Some(back) = back.filter(|back| back.place.is_known()) {
            let number = back.place.number();
            self.table[number].flows += 1;
            self.end_one_way(number, hash);
            return (back.place.of_side(side), None);
        }
        if is_first && packet.payload.is_empty() {
            return (Place::UNKNOWN, None);
        }
        let wanted = self.recall(flow);
        let is_worth_it = wanted.is_some()
            || match flow.key.protocol() {
                TCP => self.curiosity.performance || self.curiosity.names && !packet.payload.is_empty(),
                UDP => self.curiosity.names && (packet.dst_port == DNS_PORT || is_initial(packet.payload)),
                _ => false,
            };
        if !is_worth_it {
            // Of TCP, payload may still come.
            let is_open = flow.key.protocol() == TCP && self.curiosity.names;
            return (if is_open { Place::UNKNOWN } else { Place::NONE }, None);
        }
        let number = self.take_place();
        let connection = &mut self.table[number as usize];
        connection.begin(wanted, self.curiosity.names);
        if self.curiosity.performance
            && flow.key.protocol() == TCP
            && connection.follow(Some(flow).filter(|_| !is_first), back, side)
        {
            self.one_way.add(hash);
        }
        connection.await_first_byte(side, flow.opening.first_byte());
        connection.await_first_byte(1 - side, back.and_then(|back| back.opening.first_byte()));
        let place = Place::new(number, side, flow.is_tcp());
        let place_back = back.filter(|back| back.place == Place::UNKNOWN).map(|_| place.of_side(1 - side));
        connection.flows += u8::from(place_back.is_some());
        (place, place_back)
    }

    /// Note that there are flows of both ways, or that the connection is over.
    #[inline]
    fn end_one_way(&mut self, number: usize, hash: u32) {
        if self.table[number].end_one_way() {
            self.one_way.remove(hash);
        }
    }

    fn take_place(&mut self) -> u32 {
        let Some(number) = self.unused.pop() else {
            self.table.push(Connection::default());
            return self.table.len() as u32 - 1;
        };
        if let Some(&later) = self.unused.iter().nth_back(BEGINNINGS_AHEAD) {
            self.foresee_end(Place::new(later, 0, true));
        }
        number
    }

    /// Learn from a packet of a connection.
    #[inline]
    pub fn observe(&mut self, place: Place, packet: &Packet, time: Instant) {
        if !place.is_known() {
            return;
        }
        let (number, side) = (place.number(), place.side());
        let connection = &mut self.table[number];
        let is_to_be_looked_into = match &packet.segment {
            Some(segment) => {
                connection.follow_on(side, packet, segment, time);
                let is_dns = packet.src_port == DNS_PORT || packet.dst_port == DNS_PORT;
                connection.glance(side, packet.payload, segment.sequence, is_dns)
            }
            None => connection.has_looks(side) && !packet.payload.is_empty(),
        };
        if is_to_be_looked_into {
            self.look(number as u32, side, packet, time);
        }
    }

    /// Tell of a flow record that has ended, of which `next` goes on.
    pub fn hand_over(
        &mut self,
        flow: &Flow,
        hash: u32,
        next: &mut Flow,
        reason: EndReason,
        stories: &mut Stories,
    ) -> Told {
        if reason == EndReason::End {
            // What goes on is another connection.
            return self.conclude(flow, hash, reason, stories);
        }
        next.place = flow.place;
        self.tell(flow, stories)
    }

    /// Tell of a flow that has ended, and forget what nobody needs any more.
    pub fn conclude(&mut self, flow: &Flow, hash: u32, reason: EndReason, stories: &mut Stories) -> Told {
        let told = self.tell(flow, stories);
        if !flow.place.is_known() {
            return told;
        }
        let number = flow.place.number();
        let connection = &mut self.table[number];
        connection.flows -= 1;
        if connection.flows == 0 {
            let wanted = connection.end();
            self.end_one_way(number, hash);
            self.unused.push(number as u32);
            if let Some(wanted) = wanted
                && !matches!(reason, EndReason::End | EndReason::LackOfResources)
            {
                self.remember(flow.key.of_connection(), wanted, flow.end);
            }
        } else if connection.begin_one_way() {
            self.one_way.add(hash);
        }
        told
    }

    #[inline]
    fn tell(&mut self, flow: &Flow, stories: &mut Stories) -> Told {
        if flow.place.is_known() {
            let connection = &mut self.table[flow.place.number()];
            return connection.tell(flow.place.side(), stories);
        }
        // A single packet, while the connection rests.
        let Some(wanted) = self.recall(flow) else { return Told::default() };
        self.remember(flow.key.of_connection(), wanted.clone(), flow.end);
        let application = wanted.application;
        Told { application, story: Some(stories.add(Story { wanted: Some(wanted), performance: None })) }
    }

    /// Take the answers seen since the last call.
    pub fn take_answered(&mut self) -> Vec<Answered> {
        mem::take(&mut self.answered)
    }

    #[inline(never)]
    fn look(&mut self, number: u32, side: usize, packet: &Packet, time: Instant) {
        let connection = &mut self.table[number as usize];
        let has_begun = match (packet.protocol, packet.src_port) {
            (TCP | UDP, DNS_PORT) => {
                let (answers, has_begun) = connection.take_answers(side, packet);
                let room = MAXIMUM_ANSWERS.saturating_sub(self.answered.len());
                let told = |answer| Answered { time, client: packet.dst, server: packet.src, answer };
                self.answered.extend(answers.into_iter().take(room).map(told));
                has_begun
            }
            _ => match question(packet) {
                Some(message) => {
                    connection.note_question(message);
                    false
                }
                None => connection.look(side, packet),
            },
        };
        if has_begun {
            self.serial = self.serial.wrapping_add(1);
            connection.number_inquiry(self.serial);
            self.inquiring.push_back((number, self.serial));
            self.limit_inquiries();
        }
    }

    fn limit_inquiries(&mut self) {
        while self.inquiring.len() > MAXIMUM_INQUIRIES
            && let Some((number, serial)) = self.inquiring.pop_front()
        {
            self.table[number as usize].give_up_numbered(serial);
        }
    }

    fn remember(&mut self, key: FlowKey, wanted: Arc<Wanted>, end: Instant) {
        let until = end.saturating_add(MEMORY);
        self.forget_until(end);
        self.remembered.insert(key, (wanted, until));
        self.memories.push_back(Memory { key, until });
    }

    /// What the client of a flow wanted before the connection rested.
    fn recall(&self, flow: &Flow) -> Option<Arc<Wanted>> {
        if self.remembered.is_empty() || flow.is_opener() {
            return None;
        }
        let (wanted, until) = self.remembered.get(&flow.key.of_connection())?;
        (flow.start < *until).then(|| wanted.clone())
    }

    fn forget_until(&mut self, now: Instant) {
        while let Some(Memory { key, until }) = self.memories.front()
            && (*until < now || self.memories.len() >= MAXIMUM_REMEMBERED)
        {
            if self.remembered.get(key).is_some_and(|(_, latest)| latest == until) {
                self.remembered.remove(key);
            }
            self.memories.pop_front();
        }
    }
}

/// What a packet may ask of the DNS; clients send a question in one segment.
fn question<'a>(packet: &Packet<'a>) -> Option<&'a [u8]> {
    match (packet.protocol, packet.dst_port) {
        (UDP, DNS_PORT) => Some(packet.payload),
        (TCP, DNS_PORT) => first_message(packet.payload).map(|(message, _)| message),
        _ => None,
    }
}

/// Whether the later of two flows in opposite directions goes on where the earlier began.
fn are_of_one_connection(earlier: &Flow, later: &Flow) -> bool {
    earlier.start <= later.start && !later.is_opener()
}

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
    flow::{EndReason, Flow, FlowKey},
    inquiry::Inquiry,
    seeded_hash::SeededHash,
    story::{Performance, Story, Wanted},
    tcp::Tcp,
};
use crate::{
    address::Address,
    inspection::{
        DnsAnswer, Finding, MAXIMUM_STREAM_BYTES, answer_from_message, is_hello, is_initial, is_request,
        message_in_segment, question_id,
    },
    packet::{Packet, Segment},
    time::{Instant, SECOND},
};

const TCP: u8 = 6;
const UDP: u8 = 17;
const SYN_ACK: u16 = 0x12;
const DNS_PORT: u16 = 53;

/// Payloads of each side that are looked into: who starts TLS in the middle (mail) talks a while before it.
const LOOKS: u8 = 16;

/// How long a connection without flows is remembered for the name that its client told.
const MEMORY: i64 = 300 * SECOND;
/// Connections without flows that are remembered.
const MAXIMUM_REMEMBERED: usize = 1 << 16;
/// Beginnings that are being put together; of more, the oldest is given up. Each holds a few kilobytes at most.
const MAXIMUM_INQUIRIES: usize = 4096;
/// Answers kept between two drains; of more, the last are left out.
const MAXIMUM_ANSWERS: usize = 1 << 16;
/// Questions of a connection that wait for their answers.
const MAXIMUM_QUESTIONS: usize = 8;

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

    fn new(number: u32, side: usize) -> Self {
        Self(number << 1 | side as u32)
    }

    fn is_known(self) -> bool {
        self.0 < Self::NONE.0
    }

    fn number(self) -> usize {
        (self.0 >> 1) as usize
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

/// A connection with flows.
#[derive(Default)]
struct Connection {
    /// Flows that are being counted.
    flows: u32,
    /// Tells its uses apart: the place is used again.
    serial: u32,
    /// Payloads of each side still to be looked into.
    looks: [u8; 2],
    /// Numbers of the first byte of payload, where the SYN was seen and no payload yet.
    first_bytes: [Option<u32>; 2],
    tcp: Option<Box<Tcp>>,
    search: Option<Box<Search>>,
    wanted: Option<Arc<Wanted>>,
}

/// Looking for what a client wants.
#[derive(Default)]
struct Search {
    inquiry: Option<Inquiry>,
    /// Numbers of the questions that were asked of the DNS.
    questions: VecDeque<u16>,
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
        Self {
            curiosity,
            table: Vec::new(),
            unused: Vec::new(),
            serial: 0,
            remembered: HashMap::default(),
            memories: VecDeque::new(),
            inquiring: VecDeque::new(),
            answered: Vec::new(),
        }
    }

    /// Whether something is to be learnt from the first packet of a flow already: from payload that may tell a name, and
    /// from when a server answers a client that had to ask twice.
    #[inline]
    pub fn is_worth_it_at_once(&self, packet: &Packet) -> bool {
        let tells_name = match packet.protocol {
            TCP => is_hello(packet.payload) || is_request(packet.payload),
            UDP => packet.dst_port == DNS_PORT || packet.src_port == DNS_PORT || is_initial(packet.payload),
            _ => false,
        };
        self.curiosity.names && tells_name || self.curiosity.performance && packet.tcp_flags & SYN_ACK == SYN_ACK
    }

    /// Find the connection of a flow, given the flow of the way back, or begin one where there is something to learn.
    /// `packet` is the flow's latest, its first where `is_first`.
    pub fn attach(&mut self, flow: &Flow, back: Option<&Flow>, packet: &Packet, is_first: bool) -> Place {
        let side = flow.key.of_connection().1;
        let back = back.filter(|back| are_of_one_connection(flow, back) || are_of_one_connection(back, flow));
        if let Some(back) = back.filter(|back| back.place.is_known()) {
            let number = back.place.number() as u32;
            self.table[number as usize].flows += 1;
            return Place::new(number, side);
        }
        if is_first && packet.payload.is_empty() {
            return Place::UNKNOWN;
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
            return if flow.key.protocol() == TCP && self.curiosity.names { Place::UNKNOWN } else { Place::NONE };
        }
        self.serial = self.serial.wrapping_add(1);
        let mut connection = Connection { flows: 1, serial: self.serial, wanted, ..Connection::default() };
        if self.curiosity.names && connection.wanted.is_none() {
            connection.looks = [LOOKS; 2];
        }
        if self.curiosity.performance && flow.key.protocol() == TCP {
            connection.tcp = Some(Box::new(Tcp::begun(Some(flow).filter(|_| !is_first), back, side)));
        }
        connection.first_bytes[side] = flow.opening.first_byte();
        connection.first_bytes[1 - side] = back.and_then(|back| back.opening.first_byte());
        let number = self.unused.pop().unwrap_or(self.table.len() as u32);
        match self.table.get_mut(number as usize) {
            Some(unused) => *unused = connection,
            None => self.table.push(connection),
        }
        Place::new(number, side)
    }

    /// Learn from a packet of a connection.
    #[inline]
    pub fn observe(&mut self, place: Place, packet: &Packet, time: Instant) {
        if !place.is_known() {
            return;
        }
        let (number, side) = (place.number(), place.side());
        let connection = &mut self.table[number];
        if let (Some(tcp), Some(segment)) = (&mut connection.tcp, &packet.segment) {
            tcp.observe(side, packet, segment, time);
        }
        if connection.looks[side] > 0 && !packet.payload.is_empty() {
            self.look(number as u32, side, packet, time);
        }
    }

    /// Tell of a flow record that has ended, of which `next` goes on.
    pub fn hand_over(&mut self, flow: &mut Flow, next: &mut Flow, reason: EndReason) {
        if reason == EndReason::End {
            // What goes on is another connection.
            return self.conclude(flow, reason);
        }
        self.tell(flow);
        next.place = flow.place;
    }

    /// Tell of a flow that has ended, and forget what nobody needs any more.
    pub fn conclude(&mut self, flow: &mut Flow, reason: EndReason) {
        self.tell(flow);
        if !flow.place.is_known() {
            return;
        }
        let number = flow.place.number();
        let connection = &mut self.table[number];
        connection.flows -= 1;
        if connection.flows > 0 {
            return;
        }
        let connection = mem::take(connection);
        self.unused.push(number as u32);
        if let Some(wanted) = connection.wanted
            && !matches!(reason, EndReason::End | EndReason::LackOfResources)
        {
            self.remember(flow.key.of_connection().0, wanted, flow.end);
        }
    }

    fn tell(&mut self, flow: &mut Flow) {
        let (wanted, performance) = if flow.place.is_known() {
            let connection = &mut self.table[flow.place.number()];
            (connection.wanted.clone(), connection.performance(flow.place.side()))
        } else {
            // A single packet, while the connection rests.
            (self.recall(flow), None)
        };
        if let Some(wanted) = wanted.as_ref().filter(|_| !flow.place.is_known()) {
            self.remember(flow.key.of_connection().0, wanted.clone(), flow.end);
        }
        if wanted.is_some() || performance.is_some() {
            flow.story = Some(Box::new(Story { wanted, performance }));
        }
    }

    /// Take the answers seen since the last call.
    pub fn take_answered(&mut self) -> Vec<Answered> {
        mem::take(&mut self.answered)
    }

    fn look(&mut self, number: u32, side: usize, packet: &Packet, time: Instant) {
        let connection = &mut self.table[number as usize];
        if let Some(message) = dns_message(packet) {
            return match packet.src_port {
                DNS_PORT => self.look_into_answer(number, message, packet, time),
                _ => connection.note_question(message),
            };
        }
        let had_inquiry = connection.has_inquiry();
        connection.looks[side] -= 1;
        match connection.look_into(side, packet) {
            Finding::Found(wanted) => {
                connection.wanted = Some(Arc::new(wanted));
                connection.search = None;
                connection.looks = [0; 2];
            }
            Finding::Unfinished if connection.looks[side] > 0 => {
                if !had_inquiry && connection.has_inquiry() {
                    self.inquiring.push_back((number, connection.serial));
                    self.limit_inquiries();
                }
            }
            Finding::Unfinished | Finding::Nothing => connection.give_up(),
        }
    }

    fn look_into_answer(&mut self, number: u32, message: &[u8], packet: &Packet, time: Instant) {
        let Some(search) = &mut self.table[number as usize].search else { return };
        let questions = &mut search.questions;
        let Some(answer) = answer_from_message(message) else { return };
        // An answer that nobody asked for was sent to deceive.
        let Some(place) = questions.iter().position(|&id| id == answer.id) else { return };
        questions.remove(place);
        if self.answered.len() < MAXIMUM_ANSWERS {
            self.answered.push(Answered { time, client: packet.dst, server: packet.src, answer });
        }
    }

    fn limit_inquiries(&mut self) {
        while self.inquiring.len() > MAXIMUM_INQUIRIES
            && let Some((number, serial)) = self.inquiring.pop_front()
        {
            let oldest = &mut self.table[number as usize];
            if oldest.serial == serial {
                oldest.give_up();
            }
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
        let (wanted, until) = self.remembered.get(&flow.key.of_connection().0)?;
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

/// The DNS message that a packet carries.
fn dns_message<'a>(packet: &Packet<'a>) -> Option<&'a [u8]> {
    if packet.src_port != DNS_PORT && packet.dst_port != DNS_PORT {
        return None;
    }
    match packet.protocol {
        UDP => Some(packet.payload),
        TCP => message_in_segment(packet.payload),
        _ => None,
    }
}

/// Whether the later of two flows in opposite directions goes on where the earlier began.
fn are_of_one_connection(earlier: &Flow, later: &Flow) -> bool {
    earlier.start <= later.start && !later.is_opener()
}

impl Connection {
    fn has_inquiry(&self) -> bool {
        self.search.as_ref().is_some_and(|search| search.inquiry.is_some())
    }

    fn give_up(&mut self) {
        if let Some(search) = &mut self.search {
            search.inquiry = None;
        }
    }

    fn performance(&mut self, side: usize) -> Option<Performance> {
        let tcp = self.tcp.as_mut()?;
        Some(Performance { handshake: tcp.handshake(), quality: tcp.take_quality(side) })
    }

    fn look_into(&mut self, side: usize, packet: &Packet) -> Finding<Wanted> {
        if let Some(inquiry) = self.search.as_mut().and_then(|search| search.inquiry.as_mut()) {
            return if inquiry.side() == side { inquiry.proceed(packet) } else { Finding::Unfinished };
        }
        let (inquiry, finding) = match packet.segment {
            Some(segment) => self.begin_tcp_inquiry(side, &segment, packet.payload),
            None if packet.protocol == UDP && is_initial(packet.payload) => Inquiry::of_quic(side, packet.payload),
            None => return Finding::Nothing,
        };
        if inquiry.is_some() {
            self.search.get_or_insert_default().inquiry = inquiry;
        }
        finding
    }

    fn begin_tcp_inquiry(
        &mut self,
        side: usize,
        segment: &Segment,
        payload: &[u8],
    ) -> (Option<Inquiry>, Finding<Wanted>) {
        // The first payload that passes may have overtaken the one before it.
        let first = self.first_bytes[side].take();
        let offset = first.map_or(0, |first| segment.sequence.wrapping_sub(first) as usize);
        if (1..MAXIMUM_STREAM_BYTES).contains(&offset) {
            return Inquiry::of_tcp(side, segment.sequence, offset, payload);
        }
        if is_hello(payload) || is_request(payload) {
            return Inquiry::of_tcp(side, segment.sequence, 0, payload);
        }
        (None, Finding::Unfinished)
    }

    fn note_question(&mut self, message: &[u8]) {
        let Some(id) = question_id(message) else { return };
        let questions = &mut self.search.get_or_insert_default().questions;
        if questions.len() == MAXIMUM_QUESTIONS {
            questions.pop_front();
        }
        questions.push_back(id);
    }
}

//! The flows being counted, found by key, ended by time.

use std::{hint::black_box, mem};

use super::{
    connections::{Connections, Place},
    flow::{EndReason, Ended, Flow, FlowKey, SYN},
    index::Index,
    overflow::Overflow,
    seeded_hash::SeededHash,
    timer_wheel::{Tick, TimerWheel},
};
use crate::{
    packet::Packet,
    time::{Instant, SECOND},
};

/// How long a closed TCP flow waits for the last acknowledgements, so that they do not become a flow of their own.
const CLOSED_TIMEOUT: i64 = SECOND;

/// How many busy flows are passed over in search of an idle one when the table is full.
const SECOND_CHANCES: usize = 16;

/// How many flows are looked at in search of one of a flood when the table is full.
const LOOKS: usize = 64;

/// Tick of an entry that holds no flow.
const UNUSED: Tick = Tick::MAX;

/// When flows end.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Age at which a flow's record is sent although packets still come, in nanoseconds.
    pub active_timeout: i64,
    /// Silence after which a flow is over, in nanoseconds.
    pub idle_timeout: i64,
    /// Flows kept at a time.
    pub maximum_flows: usize,
}

impl Limits {
    fn wheel(&self) -> TimerWheel {
        TimerWheel::new(self.idle_timeout.max(CLOSED_TIMEOUT))
    }

    #[inline]
    fn timeout(&self, flow: &Flow) -> i64 {
        if flow.is_closed() { self.idle_timeout.min(CLOSED_TIMEOUT) } else { self.idle_timeout }
    }

    /// Why a flow ended before this packet of its key; `None` when the packet belongs to it.
    #[inline]
    fn end_before(&self, flow: &Flow, packet: &Packet, time: Instant) -> Option<EndReason> {
        if flow.is_closed() && packet.tcp_flags & SYN != 0 {
            return Some(EndReason::End);
        }
        if time.saturating_sub(flow.end) >= self.timeout(flow) {
            return Some(silent(flow));
        }
        (time.saturating_sub(flow.start) >= self.active_timeout).then_some(EndReason::Active)
    }
}

/// A silent flow was either closed or left.
fn silent(flow: &Flow) -> EndReason {
    if flow.is_closed() { EndReason::End } else { EndReason::Idle }
}

struct Entry {
    flow: Flow,
    /// When its timer fires; timers with another tick are leftovers.
    tick: Tick,
}

/// The table of flows.
pub struct FlowCache {
    limits: Limits,
    hash: SeededHash,
    index: Index,
    entries: Vec<Entry>,
    unused: Vec<u32>,
    wheel: TimerWheel,
    fired: Vec<u32>,
    ended: Vec<Ended>,
    overflow: Overflow,
    /// Where the last search for a flow of a flood stopped.
    hand: usize,
    /// What is known beyond counters.
    pub connections: Connections,
    emergencies: u64,
}

impl FlowCache {
    /// An empty table.
    pub fn new(limits: Limits, connections: Connections) -> Self {
        let maximum_flows = limits.maximum_flows.clamp(1, u32::MAX as usize - 1);
        Self {
            limits: Limits { maximum_flows, ..limits },
            hash: SeededHash::default(),
            index: Index::default(),
            entries: Vec::new(),
            unused: Vec::new(),
            wheel: limits.wheel(),
            fired: Vec::new(),
            ended: Vec::new(),
            overflow: Overflow::default(),
            hand: 0,
            connections,
            emergencies: 0,
        }
    }

    /// The hash of a key.
    #[inline]
    pub fn hash(&self, key: &FlowKey) -> u64 {
        self.hash.hash_words(key.words())
    }

    /// Fetch what will be looked up soon: loads that do not wait for each other.
    #[inline]
    pub fn foresee(&self, hashes: impl Iterator<Item = u64> + Clone) {
        for hash in hashes.clone() {
            black_box(self.index.first(hash));
        }
        for hash in hashes {
            let number = self.index.first(hash).unwrap_or_default();
            if let Some(Entry { flow, tick }) = self.entries.get(number as usize) {
                // A flow lies in two or three lines of the cache.
                black_box((flow.key.words()[0], flow.bytes, flow.tcp_flags, *tick));
            }
        }
    }

    /// Count a packet. Timeouts are checked first: a packet after the timeout is not the old flow's.
    #[inline]
    pub fn count(&mut self, key: FlowKey, hash: u64, packet: &Packet, time: Instant) {
        self.pass(time);
        let Some(number) = self.find(&key, hash) else {
            let number = self.insert(hash, Flow::new(key, packet, time));
            return self.observe(number, packet, time, true);
        };
        let entry = &mut self.entries[number as usize];
        let end = self.limits.end_before(&entry.flow, packet, time);
        match end {
            Some(reason) => {
                let mut flow = mem::replace(&mut entry.flow, Flow::new(key, packet, time));
                self.connections.hand_over(&mut flow, &mut entry.flow, reason);
                self.ended.push((flow, reason));
            }
            None => entry.flow.add(packet, time),
        }
        if entry.flow.is_closed() {
            let deadline = entry.flow.end.saturating_add(self.limits.timeout(&entry.flow));
            if self.wheel.tick(deadline) < entry.tick {
                entry.tick = self.wheel.set(number, deadline);
            }
        }
        self.observe(number, packet, time, end.is_some());
    }

    /// Learn more than counters from a packet that was counted. Of a flow's first, most is learnt with the second.
    #[inline]
    fn observe(&mut self, number: u32, packet: &Packet, time: Instant, is_first: bool) {
        let mut place = self.entries[number as usize].flow.place;
        if place == Place::UNKNOWN && (!is_first || self.connections.is_worth_it_at_once(packet)) {
            place = self.attach(number, packet, is_first);
        }
        self.connections.observe(place, packet, time);
    }

    #[inline]
    fn find(&self, key: &FlowKey, hash: u64) -> Option<u32> {
        self.index.find(hash, |number| self.entries[number as usize].flow.key == *key)
    }

    /// Find the connection of a flow by that of the way back, or begin one.
    fn attach(&mut self, number: u32, packet: &Packet, is_first: bool) -> Place {
        let flow = &self.entries[number as usize].flow;
        let back_key = flow.key.reversed();
        let back = self.find(&back_key, self.hash(&back_key)).map(|back| &self.entries[back as usize].flow);
        let place = self.connections.attach(flow, back, packet, is_first);
        self.entries[number as usize].flow.place = place;
        place
    }

    /// End the flows whose time has come.
    #[inline]
    pub fn pass(&mut self, now: Instant) {
        if self.wheel.is_due(now) {
            self.expire(now);
        }
    }

    /// Flows being counted.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Flows that were counted together for want of room.
    pub fn overflowed(&self) -> u64 {
        self.overflow.count()
    }

    /// Whether flows have ended that nobody takes.
    pub fn is_congested(&self) -> bool {
        self.ended.len() > self.limits.maximum_flows
    }

    /// Flows that were ended because the table was full.
    pub fn emergencies(&self) -> u64 {
        self.emergencies
    }

    /// Take the flows that ended since the last call.
    pub fn take_ended(&mut self) -> Vec<Ended> {
        mem::take(&mut self.ended)
    }

    /// End every flow: no more packets will come.
    pub fn end_all(&mut self) {
        for number in 0..self.entries.len() as u32 {
            let Entry { flow, tick } = &self.entries[number as usize];
            if *tick != UNUSED {
                let reason = if flow.is_closed() { EndReason::End } else { EndReason::Forced };
                self.end(number, reason);
            }
        }
        self.overflow.end_all(&mut self.ended);
    }

    /// Let time begin anew, with no flow left.
    pub fn restart(&mut self) {
        self.end_all();
        self.wheel = self.limits.wheel();
    }

    fn insert(&mut self, hash: u64, flow: Flow) -> u32 {
        if self.index.len() >= self.limits.maximum_flows {
            self.make_room();
        }
        let number = self.unused.pop().unwrap_or(self.entries.len() as u32);
        self.index.insert(hash, number);
        let deadline = flow.end.saturating_add(self.limits.timeout(&flow));
        match self.entries.get_mut(number as usize) {
            Some(entry) => {
                entry.flow = flow;
                // The timer of a flow that was thrown out serves for the next.
                if entry.tick > self.wheel.tick(deadline) {
                    entry.tick = self.wheel.set(number, deadline);
                }
            }
            None => self.entries.push(Entry { flow, tick: self.wheel.set(number, deadline) }),
        }
        number
    }

    fn expire(&mut self, now: Instant) {
        let mut fired = mem::take(&mut self.fired);
        while let Some(tick) = self.wheel.advance(now, &mut fired) {
            for number in fired.drain(..) {
                if self.entries[number as usize].tick != tick {
                    continue;
                }
                if self.deadline(number) <= now {
                    self.end(number, silent(&self.entries[number as usize].flow));
                } else {
                    self.rewind(number);
                }
            }
        }
        self.fired = fired;
        self.overflow.expire(now, &self.limits, &mut self.ended);
    }

    /// Make room for a flow: at the cost of a flood, or of the flow that has been silent for longest.
    fn make_room(&mut self) {
        match self.find_flood() {
            Some(number) => self.throw_out(number),
            None => self.end_silent(),
        }
    }

    /// Look on through the table, which is full, for a SYN that nothing followed, else for a flow of one packet.
    ///
    /// Going round, the oldest comes first, so that a connection has as long to go on as the flood takes to fill the table.
    fn find_flood(&mut self) -> Option<u32> {
        let mut single = None;
        for _ in 0..LOOKS.min(self.entries.len()) {
            self.hand = (self.hand + 1) % self.entries.len();
            let entry = &self.entries[self.hand];
            if entry.tick == UNUSED {
                continue;
            }
            if entry.flow.is_half_open() {
                return Some(self.hand as u32);
            }
            if entry.flow.packets == 1 {
                single = single.or(Some(self.hand as u32));
            }
        }
        single
    }

    /// Count a flow together with others of its flood. Its timer stays, for the flow that comes in its place.
    fn throw_out(&mut self, number: u32) {
        let mut flow = self.entries[number as usize].flow.clone();
        self.connections.conclude(&mut flow, EndReason::LackOfResources);
        self.overflow.absorb(&flow);
        self.index.remove(self.hash(&flow.key), number);
        self.unused.push(number);
    }

    /// End the flow that has been silent for longest, nearly: timers are as fine as the wheel's slots.
    fn end_silent(&mut self) {
        let mut chances = SECOND_CHANCES;
        while let Some((number, tick)) = self.wheel.pop() {
            if self.entries[number as usize].tick != tick {
                continue;
            }
            if chances > 0 && self.wheel.tick(self.deadline(number)) > tick {
                chances -= 1;
                self.rewind(number);
                continue;
            }
            self.emergencies += 1;
            return self.end(number, EndReason::LackOfResources);
        }
    }

    fn deadline(&self, number: u32) -> Instant {
        let flow = &self.entries[number as usize].flow;
        flow.end.saturating_add(self.limits.timeout(flow))
    }

    fn rewind(&mut self, number: u32) {
        self.entries[number as usize].tick = self.wheel.set(number, self.deadline(number));
    }

    fn end(&mut self, number: u32, reason: EndReason) {
        let entry = &mut self.entries[number as usize];
        entry.tick = UNUSED;
        let mut flow = entry.flow.clone();
        self.index.remove(self.hash(&flow.key), number);
        self.unused.push(number);
        self.connections.conclude(&mut flow, reason);
        self.ended.push((flow, reason));
    }
}

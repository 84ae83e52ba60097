//! The flows being counted, found by key, ended by time.

use std::mem::{self, offset_of};

use tidegauge_prefetch::prefetch_at;

use super::{
    connections::{Connections, Place},
    ended::EndedFlows,
    flow::{EndReason, Flow, FlowKey, SYN},
    index::{Index, NOWHERE, mask},
    overflow::Overflow,
    seeded_hash::{SeededHash, WAY_BACK},
    story::Stories,
    timer_wheel::{Tick, TimerWheel},
};
use crate::{
    packet::Packet,
    time::{Instant, SECOND},
};

/// How long a closed TCP flow waits for the last acknowledgements, so that they do not become a flow of their own.
const CLOSED_TIMEOUT: i64 = SECOND;

/// How many flows are looked up side by side: about as many loads as a processor has under way at once.
pub const SIDE_BY_SIDE: usize = 16;

/// How many busy flows are passed over in search of an idle one when the table is full.
const SECOND_CHANCES: usize = 16;

/// How many flows are looked at in search of one of a flood when the table is full.
const LOOKS: usize = 64;

/// A flow's place, or any where there is none.
#[inline]
fn any_of(number: u32) -> usize {
    (number & mask(number != NOWHERE)) as usize
}

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

/// A place for a flow: a pair of lines of the processor's cache, which are fetched together.
#[repr(C, align(128))]
struct Entry {
    /// Its key is that of none where the place is free.
    flow: Flow,
    /// When its timer fires; timers with another tick are leftovers.
    tick: Tick,
    /// Of the flow's key.
    hash: u32,
}

const _: () = assert!(size_of::<Entry>() == 128);

/// The table of flows.
pub struct FlowCache {
    limits: Limits,
    hash: SeededHash,
    index: Index,
    entries: Vec<Entry>,
    unused: Vec<u32>,
    wheel: TimerWheel,
    fired: Vec<u32>,
    ended: EndedFlows,
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
            ended: EndedFlows::default(),
            overflow: Overflow::default(),
            hand: 0,
            connections,
            emergencies: 0,
        }
    }

    /// The hash of a key.
    #[inline]
    pub fn hash(&self, key: &FlowKey) -> u32 {
        let (ends, shared) = key.ends();
        self.hash.hash_ends(ends, shared)
    }

    /// Fetch what packets with these hashes will need soon, at most [`SIDE_BY_SIDE`]: nothing waits for anything else. Returns where
    /// their flows are, most likely.
    #[inline]
    pub fn foresee(&self, coming: impl Iterator<Item = u32> + Clone) -> [u32; SIDE_BY_SIDE] {
        for hash in coming.clone() {
            self.index.foresee(hash);
        }
        let mut likely = [NOWHERE; SIDE_BY_SIDE];
        for (likely, hash) in likely.iter_mut().zip(coming) {
            *likely = self.index.likely(hash);
            // Where there is none another is fetched, which is cheaper than to ask.
            self.foresee_entry(any_of(*likely));
        }
        if self.connections.is_curious() {
            for entry in likely.iter().filter_map(|&number| self.entries.get(any_of(number))) {
                self.connections.foresee(entry.flow.place);
            }
        }
        likely
    }

    /// Fetch both lines of an entry.
    #[inline]
    fn foresee_entry(&self, place: usize) {
        prefetch_at(&self.entries, place, offset_of!(Entry, flow));
        prefetch_at(&self.entries, place, offset_of!(Entry, tick));
    }

    /// The same for flows that may end.
    fn foresee_ends(&self, numbers: &[u32]) {
        for &number in numbers {
            self.foresee_entry(number as usize);
        }
        for Entry { flow, hash, .. } in numbers.iter().map(|&number| &self.entries[number as usize]) {
            self.index.foresee(*hash);
            self.connections.foresee_end(flow.place);
        }
    }

    /// Count a packet, whose flow is most likely where [`Self::foresee`] said. Timeouts are checked first: a packet after the
    /// timeout is not the old flow's.
    #[inline]
    pub fn count(&mut self, key: FlowKey, hash: u32, likely: u32, packet: &Packet, time: Instant) {
        self.pass(time);
        let found = if self.is_at(likely, &key) { Some(likely) } else { self.find(&key, hash) };
        let (number, is_first) = match found {
            Some(number) => (number, self.add(number, key, packet, time)),
            None => (self.insert(hash, Flow::new(key, packet, time)), true),
        };
        if self.connections.is_curious() {
            self.observe(number, packet, time, is_first);
        }
    }

    /// Count a packet into the flow of its key, or where that is over into one that begins; whether it does.
    #[inline]
    fn add(&mut self, number: u32, key: FlowKey, packet: &Packet, time: Instant) -> bool {
        let entry = &mut self.entries[number as usize];
        let end = self.limits.end_before(&entry.flow, packet, time);
        match end {
            Some(reason) => {
                let flow = mem::replace(&mut entry.flow, Flow::new(key, packet, time));
                let told =
                    self.connections.hand_over(&flow, entry.hash, &mut entry.flow, reason, &mut self.ended.stories);
                self.ended.push(flow, reason, told);
            }
            None => entry.flow.add(packet, time),
        }
        if entry.flow.is_closed() {
            let deadline = entry.flow.end.saturating_add(self.limits.timeout(&entry.flow));
            if self.wheel.tick(deadline) < entry.tick {
                entry.tick = self.wheel.set(number, deadline);
            }
        }
        end.is_some()
    }

    /// Learn more than counters from a packet that was counted. Of a flow's first, most is learnt with the second.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "of every packet, and what few packets need is in calls of its own")]
    fn observe(&mut self, number: u32, packet: &Packet, time: Instant, is_first: bool) {
        let Entry { flow, hash, .. } = &self.entries[number as usize];
        let mut place = flow.place;
        if place == Place::UNKNOWN && (!is_first || self.connections.is_worth_it_at_once(*hash, packet)) {
            place = self.attach(number, packet, is_first);
        }
        self.connections.observe(place, packet, time);
    }

    /// Whether the flow of a key is at a place.
    #[inline]
    fn is_at(&self, number: u32, key: &FlowKey) -> bool {
        self.entries.get(number as usize).is_some_and(|entry| entry.flow.key == *key)
    }

    #[inline]
    fn find(&self, key: &FlowKey, hash: u32) -> Option<u32> {
        self.index.find(hash, |number| self.is_at(number, key))
    }

    /// Find the connection of a flow by that of the way back, or begin one.
    #[inline(never)]
    fn attach(&mut self, number: u32, packet: &Packet, is_first: bool) -> Place {
        let Entry { flow, hash, .. } = &self.entries[number as usize];
        let back = self.find(&flow.key.reversed(), hash ^ WAY_BACK);
        let back_flow = back.map(|back| &self.entries[back as usize].flow);
        let (place, place_back) = self.connections.attach(flow, *hash, back_flow, packet, is_first);
        self.set_place(number, place);
        if let (Some(back), Some(place)) = (back, place_back) {
            self.set_place(back, place);
        }
        place
    }

    fn set_place(&mut self, number: u32, place: Place) {
        self.entries[number as usize].flow.place = place;
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
        self.ended.flows().len() > self.limits.maximum_flows
    }

    /// Flows that were ended because the table was full.
    pub fn emergencies(&self) -> u64 {
        self.emergencies
    }

    /// The flows that have ended and were not taken yet.
    pub fn ended(&mut self) -> &mut EndedFlows {
        &mut self.ended
    }

    /// Take the flows that have ended and were not taken yet.
    pub fn take_ended(&mut self) -> EndedFlows {
        mem::take(&mut self.ended)
    }

    /// End every flow: no more packets will come.
    pub fn end_all(&mut self) {
        for number in 0..self.entries.len() as u32 {
            let Entry { flow, tick, .. } = &self.entries[number as usize];
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

    fn insert(&mut self, hash: u32, flow: Flow) -> u32 {
        if self.index.len() >= self.limits.maximum_flows {
            self.make_room();
        }
        let number = self.unused.pop().unwrap_or(self.entries.len() as u32);
        self.index.insert(hash, number);
        let deadline = flow.end.saturating_add(self.limits.timeout(&flow));
        if let Some(entry) = self.entries.get_mut(number as usize) {
            (entry.flow, entry.hash) = (flow, hash);
            // The timer of a flow that was thrown out serves for the next.
            if entry.tick > self.wheel.tick(deadline) {
                entry.tick = self.wheel.set(number, deadline);
            }
        } else {
            self.entries.push(Entry { flow, tick: self.wheel.set(number, deadline), hash });
        }
        number
    }

    fn expire(&mut self, now: Instant) {
        let mut fired = mem::take(&mut self.fired);
        while let Some(tick) = self.wheel.advance(now, &mut fired) {
            for numbers in fired.chunks(SIDE_BY_SIDE) {
                self.foresee_ends(numbers);
                for &number in numbers {
                    self.fire(number, tick, now);
                }
            }
            fired.clear();
        }
        self.fired = fired;
        self.overflow.expire(now, &self.limits, &mut self.ended);
    }

    fn fire(&mut self, number: u32, tick: Tick, now: Instant) {
        if self.entries[number as usize].tick != tick {
            return;
        }
        if self.deadline(number) <= now {
            self.end(number, silent(&self.entries[number as usize].flow));
        } else {
            self.rewind(number);
        }
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
        let Entry { flow, hash, .. } = &mut self.entries[number as usize];
        // Nobody reads the story of what is counted together.
        self.connections.conclude(flow, *hash, EndReason::LackOfResources, &mut Stories::default());
        self.overflow.absorb(flow);
        flow.key = FlowKey::NONE;
        self.index.remove(*hash, number);
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
        self.index.remove(entry.hash, number);
        self.unused.push(number);
        let told = self.connections.conclude(&entry.flow, entry.hash, reason, &mut self.ended.stories);
        self.ended.push(entry.flow.clone(), reason, told);
        entry.flow.key = FlowKey::NONE;
    }
}

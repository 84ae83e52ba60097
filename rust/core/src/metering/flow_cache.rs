//! The flows being counted, found by key, ended by time.

use std::{collections::HashMap, mem};

use super::{
    flow::{EndReason, Ended, Flow, FlowKey},
    seeded_hash::SeededHash,
    timer_wheel::{Tick, TimerWheel},
};
use crate::{
    packet::Packet,
    time::{Instant, SECOND},
};

const SYN: u16 = 0x02;

/// How long a closed TCP flow waits for the last acknowledgements, so that they do not become a flow of their own.
const CLOSED_TIMEOUT: i64 = SECOND;

/// How many busy flows are passed over in search of an idle one when the table is full.
const SECOND_CHANCES: usize = 16;

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
    numbers: HashMap<FlowKey, u32, SeededHash>,
    entries: Vec<Entry>,
    unused: Vec<u32>,
    wheel: TimerWheel,
    fired: Vec<u32>,
    ended: Vec<Ended>,
    emergencies: u64,
}

impl FlowCache {
    /// An empty table.
    pub fn new(limits: Limits) -> Self {
        let maximum_flows = limits.maximum_flows.clamp(1, u32::MAX as usize);
        Self {
            limits: Limits { maximum_flows, ..limits },
            numbers: HashMap::default(),
            entries: Vec::new(),
            unused: Vec::new(),
            wheel: limits.wheel(),
            fired: Vec::new(),
            ended: Vec::new(),
            emergencies: 0,
        }
    }

    /// Count a packet. Timeouts are checked first: a packet after the timeout is not the old flow's.
    #[inline]
    pub fn count(&mut self, key: FlowKey, packet: &Packet, time: Instant) {
        self.pass(time);
        let Some(&number) = self.numbers.get(&key) else { return self.insert(Flow::new(key, packet, time)) };
        let entry = &mut self.entries[number as usize];
        match self.limits.end_before(&entry.flow, packet, time) {
            Some(reason) => {
                let flow = mem::replace(&mut entry.flow, Flow::new(key, packet, time));
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
        self.numbers.len()
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
    }

    /// Let time begin anew, with no flow left.
    pub fn restart(&mut self) {
        self.end_all();
        self.wheel = self.limits.wheel();
    }

    fn insert(&mut self, flow: Flow) {
        if self.numbers.len() >= self.limits.maximum_flows {
            self.make_room();
        }
        let number = self.unused.pop().unwrap_or(self.entries.len() as u32);
        let tick = self.wheel.set(number, flow.end.saturating_add(self.limits.timeout(&flow)));
        self.numbers.insert(flow.key, number);
        let entry = Entry { flow, tick };
        match self.entries.get_mut(number as usize) {
            Some(unused) => *unused = entry,
            None => self.entries.push(entry),
        }
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
    }

    /// End the flow that has been silent for longest, nearly: timers are as fine as the wheel's slots.
    fn make_room(&mut self) {
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
        self.numbers.remove(&entry.flow.key);
        self.unused.push(number);
        self.ended.push((entry.flow, reason));
    }
}

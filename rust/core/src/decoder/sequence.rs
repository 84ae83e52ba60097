//! Sequence numbers: what an exporter sent and we never got.
//!
//! v5 counts flow records, v9 counts datagrams, IPFIX counts data records, all of them before the
//! datagram at hand. Some exporters count in another unit than their protocol says; the unit
//! that explains the steps is found out per session, and what was booked in the wrong one is undone.

use crate::wire::ProtocolVersion;

/// How much a datagram ought to advance the sequence; `None` where it could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Data records, options included.
    pub records: Option<u32>,
    /// Flow records.
    pub flows: Option<u32>,
}

impl Step {
    /// A datagram whose records could not be counted.
    pub const UNKNOWN: Self = Self { records: None, flows: None };

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        let add = |one: Option<u32>, another: Option<u32>| Some(one? + another?);
        Self { records: add(self.records, other.records), flows: add(self.flows, other.flows) }
    }

    fn advance(self, unit: Unit) -> Option<u32> {
        match unit {
            Unit::Records => self.records,
            Unit::Flows => self.flows,
            Unit::Datagrams => Some(1),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Records,
    Flows,
    Datagrams,
}

impl Unit {
    const ALL: [Self; 3] = [Self::Records, Self::Flows, Self::Datagrams];

    fn of(version: ProtocolVersion) -> Self {
        match version {
            ProtocolVersion::NetflowV5 | ProtocolVersion::Ipfix => Self::Records,
            ProtocolVersion::NetflowV9 => Self::Datagrams,
        }
    }
}

/// Steps in a row that convince us of another unit.
const CONVINCING_STEPS: u32 = 4;
/// A jump beyond this is a restart, not a loss.
const MAXIMUM_GAP: i32 = 1 << 20;
/// A step back of no more than this is a late datagram, not a restart.
const MAXIMUM_LATENESS: i32 = 1 << 16;

/// The sequence of one session.
#[derive(Debug, Default)]
pub struct Sequence {
    unit: Option<Unit>,
    last: Option<(u32, Step)>,
    streaks: [u32; 3],
    lost: i64,
    /// Lost since a step last fitted: undone when the unit turns out to be another.
    doubtful: i64,
}

impl Sequence {
    /// Compare a datagram's number with what the one before announced.
    pub fn observe(&mut self, version: ProtocolVersion, sequence: u32, step: Step) {
        let unit = *self.unit.get_or_insert(Unit::of(version));
        let Some((last_sequence, last_step)) = self.last else {
            self.last = Some((sequence, step));
            return;
        };
        let advance = sequence.wrapping_sub(last_sequence) as i32;
        if (-MAXIMUM_LATENESS..0).contains(&advance) && self.lost > 0 {
            // It was counted as lost when its successor overtook it.
            let arrived = i64::from(step.advance(unit).unwrap_or(0));
            self.lost = (self.lost - arrived).max(0);
            return;
        }
        self.last = Some((sequence, step));
        self.weigh_units(last_step, advance);
        let Some(expected) = last_step.advance(unit) else { return };
        match advance.wrapping_sub(expected as i32) {
            0 => self.doubtful = 0,
            gap @ 1..MAXIMUM_GAP => {
                self.lost += i64::from(gap);
                self.doubtful += i64::from(gap);
            }
            _ => {}
        }
        self.change_unit(unit);
    }

    /// Continue where an earlier collector's sequence ended.
    pub fn resume(&mut self, version: ProtocolVersion, next: u32) {
        let none = Step { records: Some(0), flows: Some(0) };
        let unit = Unit::of(version);
        self.unit = Some(unit);
        self.last = Some((next.wrapping_sub(none.advance(unit).unwrap_or(0)), none));
    }

    /// The number the next datagram ought to have.
    pub fn expected(&self) -> Option<u32> {
        let (sequence, step) = self.last?;
        Some(sequence.wrapping_add(step.advance(self.unit?)?))
    }

    /// Lost so far, in the unit the exporter counts in.
    pub fn lost(&self) -> u64 {
        self.lost.max(0) as u64
    }

    fn weigh_units(&mut self, last_step: Step, advance: i32) {
        for (streak, unit) in self.streaks.iter_mut().zip(Unit::ALL) {
            match last_step.advance(unit) {
                Some(expected) if expected as i32 == advance => *streak += 1,
                Some(_) => *streak = 0,
                None => {}
            }
        }
    }

    fn change_unit(&mut self, unit: Unit) {
        let own = self.streaks[unit as usize];
        let best = Unit::ALL.into_iter().max_by_key(|&other| self.streaks[other as usize]).unwrap_or(unit);
        if own == 0 && self.streaks[best as usize] >= CONVINCING_STEPS {
            self.unit = Some(best);
            self.lost -= self.doubtful;
            self.doubtful = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(records: u32) -> Step {
        Step { records: Some(records), flows: Some(records) }
    }

    #[test]
    fn ipfix_gaps_are_counted_in_records() {
        let mut sequence = Sequence::default();
        for (number, records) in [(0, 10), (10, 5), (22, 5)] {
            sequence.observe(ProtocolVersion::Ipfix, number, step(records));
        }
        assert_eq!(sequence.lost(), 7);
    }

    #[test]
    fn v9_gaps_are_counted_in_datagrams_across_the_wrap() {
        let mut sequence = Sequence::default();
        for number in [u32::MAX - 1, u32::MAX, 2] {
            sequence.observe(ProtocolVersion::NetflowV9, number, step(20));
        }
        assert_eq!(sequence.lost(), 2);
    }

    #[test]
    fn a_late_datagram_is_not_lost() {
        let mut sequence = Sequence::default();
        for number in [1, 3, 2, 4] {
            sequence.observe(ProtocolVersion::NetflowV9, number, step(20));
        }
        assert_eq!(sequence.lost(), 0);
    }

    #[test]
    fn a_restart_is_not_a_loss() {
        let mut sequence = Sequence::default();
        for number in [900_000_000, 0, 30] {
            sequence.observe(ProtocolVersion::NetflowV5, number, step(30));
        }
        assert_eq!(sequence.lost(), 0);
    }

    #[test]
    fn an_exporter_that_counts_flow_records_in_v9_loses_nothing() {
        let mut sequence = Sequence::default();
        for datagram in 0..10 {
            sequence.observe(ProtocolVersion::NetflowV9, datagram * 24, step(24));
        }
        assert_eq!(sequence.lost(), 0);
    }

    #[test]
    fn an_undecodable_datagram_leaves_the_next_step_open() {
        let mut sequence = Sequence::default();
        sequence.observe(ProtocolVersion::Ipfix, 0, Step::UNKNOWN);
        sequence.observe(ProtocolVersion::Ipfix, 57, step(3));
        sequence.observe(ProtocolVersion::Ipfix, 60, step(3));
        assert_eq!(sequence.lost(), 0);
    }
}

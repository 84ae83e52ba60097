//! Sequence numbers: what an exporter sent and we never got.
//!
//! NetFlow 5 to 8 count flow records, v9 and sFlow count datagrams, IPFIX counts data records, all of them before the
//! datagram at hand. Some exporters count another unit, or count the datagram at hand already
//! (softflowd); the rule that explains the steps is found out per session, and what was booked by
//! the wrong one is undone.

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

    fn count(self, unit: Unit) -> Option<u32> {
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

/// How an exporter numbers its datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rule {
    unit: Unit,
    /// Whether the number counts what is in its own datagram already.
    includes_itself: bool,
}

impl Rule {
    const ALL: [Self; 5] = [
        Self { unit: Unit::Records, includes_itself: false },
        Self { unit: Unit::Flows, includes_itself: false },
        Self { unit: Unit::Datagrams, includes_itself: false },
        Self { unit: Unit::Records, includes_itself: true },
        Self { unit: Unit::Flows, includes_itself: true },
    ];

    fn of(version: ProtocolVersion) -> Self {
        let unit = match version {
            ProtocolVersion::NetflowV9 | ProtocolVersion::SflowV5 => Unit::Datagrams,
            _ => Unit::Records,
        };
        Self { unit, includes_itself: false }
    }

    /// How far the number should move from one datagram to the next.
    fn advance(self, last: Step, step: Step) -> Option<u32> {
        (if self.includes_itself { step } else { last }).count(self.unit)
    }
}

/// What speaks for a rule: steps in a row that it explains, and the losses it would undo.
#[derive(Clone, Copy, Debug, Default)]
struct Evidence {
    streak: u32,
    excused: i64,
}

/// Steps in a row that convince us of another rule.
const CONVINCING_STEPS: u32 = 3;
/// A jump beyond this is a restart, not a loss.
const MAXIMUM_GAP: i32 = 1 << 20;
/// A step back of no more than this is a late datagram, not a restart.
const MAXIMUM_LATENESS: i32 = 1 << 16;

/// The sequence of one session.
#[derive(Debug, Default)]
pub struct Sequence {
    rule: Option<Rule>,
    last: Option<(u32, Step)>,
    evidence: [Evidence; Rule::ALL.len()],
    lost: i64,
}

impl Sequence {
    /// Compare a datagram's number with what the one before announced.
    pub fn observe(&mut self, version: ProtocolVersion, sequence: u32, step: Step) {
        let rule = *self.rule.get_or_insert(Rule::of(version));
        let Some((last_sequence, last_step)) = self.last else {
            self.last = Some((sequence, step));
            return;
        };
        let advance = sequence.wrapping_sub(last_sequence) as i32;
        if (-MAXIMUM_LATENESS..0).contains(&advance) && self.lost > 0 {
            // It was counted as lost when its successor overtook it.
            let arrived = i64::from(step.count(rule.unit).unwrap_or(0));
            self.lost = (self.lost - arrived).max(0);
            return;
        }
        self.last = Some((sequence, step));
        let gap = rule.advance(last_step, step).map_or(0, |expected| advance.wrapping_sub(expected as i32));
        let booked = if (1..MAXIMUM_GAP).contains(&gap) { i64::from(gap) } else { 0 };
        self.lost += booked;
        for (evidence, candidate) in self.evidence.iter_mut().zip(Rule::ALL) {
            match candidate.advance(last_step, step) {
                Some(expected) if expected as i32 == advance => {
                    evidence.streak = evidence.streak.saturating_add(1);
                    evidence.excused += booked;
                }
                Some(_) => *evidence = Evidence::default(),
                None => {}
            }
        }
        if gap != 0 {
            self.reconsider();
        }
    }

    /// Continue where an earlier collector's sequence ended.
    pub fn resume(&mut self, version: ProtocolVersion, next: u32) {
        let none = Step { records: Some(0), flows: Some(0) };
        let rule = Rule::of(version);
        self.rule = Some(rule);
        self.last = Some((next.wrapping_sub(none.count(rule.unit).unwrap_or(0)), none));
    }

    /// The next datagram is the first of a new session: its number tells nothing of what was before.
    pub fn restart(&mut self) {
        *self = Self { lost: self.lost, ..Self::default() };
    }

    /// The number the next datagram ought to have; unknown where that depends on what it holds.
    pub fn expected(&self) -> Option<u32> {
        let (sequence, step) = self.last?;
        let rule = self.rule.filter(|rule| !rule.includes_itself)?;
        Some(sequence.wrapping_add(step.count(rule.unit)?))
    }

    /// Lost so far, in the unit the exporter counts in.
    pub fn lost(&self) -> u64 {
        self.lost.max(0) as u64
    }

    /// The rule in force has just failed: take the one that explains most steps, if they are many.
    fn reconsider(&mut self) {
        let best = (0..Rule::ALL.len()).rev().max_by_key(|&place| self.evidence[place].streak).unwrap_or(0);
        if self.evidence[best].streak >= CONVINCING_STEPS {
            self.rule = Some(Rule::ALL[best]);
            self.lost -= std::mem::take(&mut self.evidence[best].excused);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(records: u32) -> Step {
        Step { records: Some(records), flows: Some(records) }
    }

    /// Proves D19.
    #[test]
    fn ipfix_gaps_are_counted_in_records() {
        let mut sequence = Sequence::default();
        for (number, records) in [(0, 10), (10, 5), (22, 5)] {
            sequence.observe(ProtocolVersion::Ipfix, number, step(records));
        }
        assert_eq!(sequence.lost(), 7);
    }

    /// Proves C13.
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

    /// Proves C13.
    #[test]
    fn an_exporter_that_counts_flow_records_in_v9_loses_nothing() {
        let mut sequence = Sequence::default();
        for datagram in 0..10 {
            sequence.observe(ProtocolVersion::NetflowV9, datagram * 24, step(24));
        }
        assert_eq!(sequence.lost(), 0);
    }

    #[test]
    fn an_exporter_that_counts_the_datagram_at_hand_loses_nothing() {
        let mut sequence = Sequence::default();
        for (number, flows) in [(21, 21), (47, 26), (73, 26), (82, 9), (100, 18)] {
            let step = Step { records: Some(flows + 1), flows: Some(flows) };
            sequence.observe(ProtocolVersion::Ipfix, number, step);
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

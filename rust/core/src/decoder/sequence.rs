//! Sequence numbers: what an exporter sent and we never got.
//!
//! NetFlow 5 to 8 count flow records, v9 and sFlow count datagrams, IPFIX counts data records, all of them before the
//! datagram at hand. Some exporters count another unit, or count the datagram at hand already
//! (softflowd); the rule that explains the steps is found out per session, and what was booked by
//! the wrong one is undone.
//!
//! A number that does not go on from the one before may be late, and then it lies in a gap that we know of. Else it
//! may be a datagram that came twice, or the exporter numbers anew: whichever of the two lines goes on tells.

use super::{
    gaps::{Gap, Gaps},
    numbering::{Place, Rule, Unit},
    step::Step,
    unread::Unread,
};
use crate::wire::ProtocolVersion;

/// What speaks for a rule: steps in a row that it explains, and the losses it would undo.
#[derive(Clone, Copy, Debug, Default)]
struct Evidence {
    streak: u32,
    excused: i64,
}

/// Steps in a row that convince us of another rule.
const CONVINCING_STEPS: u32 = 3;
/// Datagrams in a row that convince us that an exporter numbers anew, or that so much was lost.
const CONVINCING_DATAGRAMS: u32 = 3;
/// A jump beyond this is believed only once the numbers go on from there.
const MAXIMUM_GAP: i32 = 1 << 20;

/// A line of numbers apart from the one we follow.
#[derive(Debug)]
struct Elsewhere {
    first: Place,
    last: Place,
    /// Datagrams of it that are of no gap.
    datagrams: u32,
    lost: u32,
    /// What it filled of gaps, as if it were late.
    filled: Gap,
}

/// What a datagram's number says of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// After how many drops of our kernel the datagram before it came.
    pub since: u64,
    /// What is missing since then that our kernel may have dropped, in the unit of the exporter.
    pub missing: u32,
    /// Whether the exporter numbers anew, so that what is missing before that is not known.
    pub is_anew: bool,
}

/// The sequence of one session.
#[derive(Debug, Default)]
pub struct Sequence {
    rule: Option<Rule>,
    last: Option<Place>,
    elsewhere: Option<Elsewhere>,
    /// Whether the exporter is known to have booted since its last datagram.
    has_rebooted: bool,
    evidence: [Evidence; Rule::ALL.len()],
    gaps: Gaps,
    unread: Unread,
    lost: i64,
    upstream: i64,
    /// All that was ever booked and not upstream, modulo 2^32.
    booked_here: u32,
    /// Datagrams that our kernel had dropped when the last one came.
    dropped: u64,
}

impl Sequence {
    /// Compare a datagram's number with what the one before announced.
    ///
    /// `dropped` is how many datagrams our kernel had dropped by then, whosever they were. Returns what is missing
    /// for the first time.
    pub fn observe(&mut self, version: ProtocolVersion, sequence: u32, step: Step, dropped: u64) -> Option<Finding> {
        let (booked, since) = (self.booked_here, self.dropped);
        let is_anew = self.follow(version, Place { sequence, step }, dropped);
        let missing = self.booked_here.wrapping_sub(booked);
        (missing > 0 || is_anew).then_some(Finding { since, missing, is_anew })
    }

    /// Returns whether the exporter was found to number anew.
    fn follow(&mut self, version: ProtocolVersion, place: Place, dropped: u64) -> bool {
        let rule = *self.rule.get_or_insert(Rule::of(version));
        let Some(last) = self.last else {
            self.last = Some(place);
            self.dropped = dropped;
            return false;
        };
        let (advance, gap) = rule.gap(last, place);
        if self.has_rebooted && gap != 0 {
            return self.begin_anew(rule, Elsewhere::at(place), dropped);
        }
        if advance >= 0 && gap < MAXIMUM_GAP {
            self.go_on(rule, (last, place), dropped);
            return false;
        }
        let filled = self.gaps.fill(rule.begin(place), rule.count(place.step).unwrap_or(0));
        if let Some(filled) = filled {
            // It was counted as lost when its successor overtook it.
            self.lost -= i64::from(filled.length);
            self.upstream -= i64::from(filled.upstream);
        }
        self.go_astray(rule, place, filled, dropped)
    }

    /// Continue where an earlier collector's sequence ended.
    pub fn resume(&mut self, version: ProtocolVersion, next: u32) {
        let step = Step::of(0, 0);
        let rule = Rule::of(version);
        self.rule = Some(rule);
        self.last = Some(Place { sequence: next.wrapping_sub(rule.count(step).unwrap_or(0)), step });
    }

    /// The next datagram is the first of a new session: its number tells nothing of what was before.
    pub fn restart(&mut self) {
        *self = Self { lost: self.lost, upstream: self.upstream, ..Self::default() };
    }

    /// The exporter has booted: unless the next number goes on from the last, it began anew.
    pub fn reboot(&mut self) {
        self.has_rebooted = true;
    }

    /// A data set waits for its template.
    pub fn set_aside(&mut self) {
        self.unread.set_aside();
    }

    /// A data set that waited was read, with so many records, or given up.
    pub fn found(&mut self, records: Option<u32>) {
        self.unread.found(records);
    }

    /// The number the next datagram ought to have; unknown where that depends on what it holds.
    pub fn expected(&self) -> Option<u32> {
        let Place { sequence, step } = self.last?;
        let rule = self.rule.filter(|rule| !rule.includes_itself)?;
        Some(sequence.wrapping_add(rule.count(step)?))
    }

    /// Lost so far, in the unit the exporter counts in; less than before where something came late.
    pub fn lost(&self) -> u64 {
        self.lost.max(0) as u64
    }

    /// The part of it that our kernel cannot have dropped.
    pub fn lost_upstream(&self) -> u64 {
        self.upstream.clamp(0, self.lost.max(0)) as u64
    }

    /// How many datagrams our kernel had dropped when it was heard last.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Whether it numbers datagrams, as far as is known.
    pub fn is_by_datagram(&self) -> bool {
        self.rule.is_some_and(|rule| rule.unit == Unit::Datagrams)
    }

    /// Whether it numbers datagrams where its protocol numbers records, or the other way round.
    pub fn counts_otherwise(&self, version: ProtocolVersion) -> bool {
        let is_by_datagram = |rule: Rule| rule.unit == Unit::Datagrams;
        self.rule.is_some_and(|rule| is_by_datagram(rule) != is_by_datagram(Rule::of(version)))
    }

    /// The number goes on from the last one, perhaps with a gap.
    fn go_on(&mut self, rule: Rule, (last, place): (Place, Place), dropped: u64) {
        self.last = Some(place);
        self.elsewhere = None;
        self.has_rebooted = false;
        let (advance, gap) = rule.gap(last, place);
        let booked = gap.max(0) as u32;
        if booked > 0 {
            let begin = rule.begin(place).wrapping_sub(booked);
            self.book(rule, begin, booked, dropped);
        }
        if let Some(waits) = rule.waits(last, place) {
            self.unread.advance(waits);
        }
        self.lost += self.unread.settle();
        self.dropped = dropped;
        for (evidence, candidate) in self.evidence.iter_mut().zip(Rule::ALL) {
            match candidate.advance(last.step, place.step) {
                Some(expected) if expected as i32 == advance => {
                    evidence.streak = evidence.streak.saturating_add(1);
                    evidence.excused += i64::from(booked);
                }
                Some(_) => *evidence = Evidence::default(),
                None => {}
            }
        }
        if gap != 0 {
            self.reconsider();
        }
    }

    /// The number is not ahead of the last, or too far: others that go on from it tell what to believe. Numbers that
    /// begin anew come by the gaps of before, and seem to fill them.
    fn go_astray(&mut self, rule: Rule, place: Place, filled: Option<Gap>, dropped: u64) -> bool {
        let known = self.elsewhere.take().and_then(|line| {
            let (advance, gap) = rule.gap(line.last, place);
            let goes_on = advance >= 0 && gap < MAXIMUM_GAP;
            let lost = line.lost.saturating_add(gap.max(0) as u32);
            goes_on.then_some(Elsewhere { last: place, lost, ..line })
        });
        let mut line = known.unwrap_or_else(|| Elsewhere { datagrams: 0, ..Elsewhere::at(place) });
        match filled {
            Some(gap) => {
                line.filled.length += gap.length;
                line.filled.upstream += gap.upstream;
            }
            None => line.datagrams += 1,
        }
        if line.datagrams >= CONVINCING_DATAGRAMS {
            return self.begin_anew(rule, line, dropped);
        }
        self.elsewhere = Some(line);
        false
    }

    /// Follow another line of numbers from here on; returns whether it is no continuation of the one before.
    fn begin_anew(&mut self, rule: Rule, line: Elsewhere, dropped: u64) -> bool {
        let last = self.last.replace(line.last);
        self.gaps = Gaps::default();
        self.unread.forget();
        self.evidence = Default::default();
        self.lost += i64::from(line.filled.length) + i64::from(line.lost);
        self.upstream += i64::from(line.filled.upstream);
        self.booked_here = self.booked_here.wrapping_add(line.lost);
        // A higher number is a long gap, a lower one the first heard of a numbering that began at its beginning.
        let gap = last.filter(|last| !self.has_rebooted && line.first.sequence > last.sequence);
        let missed = gap.map_or_else(|| rule.head(line.first), |last| rule.gap(last, line.first).1.max(0) as u32);
        self.has_rebooted = false;
        self.book(rule, rule.begin(line.first).wrapping_sub(missed), missed, dropped);
        self.dropped = dropped;
        gap.is_none()
    }

    fn book(&mut self, rule: Rule, begin: u32, length: u32, dropped: u64) {
        let dropped_since = dropped.saturating_sub(self.dropped);
        let here = match rule.unit {
            Unit::Datagrams => dropped_since.min(u64::from(length)) as u32,
            // Who knows how many records were in a datagram.
            _ if dropped_since > 0 => length,
            _ => 0,
        };
        let gap = Gap { begin, length, upstream: length - here };
        self.lost += i64::from(gap.length);
        self.upstream += i64::from(gap.upstream);
        self.booked_here = self.booked_here.wrapping_add(here);
        self.gaps.push(gap);
    }

    /// The rule in force has just failed: take the one that explains most steps, if they are many.
    fn reconsider(&mut self) {
        let best = (0..Rule::ALL.len()).rev().max_by_key(|&place| self.evidence[place].streak).unwrap_or(0);
        if self.evidence[best].streak >= CONVINCING_STEPS {
            self.rule = Some(Rule::ALL[best]);
            let excused = std::mem::take(&mut self.evidence[best].excused);
            self.lost -= excused;
            self.upstream = (self.upstream - excused).max(0);
            self.gaps = Gaps::default();
        }
    }
}

impl Elsewhere {
    fn at(place: Place) -> Self {
        Self { first: place, last: place, datagrams: 1, lost: 0, filled: Gap::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(records: u32) -> Step {
        Step::of(records, records)
    }

    /// Proves D19.
    #[test]
    fn ipfix_gaps_are_counted_in_records() {
        let mut sequence = Sequence::default();
        for (number, records) in [(0, 10), (10, 5), (22, 5)] {
            sequence.observe(ProtocolVersion::Ipfix, number, step(records), 0);
        }
        assert_eq!(sequence.lost(), 7);
    }

    /// Proves C13.
    #[test]
    fn v9_gaps_are_counted_in_datagrams_across_the_wrap() {
        let mut sequence = Sequence::default();
        for number in [u32::MAX - 1, u32::MAX, 2] {
            sequence.observe(ProtocolVersion::NetflowV9, number, step(20), 0);
        }
        assert_eq!(sequence.lost(), 2);
    }

    #[test]
    fn a_late_datagram_is_not_lost() {
        let mut sequence = Sequence::default();
        for number in [1, 3, 2, 4] {
            sequence.observe(ProtocolVersion::NetflowV9, number, step(20), 0);
        }
        assert_eq!(sequence.lost(), 0);
    }

    #[test]
    fn a_restart_is_not_a_loss() {
        let mut sequence = Sequence::default();
        for number in [900_000_000, 0, 30] {
            sequence.observe(ProtocolVersion::NetflowV5, number, step(30), 0);
        }
        assert_eq!(sequence.lost(), 0);
    }

    /// Proves C13.
    #[test]
    fn an_exporter_that_counts_flow_records_in_v9_loses_nothing() {
        let mut sequence = Sequence::default();
        for datagram in 0..10 {
            sequence.observe(ProtocolVersion::NetflowV9, datagram * 24, step(24), 0);
        }
        assert_eq!(sequence.lost(), 0);
        assert!(sequence.counts_otherwise(ProtocolVersion::NetflowV9));
        assert!(!sequence.counts_otherwise(ProtocolVersion::Ipfix));
    }

    #[test]
    fn an_exporter_that_counts_the_datagram_at_hand_loses_nothing() {
        let mut sequence = Sequence::default();
        for (number, flows) in [(21, 21), (47, 26), (73, 26), (82, 9), (100, 18)] {
            let step = Step::of(flows + 1, flows);
            sequence.observe(ProtocolVersion::Ipfix, number, step, 0);
        }
        assert_eq!(sequence.lost(), 0);
    }

    #[test]
    fn an_undecodable_datagram_leaves_the_next_step_open() {
        let mut sequence = Sequence::default();
        sequence.observe(ProtocolVersion::Ipfix, 0, Step::UNKNOWN, 0);
        sequence.observe(ProtocolVersion::Ipfix, 57, step(3), 0);
        sequence.observe(ProtocolVersion::Ipfix, 60, step(3), 0);
        assert_eq!(sequence.lost(), 0);
    }

    /// What a sequence makes of IPFIX messages of ten records with these numbers, none dropped here.
    fn lost(numbers: impl IntoIterator<Item = u32>) -> u64 {
        let mut sequence = Sequence::default();
        for number in numbers {
            sequence.observe(ProtocolVersion::Ipfix, number, step(10), 0);
        }
        sequence.lost()
    }

    #[test]
    fn what_came_twice_or_long_after_hides_no_loss_and_makes_none() {
        assert_eq!(lost([0, 10, 20, 20, 10, 30, 50, 10, 0, 60]), 10);
        assert_eq!(lost([0, 30, 10, 10, 40, 20, 50]), 0, "the late ones filled their gap, each once");
    }

    #[test]
    fn a_restart_amid_losses_hides_none_of_them() {
        let before = [1000, 1010, 1050];
        let after = [20, 30, 60, 70];
        assert_eq!(lost(before), 30);
        assert_eq!(lost(before.into_iter().chain(after)), 30 + 20 + 20, "the first that came was number 20");
        assert_eq!(lost(before.into_iter().chain([20, 1060])), 30, "a stray one");
        let by_gaps = [0, 10, 50, 60, 90, 100];
        assert_eq!(lost(by_gaps), 30 + 20);
        let anew = [20, 30, 40, 50, 60, 70, 80, 90, 100];
        assert_eq!(lost(by_gaps.into_iter().chain(anew)), 30 + 20 + 20, "numbers of before seem to fill its gaps");
        assert_eq!(lost([5_000_000, 5_000_010, 900_000, 900_010, 900_020]), 0, "it did not begin with 0");
    }

    #[test]
    fn a_boot_is_a_restart_at_once() {
        let mut sequence = Sequence::default();
        for (number, has_booted) in [(3, false), (4, false), (3, true), (4, false)] {
            if has_booted {
                sequence.reboot();
            }
            sequence.observe(ProtocolVersion::NetflowV9, number, step(10), 0);
        }
        assert_eq!(sequence.lost(), 2, "datagrams begin with 0 or with 1");
        sequence.reboot();
        sequence.observe(ProtocolVersion::NetflowV9, 5, step(10), 0);
        assert_eq!(sequence.lost(), 2, "it went on as if nothing were");
    }

    #[test]
    fn a_long_silence_is_a_loss_once_the_numbers_go_on_from_there() {
        let far = 3_000_000;
        assert_eq!(lost([0, 10, far, far + 10]), 0);
        assert_eq!(lost([0, 10, far, far + 10, far + 40]), u64::from(far) - 20 + 20);
        assert_eq!(lost([0, 10, far, 20, far + 10, 30, far + 20, 40]), 0, "two that number apart are two exporters");
    }

    #[test]
    fn numbers_run_on_across_their_end() {
        assert_eq!(lost([u32::MAX - 14, u32::MAX - 4, 25, 5, 35]), 10, "one of two came late");
        assert_eq!(lost([3_000_000_000, 3_000_000_010, 0, 10, 20, 30]), 0, "and a restart is none");
    }

    #[test]
    fn our_kernel_is_to_blame_for_no_more_than_it_dropped() {
        let lost = |version, steps: &[(u32, u64)]| {
            let mut sequence = Sequence::default();
            for &(number, dropped) in steps {
                sequence.observe(version, number, step(10), dropped);
            }
            (sequence.lost(), sequence.lost_upstream())
        };
        assert_eq!(lost(ProtocolVersion::Ipfix, &[(0, 0), (30, 0), (60, 2)]), (40, 20));
        assert_eq!(lost(ProtocolVersion::NetflowV9, &[(0, 7), (4, 8), (5, 9), (6, 9), (8, 9)]), (4, 3));
        assert_eq!(lost(ProtocolVersion::Ipfix, &[(0, 0), (30, 0), (10, 0), (20, 0)]), (0, 0), "nobody, after all");
    }

    #[test]
    fn what_waits_for_its_template_hides_no_loss() {
        let mut sequence = Sequence::default();
        for number in [0, 10, 40] {
            sequence.observe(ProtocolVersion::Ipfix, number, Step::WAITS, 0);
            sequence.set_aside();
        }
        for _ in 0..3 {
            sequence.found(Some(10));
        }
        sequence.observe(ProtocolVersion::Ipfix, 50, step(10), 0);
        assert_eq!(sequence.lost(), 20);
        sequence.set_aside();
        sequence.observe(ProtocolVersion::Ipfix, 60, Step::WAITS, 0);
        sequence.found(None);
        sequence.observe(ProtocolVersion::Ipfix, 80, step(10), 0);
        assert_eq!(sequence.lost(), 20, "how many were in what was given up nobody knows");
    }
}

//! What our kernel dropped, and how much of it the numbers of exporters have told of since.
//!
//! The kernel says how many datagrams it dropped and not whose. A drop shows as a gap once a later datagram of the
//! same exporter comes, so drops are *closed* when everybody who is heard of has been heard again. Of those after
//! that, what gaps do not explain is open: whoever sent it has not been heard of since, or never will be.

use std::collections::VecDeque;

use crate::time::{Instant, SECOND};

/// Who was silent for so long is not waited for.
const PATIENCE: Instant = 60 * SECOND;
/// Gaps remembered since the drops that are closed.
const MAXIMUM_GAPS: usize = 1 << 16;

/// A gap in somebody's numbers, and the drops between which it lies.
#[derive(Clone, Copy, Debug)]
struct Explained {
    since: u64,
    until: u64,
    datagrams: f64,
}

impl Explained {
    /// The part of it after a drop, as if it were spread evenly.
    fn after(self, drop: u64) -> f64 {
        let span = about(self.until.saturating_sub(self.since).max(1));
        self.datagrams * about(self.until.saturating_sub(self.since.max(drop))) / span
    }
}

/// The drops of one listener.
#[derive(Debug, Default)]
pub struct Drops {
    gaps: VecDeque<Explained>,
    /// Up to which drop everybody was heard again.
    closed: u64,
    /// After which drops somebody was heard last before it numbered anew.
    restarts: Vec<u64>,
    /// Drops of those who were not waited for any longer, or had begun anew when they were heard again.
    forsaken: f64,
}

impl Drops {
    /// Numbers told of so many datagrams missing between two drops.
    pub fn explain(&mut self, since: u64, until: u64, datagrams: f64) {
        let found = Explained { since, until, datagrams };
        // Who was given up comes back.
        self.forsaken = (self.forsaken - (datagrams - found.after(self.closed))).max(0.0);
        if self.gaps.len() == MAXIMUM_GAPS {
            self.gaps.pop_front();
        }
        self.gaps.push_back(found);
    }

    /// Who was heard last after so many drops numbers anew: what it lacks of those since no number tells.
    pub fn begin_anew(&mut self, since: u64) {
        if self.restarts.len() < MAXIMUM_GAPS {
            self.restarts.push(since);
        }
    }

    /// How many of all drops numbers have told of by now. `heard` is for each session when it came last, and
    /// after how many drops.
    pub fn shown(&mut self, dropped: u64, now: Instant, heard: &[(Instant, u64)]) -> u64 {
        let is_awaited = |last: Instant| last > now.saturating_sub(PATIENCE);
        let awaited = heard.iter().filter(|&&(last, _)| is_awaited(last)).map(|&(_, after)| after);
        let closed = awaited.min().unwrap_or(dropped).max(self.closed);
        let is_given_up = |&(last, after): &(Instant, u64)| !is_awaited(last) && (self.closed..closed).contains(&after);
        let is_anew = self.restarts.iter().any(|&since| since < closed);
        if closed > self.closed && (is_anew || heard.iter().any(is_given_up)) {
            let explained: f64 = self.gaps.iter().map(|gap| gap.after(self.closed) - gap.after(closed)).sum();
            self.forsaken += (about(closed - self.closed) - explained).max(0.0);
        }
        self.restarts.retain(|&since| since >= closed);
        self.closed = closed;
        self.gaps.retain(|gap| gap.until > closed);
        let explained: f64 = self.gaps.iter().map(|gap| gap.after(closed)).sum();
        let open = (about(dropped - closed.min(dropped)) - explained).max(0.0) + self.forsaken;
        dropped - (open.round() as u64).min(dropped)
    }
}

/// A count that estimates are made of.
#[allow(clippy::cast_precision_loss)]
pub fn about(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = 1_700_000_000 * SECOND;

    fn shown(drops: &mut Drops, dropped: u64, heard: &[(i64, u64)]) -> u64 {
        let heard: Vec<_> = heard.iter().map(|&(ago, after)| (NOW - ago * SECOND, after)).collect();
        drops.shown(dropped, NOW, &heard)
    }

    #[test]
    fn drops_are_shown_once_everybody_was_heard_again() {
        let mut drops = Drops::default();
        assert_eq!(shown(&mut drops, 10, &[(0, 0), (0, 0)]), 0, "nobody was heard since");
        drops.explain(0, 10, 4.0);
        assert_eq!(shown(&mut drops, 10, &[(0, 10), (0, 0)]), 4, "the other may lack the rest");
        assert_eq!(shown(&mut drops, 10, &[(0, 10), (0, 10)]), 10, "or somebody else, whom nobody knows");
        assert_eq!(shown(&mut drops, 13, &[(0, 10), (0, 10)]), 10);
        assert!(drops.gaps.is_empty());
    }

    #[test]
    fn who_does_not_come_back_is_missed_for_good() {
        let mut drops = Drops::default();
        drops.explain(0, 10, 4.0);
        assert_eq!(shown(&mut drops, 10, &[(0, 10), (61, 0)]), 4);
        assert_eq!(shown(&mut drops, 10, &[(0, 10), (99, 0)]), 4, "once");
        drops.explain(0, 10, 6.0);
        assert_eq!(shown(&mut drops, 10, &[(0, 10), (0, 10)]), 10, "unless it does");
    }

    #[test]
    fn who_numbers_anew_tells_nothing_of_before() {
        let mut drops = Drops::default();
        drops.explain(0, 10, 4.0);
        drops.explain(0, 10, 1.0);
        drops.begin_anew(0);
        assert_eq!(shown(&mut drops, 10, &[(0, 10), (0, 10)]), 5);
        assert_eq!(shown(&mut drops, 12, &[(0, 12), (0, 12)]), 7);
    }

    #[test]
    fn gaps_belong_to_the_drops_they_lie_between() {
        let mut drops = Drops::default();
        assert_eq!(shown(&mut drops, 10, &[(0, 10), (0, 10)]), 10);
        drops.explain(0, 20, 8.0);
        assert_eq!(shown(&mut drops, 20, &[(0, 20), (0, 10)]), 14, "half of the gap is of the drops since");
    }

    #[test]
    fn a_flood_of_gaps_is_bounded() {
        let mut drops = Drops::default();
        for number in 0..2 * MAXIMUM_GAPS as u64 {
            drops.explain(number, number + 1, 1.0);
        }
        assert_eq!(drops.gaps.len(), MAXIMUM_GAPS);
    }
}

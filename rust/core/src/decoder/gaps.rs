//! Gaps in an exporter's numbers, which a late datagram may still fill.

use std::collections::VecDeque;

/// Gaps remembered: a datagram that is later than so many gaps is lost for good.
const MAXIMUM_GAPS: usize = 64;

/// Numbers that nothing came for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gap {
    /// The first of them.
    pub begin: u32,
    /// How many.
    pub length: u32,
    /// How many of them were lost before they came to this machine.
    pub upstream: u32,
}

/// The latest gaps of a session.
#[derive(Debug, Default)]
pub struct Gaps(VecDeque<Gap>);

impl Gaps {
    /// Remember one, and the oldest no longer where there are too many.
    pub fn push(&mut self, gap: Gap) {
        if gap.length == 0 {
            return;
        }
        if self.0.len() == MAXIMUM_GAPS {
            self.0.pop_front();
        }
        self.0.push_back(gap);
    }

    /// Something came late that has so many numbers from `begin` on: what it fills of a gap, if it is of one.
    pub fn fill(&mut self, begin: u32, count: u32) -> Option<Gap> {
        let place = self.0.iter().rposition(|gap| begin.wrapping_sub(gap.begin) < gap.length)?;
        let gap = self.0.remove(place)?;
        let offset = begin.wrapping_sub(gap.begin);
        let filled = count.min(gap.length - offset);
        let upstream = gap.upstream.min(filled);
        let rest = gap.length - offset - filled;
        // What is left on both sides shares what is left of the other count.
        let before = (gap.upstream - upstream).min(offset);
        let after = gap.upstream - upstream - before;
        self.put(place, Gap { begin: begin.wrapping_add(filled), length: rest, upstream: after });
        self.put(place, Gap { begin: gap.begin, length: offset, upstream: before });
        Some(Gap { begin, length: filled, upstream })
    }

    fn put(&mut self, place: usize, gap: Gap) {
        if gap.length > 0 && self.0.len() < MAXIMUM_GAPS {
            self.0.insert(place, gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(begin: u32, length: u32, upstream: u32) -> Gap {
        Gap { begin, length, upstream }
    }

    #[test]
    fn what_comes_late_fills_its_place_once() {
        let mut gaps = Gaps::default();
        gaps.push(gap(100, 30, 30));
        assert_eq!(gaps.fill(110, 10), Some(gap(110, 10, 10)));
        assert_eq!(gaps.fill(110, 10), None, "it came twice");
        assert_eq!(gaps.fill(100, 10), Some(gap(100, 10, 10)));
        assert_eq!(gaps.fill(120, 99), Some(gap(120, 10, 10)), "no more than was missing");
        assert!(gaps.0.is_empty());
    }

    #[test]
    fn a_gap_lies_across_the_end_of_the_numbers() {
        let mut gaps = Gaps::default();
        gaps.push(gap(u32::MAX, 3, 0));
        assert_eq!(gaps.fill(1, 1), Some(gap(1, 1, 0)));
        assert_eq!(gaps.fill(u32::MAX, 1), Some(gap(u32::MAX, 1, 0)));
        assert_eq!(gaps.fill(2, 1), None);
    }

    #[test]
    fn the_oldest_gaps_are_forgotten() {
        let mut gaps = Gaps::default();
        for number in 0..1000 {
            gaps.push(gap(number * 10, 5, 0));
        }
        assert_eq!(gaps.0.len(), MAXIMUM_GAPS);
        assert_eq!(gaps.fill(0, 1), None);
        assert_eq!(gaps.fill(9992, 1), Some(gap(9992, 1, 0)));
    }
}

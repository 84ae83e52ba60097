//! When a flow lived, and which part of its counters falls into each stretch of that time.
//!
//! The rule is that of `tidegauge.flow.spreading`: an even rate, shares in whole numbers that add up.

use crate::time::{Instant, MINUTE};

/// One hour in nanoseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// Of a flow that claims to have lived longer, only so many nanoseconds before its end are believed.
const MAX_FLOW_AGE: i64 = 24 * HOUR;

/// When a flow lived. Never before 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Where spreading begins.
    pub from: Instant,
    /// The flow's end.
    pub to: Instant,
    /// Whether it claims to have begun earlier than is believed.
    pub is_clamped: bool,
}

impl Life {
    /// The life of a flow by its reported times; `None` where it began before 1970.
    pub fn of(start: Instant, end: Instant) -> Option<Self> {
        let to = start.max(end);
        let earliest = to.max(0) - MAX_FLOW_AGE;
        let from = start.max(earliest).min(to);
        (from >= 0).then_some(Self { from, to, is_clamped: start < earliest.min(to) })
    }

    /// The numbers of the first and the last stretch of `span` nanoseconds that it touches.
    ///
    /// A flow that ends where a stretch begins touches it: it overlaps a range that begins there.
    pub fn stretches(self, span: i64) -> (u32, u32) {
        ((self.from / span) as u32, (self.to / span) as u32)
    }

    /// The part of a counter that falls before an instant of the flow's life.
    pub fn before(self, counter: u64, instant: Instant) -> u64 {
        let length = (self.to - self.from) as u64;
        let passed = (instant - self.from) as u64;
        match counter.checked_mul(passed) {
            Some(product) => product / length,
            // Division in 128 bits is slow, and nearly no flow needs it.
            None => (u128::from(counter) * u128::from(passed) / u128::from(length)) as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * HOUR;

    #[test]
    fn a_flow_that_ends_before_it_starts_has_no_length() {
        assert_eq!(Life::of(9, 4), Some(Life { from: 9, to: 9, is_clamped: false }));
    }

    #[test]
    fn of_a_flow_since_1970_the_last_day_is_believed() {
        let life = Life::of(7, 3 * DAY).unwrap();
        assert_eq!(life, Life { from: 2 * DAY, to: 3 * DAY, is_clamped: true });
        assert_eq!(life.stretches(HOUR), (48, 72));
    }

    #[test]
    fn what_began_before_1970_has_no_place() {
        assert_eq!(Life::of(-1, 5), None);
    }

    #[test]
    fn the_largest_counter_is_cut_without_a_loss() {
        let life = Life::of(0, DAY).unwrap();
        assert_eq!(life.before(u64::MAX, DAY), u64::MAX);
        assert_eq!(life.before(u64::MAX, DAY / 2), u64::MAX / 2);
        assert_eq!(life.before(10, DAY / 3), 3);
    }
}

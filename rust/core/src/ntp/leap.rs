//! Leap seconds: announcing one, or smearing it over a day.

use crate::time::{Instant, SECOND};

const DAY: i64 = 86_400 * SECOND;

/// How long before and after a leap the smear begins and ends: from noon to noon for one at midnight.
const HALF: i64 = DAY / 2;

/// A leap second, and what to do about it.
///
/// The local clock is taken to be UTC and to be set back (or forward) at the leap, as the kernel does
/// when an NTP client tells it to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leap {
    /// The first moment of the day after.
    pub at: Instant,
    /// Whether the last minute before has 61 seconds, as all have had until now, or 59.
    pub is_inserted: bool,
    /// Whether clients are to see no leap, but seconds that are longer (shorter) by 11.6 millionths for a day.
    pub is_smeared: bool,
}

impl Leap {
    fn step(&self) -> i64 {
        if self.is_inserted { SECOND } else { -SECOND }
    }

    /// What is to be added to the local clock's `now`, linear from noon to noon. Always less than a second.
    pub fn smear(&self, now: Instant) -> i64 {
        let since = now.saturating_sub(self.at.saturating_sub(HALF));
        if !self.is_smeared || !(0..DAY).contains(&since) {
            return 0;
        }
        // After the leap the local clock has counted a second less (more) than has gone by.
        let (passed, jump) = if now < self.at { (since, 0) } else { (since + self.step(), self.step()) };
        let share = i128::from(self.step()) * i128::from(passed) / i128::from(DAY + self.step());
        jump - share as i64
    }

    /// Whether the local clock shows the same second twice, so that nobody can know which is meant.
    pub fn is_ambiguous(&self, now: Instant) -> bool {
        self.is_smeared && self.is_inserted && (self.at.saturating_sub(SECOND)..self.at).contains(&now)
    }

    /// The leap indicator: 1 (2) on the day whose last minute has 61 (59) seconds. A smeared leap is not told.
    pub fn indicator(&self, now: Instant) -> u8 {
        let is_the_day = (self.at.saturating_sub(DAY)..self.at).contains(&now);
        match (is_the_day && !self.is_smeared, self.is_inserted) {
            (false, _) => 0,
            (true, true) => 1,
            (true, false) => 2,
        }
    }

    /// Tell in place of a reference clock's name that this time is smeared and by how much: 254, then
    /// seconds with two bits before the point and 22 after it, as ntpd does.
    pub fn reference_id(&self, now: Instant) -> Option<[u8; 4]> {
        let smear = self.smear(now);
        let units = (i128::from(smear) << 22) / i128::from(SECOND);
        let bytes = (units as i32).to_be_bytes();
        (smear != 0).then_some([254, bytes[1], bytes[2], bytes[3]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2017-01-01, the last leap so far.
    const AT: Instant = 1_483_228_800 * SECOND;
    const INSERTED: Leap = Leap { at: AT, is_inserted: true, is_smeared: true };
    const DELETED: Leap = Leap { is_inserted: false, ..INSERTED };

    #[test]
    fn a_smear_lasts_from_noon_to_noon() {
        for leap in [INSERTED, DELETED] {
            for moment in [0, AT - HALF, AT + HALF, AT + DAY, i64::MAX, i64::MIN] {
                assert_eq!(leap.smear(moment), 0, "{moment}");
            }
            assert_ne!(leap.smear(AT - HALF + SECOND), 0);
            assert_ne!(leap.smear(AT + HALF - SECOND), 0);
        }
    }

    #[test]
    fn smeared_time_neither_jumps_nor_changes_its_rate() {
        for leap in [INSERTED, DELETED] {
            // True seconds since noon, as a clock shows them that steps at the leap.
            let shown = |passed: i64| if passed < HALF + leap.step().max(0) { passed } else { passed - leap.step() };
            let smeared = |passed: i64| {
                let clock = AT - HALF + shown(passed);
                clock + leap.smear(clock)
            };
            let told = |from: i64, to: i64| smeared(to) - smeared(from);
            let wanted = |from: i64, to: i64| i128::from(to - from) * i128::from(DAY) / i128::from(DAY + leap.step());
            let before = HALF - 2 * SECOND;
            let (after, end) = (HALF + 2 * SECOND, DAY + leap.step());
            for (from, to) in [(0, before), (before, after), (after, end), (0, end)] {
                assert!((i128::from(told(from, to)) - wanted(from, to)).abs() <= 2, "{from} {to}");
            }
        }
    }

    #[test]
    fn half_of_the_second_is_gone_at_the_leap() {
        assert!((INSERTED.smear(AT - 1) + SECOND / 2).abs() < SECOND / 80_000);
        assert!((INSERTED.smear(AT) - SECOND / 2).abs() < SECOND / 80_000);
    }

    #[test]
    fn the_second_that_is_shown_twice_is_not_told() {
        let of = |moment| INSERTED.is_ambiguous(moment);
        assert_eq!([of(AT - SECOND - 1), of(AT - SECOND), of(AT - 1), of(AT)], [false, true, true, false]);
        assert!(!DELETED.is_ambiguous(AT - 1));
        assert!(!Leap { is_smeared: false, ..INSERTED }.is_ambiguous(AT - 1));
    }

    #[test]
    fn a_leap_is_announced_on_its_day_unless_smeared() {
        let told = Leap { is_smeared: false, ..INSERTED };
        assert_eq!([AT - DAY - 1, AT - DAY, AT - 1, AT].map(|now| told.indicator(now)), [0, 1, 1, 0]);
        assert_eq!(Leap { is_smeared: false, ..DELETED }.indicator(AT - 1), 2);
        assert_eq!(INSERTED.indicator(AT - 1), 0);
        assert_eq!(told.smear(AT - 1), 0);
    }

    #[test]
    fn the_reference_id_says_how_much() {
        assert_eq!(INSERTED.reference_id(AT - DAY), None);
        let [mark, high, middle, low] = INSERTED.reference_id(AT - 1).unwrap();
        let units = i32::from_be_bytes([high, middle, low, 0]) >> 8;
        assert_eq!(mark, 254);
        assert!((f64::from(units) / f64::from(1 << 22) + 0.5).abs() < 1e-4);
    }
}

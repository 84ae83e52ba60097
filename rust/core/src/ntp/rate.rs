//! How often one address may ask.

use crate::time::{Instant, SECOND};

/// A token bucket for each address: so many answers a second in the long run, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Time that earns one answer, in nanoseconds.
    interval: i64,
    /// How far ahead of its earnings an address may be, in nanoseconds.
    credit: i64,
    /// One in this many of the requests beyond is answered all the same, 0 for none.
    ///
    /// Whoever forges a client's address could otherwise use up its allowance and cut it off.
    leak: u32,
    /// Whether every now and then a request beyond is answered by "ask less often" (a kiss of death).
    kiss: bool,
}

/// One in this many of the requests beyond the limit is told so: a kiss is as long as an answer.
const REQUESTS_PER_KISS: u32 = 4;

/// Slowest poll a kiss asks for, as a power of two in seconds.
const SLOWEST_POLL: i8 = 10;

/// What a limit says to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    /// Answer.
    Answer,
    /// Tell it to ask less often.
    Kiss,
    /// Stay silent.
    Silence,
}

impl RateLimit {
    /// A limit of `requests_per_second`, `burst` at once.
    ///
    /// # Errors
    /// A sentence, when the rate is not above 0 and at most 1,000,000, or the burst is not 1 to 1,000,000.
    pub fn new(requests_per_second: f64, burst: u32, leak: u32, kiss: bool) -> Result<Self, String> {
        if !(requests_per_second > 0.0 && requests_per_second <= 1e6) {
            return Err(format!("{requests_per_second} requests a second is not above 0 and at most 1000000"));
        }
        if !(1..=1_000_000).contains(&burst) {
            return Err(format!("a burst of {burst} is not 1 to 1000000"));
        }
        let interval = ((1e9 / requests_per_second) as i64).clamp(1, 86_400 * SECOND);
        Ok(Self { interval, credit: interval.saturating_mul(i64::from(burst - 1)), leak, kiss })
    }

    /// Judge a request at `now`. `earned_until` is the address's account: the moment its past
    /// requests are paid up to. `dice` is a random number.
    pub fn judge(&self, earned_until: &mut Instant, now: Instant, dice: u32) -> Allowance {
        // An account far ahead is of a time before the clock was set back: forgive it.
        let limit = now.saturating_add(self.credit);
        let paid = if *earned_until > limit.saturating_add(self.interval) { now } else { now.max(*earned_until) };
        if paid <= limit {
            *earned_until = paid.saturating_add(self.interval);
            return Allowance::Answer;
        }
        if self.leak != 0 && dice.is_multiple_of(self.leak) {
            return Allowance::Answer;
        }
        let is_kissed = self.kiss && (dice >> 16).is_multiple_of(REQUESTS_PER_KISS);
        if is_kissed { Allowance::Kiss } else { Allowance::Silence }
    }

    /// The poll that keeps within the limit, as a power of two in seconds.
    pub fn poll(&self) -> i8 {
        (0..SLOWEST_POLL).find(|exponent| SECOND << exponent >= self.interval).unwrap_or(SLOWEST_POLL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = 1_795_000_000 * SECOND;

    fn answered(limit: &RateLimit, account: &mut Instant, times: impl Iterator<Item = Instant>) -> usize {
        times.filter(|now| limit.judge(account, *now, 1) == Allowance::Answer).count()
    }

    #[test]
    fn a_burst_is_answered_and_then_only_what_is_earned() {
        let limit = RateLimit::new(2.0, 5, 0, false).unwrap();
        let mut account = 0;
        assert_eq!(answered(&limit, &mut account, std::iter::repeat_n(NOW, 100)), 5);
        let ten_seconds = (1..=1_000).map(|step| NOW + step * SECOND / 100);
        assert_eq!(answered(&limit, &mut account, ten_seconds), 20);
        let rested = std::iter::repeat_n(NOW + 60 * SECOND, 100);
        assert_eq!(answered(&limit, &mut account, rested), 5);
    }

    #[test]
    fn a_slow_client_is_never_limited() {
        let limit = RateLimit::new(1.0, 1, 0, false).unwrap();
        let mut account = 0;
        assert_eq!(answered(&limit, &mut account, (0..50).map(|second| NOW + second * SECOND)), 50);
    }

    #[test]
    fn the_slowest_rate_with_the_largest_burst_is_a_limit_too() {
        let limit = RateLimit::new(f64::MIN_POSITIVE, 1_000_000, 0, false).unwrap();
        let mut account = 0;
        assert_eq!(answered(&limit, &mut account, std::iter::repeat_n(NOW, 10)), 10);
        assert_eq!(limit.judge(&mut i64::MAX.clone(), NOW, 1), Allowance::Answer);
    }

    #[test]
    fn a_clock_set_back_silences_nobody() {
        let limit = RateLimit::new(1.0, 2, 0, false).unwrap();
        let mut account = NOW + 86_400 * SECOND;
        assert_eq!(limit.judge(&mut account, NOW, 1), Allowance::Answer);
        assert_eq!(account, NOW + SECOND);
    }

    #[test]
    fn some_requests_beyond_leak_through_and_some_are_kissed() {
        let limit = RateLimit::new(1.0, 1, 4, true).unwrap();
        let mut account = NOW + SECOND;
        let mut judge = |dice| limit.judge(&mut account, NOW, dice);
        assert_eq!(judge(8), Allowance::Answer);
        assert_eq!(judge(1), Allowance::Kiss);
        assert_eq!(judge(1 | 1 << 16), Allowance::Silence);
        assert_eq!(account, NOW + SECOND, "what leaks through costs nothing");
    }

    #[test]
    fn a_kiss_asks_for_a_poll_within_the_limit() {
        let poll = |rate| RateLimit::new(rate, 1, 0, true).unwrap().poll();
        assert_eq!([poll(100.0), poll(1.0), poll(0.3), poll(0.000_1)], [0, 0, 2, 10]);
    }

    #[test]
    fn limits_that_mean_nothing_are_refused() {
        for (rate, burst) in [(0.0, 1), (-1.0, 1), (f64::NAN, 1), (f64::INFINITY, 1), (1.0, 0), (1.0, 1_000_001)] {
            assert!(RateLimit::new(rate, burst, 0, false).is_err());
        }
    }
}

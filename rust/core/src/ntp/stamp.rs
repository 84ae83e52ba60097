//! NTP's two fixed-point formats for time (RFC 5905, section 6).

use std::ops::Sub;

use crate::time::{Instant, SECOND, instant_from_ntp};

/// Seconds from 1900, where NTP counts from, to 1970.
const EPOCH_SECONDS: i64 = 2_208_988_800;

/// A moment as NTP sends it: seconds and fraction, 32.32 fixed point, no era.
///
/// `a - b` takes the shorter way round, so it is right while the two lie within 68 years of each
/// other, which every live exchange does. The era, which changes on 2036-02-07, is only known to
/// somebody with a clock: [`NtpStamp::instant_near`] asks for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NtpStamp(pub u64);

impl NtpStamp {
    /// Drop the era and write an instant in NTP's format.
    ///
    /// The fraction is rounded up, by at most 0.23 ns: read back (and rounded down), it gives
    /// the same nanosecond.
    pub fn from_instant(instant: Instant) -> Self {
        let seconds = instant.div_euclid(SECOND) + EPOCH_SECONDS;
        let nanoseconds = instant.rem_euclid(SECOND) as u64;
        let fraction = (nanoseconds << 32).div_ceil(SECOND as u64);
        Self((seconds as u64) << 32 | fraction)
    }

    /// Read the stamp in the era that puts it nearest to `near`.
    pub fn instant_near(self, near: Instant) -> Instant {
        instant_from_ntp(self.0, near)
    }
}

impl Sub for NtpStamp {
    /// Nanoseconds.
    type Output = i64;

    /// The time from `earlier` to `self`; negative when `earlier` is the later one.
    ///
    /// Wrapping is what makes this right across an era: the difference of two stamps does not
    /// depend on where the count began, and as a signed number it is the shorter way round.
    fn sub(self, earlier: Self) -> i64 {
        let difference = self.0.wrapping_sub(earlier.0) as i64;
        ((i128::from(difference) * i128::from(SECOND)) >> 32) as i64
    }
}

/// A length of time as NTP headers send it: 16.16 fixed-point seconds, 18 hours at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NtpShort(pub u32);

impl NtpShort {
    /// Round up and saturate: a bound may be told too large, never too small.
    pub fn from_nanoseconds(nanoseconds: i64) -> Self {
        let units = ((nanoseconds.max(0) as u128) << 16).div_ceil(SECOND as u128);
        Self(units.try_into().unwrap_or(u32::MAX))
    }

    /// The length in nanoseconds, rounded down.
    pub fn nanoseconds(self) -> i64 {
        (i64::from(self.0) * SECOND) >> 16
    }
}

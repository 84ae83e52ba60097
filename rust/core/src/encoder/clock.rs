//! How an exporter tells times.

use super::records::Records;
use crate::time::{Instant, MILLISECOND, NTP_EPOCH_SECONDS, SECOND};

/// How the times of a batch are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Milliseconds since boot, 32 bits: all that v9 has.
    Uptime {
        /// Where uptime counts from.
        boot_time: Instant,
    },
    /// Milliseconds since 1970.
    Milliseconds,
    /// NTP's 32.32 seconds since 1900.
    Ntp,
    /// The one time of an event, in milliseconds since 1970.
    MomentMilliseconds,
    /// The same in NTP's format.
    MomentNtp,
}

impl Clock {
    /// How events are told beside flows. They have times of their own in every version.
    pub fn of_moments(self) -> Self {
        match self {
            Self::Uptime { .. } | Self::Milliseconds | Self::MomentMilliseconds => Self::MomentMilliseconds,
            Self::Ntp | Self::MomentNtp => Self::MomentNtp,
        }
    }

    /// Bytes of a time.
    pub fn length(self) -> u16 {
        if matches!(self, Self::Uptime { .. }) { 4 } else { 8 }
    }

    /// Fill times into records in network byte order.
    pub fn fill(self, times: impl Iterator<Item = Instant>, records: &mut Records) {
        match self {
            Self::Uptime { boot_time } => {
                records.fill(times.map(|time| uptime_from_instant(time, boot_time).to_be_bytes()));
            }
            Self::Milliseconds | Self::MomentMilliseconds => {
                records.fill(times.map(|time| time.div_euclid(MILLISECOND).to_be_bytes()));
            }
            Self::Ntp | Self::MomentNtp => records.fill(times.map(|time| ntp_from_instant(time).to_be_bytes())),
        }
    }
}

/// Milliseconds since boot, modulo 2^32: a time before boot lies "ahead" by less than the wrap, and
/// readers that subtract modulo 2^32 get it back.
pub fn uptime_from_instant(time: Instant, boot_time: Instant) -> u32 {
    time.saturating_sub(boot_time).div_euclid(MILLISECOND) as u32
}

/// NTP's format, without the era. The fraction is rounded up, so that a reader who rounds down
/// gets every nanosecond back.
pub fn ntp_from_instant(time: Instant) -> u64 {
    let seconds = (time.div_euclid(SECOND) + NTP_EPOCH_SECONDS) as u64;
    let fraction = ((time.rem_euclid(SECOND) as u64) << 32).div_ceil(SECOND as u64);
    seconds << 32 | fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{instant_from_ntp, instant_from_uptime};

    const NOW: Instant = 1_700_000_000 * SECOND;

    #[test]
    fn ntp_keeps_every_nanosecond() {
        for fraction in [0, 1, 2, 3, 499_999_999, 500_000_000, 999_999_998, 999_999_999] {
            assert_eq!(instant_from_ntp(ntp_from_instant(NOW + fraction), NOW), NOW + fraction);
        }
    }

    #[test]
    fn uptime_comes_back_across_the_wrap_and_from_before_boot() {
        let boot_time = NOW - 50 * 86_400 * SECOND;
        let uptime = uptime_from_instant(NOW, boot_time);
        for age in [0, 40 * 60 * SECOND, 10 * 86_400 * SECOND] {
            let event = uptime_from_instant(NOW - age, boot_time);
            assert_eq!(instant_from_uptime(event, uptime, NOW), NOW - age);
        }
        assert_eq!(uptime_from_instant(boot_time - MILLISECOND, boot_time), u32::MAX);
    }
}

//! Instants, and how exporters say them.
//!
//! An instant is nanoseconds since 1970 in UTC. Exporters count milliseconds since boot in 32
//! bits, which wrap every 49.7 days, and IPFIX has times in NTP's format; both are placed on
//! our timeline by the header of the same datagram, never by this machine's clock.

/// Nanoseconds since 1970, UTC.
pub type Instant = i64;

/// One second in nanoseconds.
pub const SECOND: i64 = 1_000_000_000;
/// One millisecond in nanoseconds.
pub const MILLISECOND: i64 = 1_000_000;
/// One minute in nanoseconds.
pub const MINUTE: i64 = 60 * SECOND;

/// Seconds from 1900, where NTP counts from, to 1970.
pub(crate) const NTP_EPOCH_SECONDS: i64 = 2_208_988_800;
const NTP_ERA_SECONDS: i64 = 1 << 32;
/// Seconds that 32 bits can tell.
const UNIX_CYCLE_SECONDS: i64 = 1 << 32;

/// Place "milliseconds since boot" on our timeline.
///
/// We subtract from the uptime in the same header, modulo 2^32 and signed, so a wrap between flow
/// and export does no harm and a value slightly above the header's uptime (seen from several
/// vendors) lands slightly in the future instead of 49.7 days in the past.
pub fn instant_from_uptime(event_ms: u32, uptime_ms: u32, export_time: Instant) -> Instant {
    let age_ms = uptime_ms.wrapping_sub(event_ms) as i32;
    export_time - i64::from(age_ms) * MILLISECOND
}

/// Read a 64-bit NTP timestamp in the era that puts it nearest to `near`.
pub fn instant_from_ntp(stamp: u64, near: Instant) -> Instant {
    let seconds = (stamp >> 32) as i64 - NTP_EPOCH_SECONDS;
    let nanoseconds = ((stamp & 0xffff_ffff) * SECOND as u64) >> 32;
    let near_seconds = near.div_euclid(SECOND);
    let era = (near_seconds - seconds + NTP_ERA_SECONDS / 2).div_euclid(NTP_ERA_SECONDS);
    (seconds + era * NTP_ERA_SECONDS).saturating_mul(SECOND).saturating_add(nanoseconds as i64)
}

/// Read an instant of which only 32 bits of its seconds were told in the cycle that puts it nearest to
/// `near`: they start over in 2106.
pub fn instant_in_cycle(told: Instant, near: Instant) -> Instant {
    let (seconds, near_seconds) = (told.div_euclid(SECOND), near.div_euclid(SECOND));
    let cycle = (near_seconds - seconds + UNIX_CYCLE_SECONDS / 2).div_euclid(UNIX_CYCLE_SECONDS);
    told.saturating_add((cycle * UNIX_CYCLE_SECONDS).saturating_mul(SECOND))
}

/// The start of the minute an instant lies in.
pub fn minute_of(instant: Instant) -> Instant {
    instant.saturating_sub(instant.rem_euclid(MINUTE))
}

/// Write an instant as ISO 8601 with nine digits and `Z`.
pub fn iso_8601(instant: Instant) -> String {
    let (days, rest) = (instant.div_euclid(86_400 * SECOND), instant.rem_euclid(86_400 * SECOND));
    let (year, month, day) = date_from_days(days);
    let seconds = rest / SECOND;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = rest % SECOND;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:09}Z")
}

/// Civil date of a day number since 1970, counted in years that begin in March so that the leap
/// day is the last.
fn date_from_days(days: i64) -> (i64, i64, i64) {
    const DAYS_TO_MARCH_OF_YEAR_0: i64 = 719_468;
    const DAYS_IN_400_YEARS: i64 = 146_097;
    let days = days + DAYS_TO_MARCH_OF_YEAR_0;
    let (era, day_of_era) = (days.div_euclid(DAYS_IN_400_YEARS), days.rem_euclid(DAYS_IN_400_YEARS));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: Instant = 1_700_000_000 * SECOND;

    #[test]
    fn a_flow_across_the_uptime_wrap_is_seconds_old() {
        let start = instant_from_uptime(u32::MAX - 4, 5, EXPORT);
        assert_eq!(EXPORT - start, 10 * MILLISECOND);
    }

    #[test]
    fn an_event_slightly_above_the_uptime_is_slightly_in_the_future() {
        assert_eq!(instant_from_uptime(1_160, 1_000, EXPORT) - EXPORT, 160 * MILLISECOND);
    }

    #[test]
    fn instants_are_written_with_nine_digits() {
        assert_eq!(iso_8601(EXPORT + 7), "2023-11-14T22:13:20.000000007Z");
        assert_eq!(iso_8601(951_782_400 * SECOND), "2000-02-29T00:00:00.000000000Z");
        assert_eq!(iso_8601(-1), "1969-12-31T23:59:59.999999999Z");
    }

    #[test]
    fn header_seconds_are_read_in_the_nearest_cycle() {
        assert_eq!(instant_in_cycle(5 * SECOND + 7, EXPORT), 5 * SECOND + 7, "a clock never set is no clock of 2106");
        let start = UNIX_CYCLE_SECONDS * SECOND;
        assert_eq!(instant_in_cycle(10 * SECOND, start), start + 10 * SECOND);
        assert_eq!(instant_in_cycle(start - SECOND, start + SECOND), start - SECOND);
        for near in [Instant::MIN, Instant::MAX] {
            instant_in_cycle(EXPORT, near);
        }
    }

    #[test]
    fn ntp_time_is_read_in_the_nearest_era() {
        let before = ((NTP_EPOCH_SECONDS as u64 + 1_700_000_000) << 32) | 0x8000_0000;
        assert_eq!(instant_from_ntp(before, EXPORT), EXPORT + SECOND / 2);
        let era_one_start = (NTP_ERA_SECONDS - NTP_EPOCH_SECONDS) * SECOND;
        assert_eq!(instant_from_ntp(5 << 32, era_one_start), era_one_start + 5 * SECOND);
    }
}

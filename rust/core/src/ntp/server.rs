//! What a server says of its clock.

use super::{
    leap::Leap,
    packet::Header,
    stamp::{NtpShort, NtpStamp},
};
use crate::time::{Instant, SECOND};

/// What clock error may grow by, in parts per million, while nobody looks (RFC 5905, PHI).
const GROWTH_PPM: i64 = 15;

/// How long a vouching holds. It is renewed every few seconds, so an old one means that
/// whoever watched the clock no longer does.
const VOUCHING_HOLDS: i64 = 300 * SECOND;

/// How far a packet may arrive "before" the vouching: it may have been queued while we vouched.
/// More than that, and the clock has been set back since.
const QUEUEING_ALLOWANCE: i64 = SECOND;

/// Root dispersion from which a clock counts as not synchronised (RFC 5905, MAXDISP).
const MAXIMUM_DISPERSION: i64 = 16 * SECOND;

const UNSYNCHRONISED_LEAP: u8 = 3;
const UNSYNCHRONISED_STRATUM: u8 = 16;

/// What the local clock is worth, as stated at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vouching {
    /// Hops to a reference clock, 1 to 15.
    pub stratum: u8,
    /// Where the time comes from.
    pub reference_id: [u8; 4],
    /// When the local clock was last known to be set or corrected.
    pub reference_time: Instant,
    /// Round trip to the reference clock, in nanoseconds.
    pub root_delay: i64,
    /// Error at the moment of vouching, in nanoseconds; grows from there.
    pub root_dispersion: i64,
    /// The moment of vouching, by the local clock.
    pub vouched: Instant,
}

/// What the server knows of its clock; by default nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerState {
    /// The latest word on the clock; none means not synchronised.
    pub vouching: Option<Vouching>,
    /// The leap second that is next, or just over, if one is known.
    pub leap: Option<Leap>,
}

impl ServerState {
    /// The vouching and the root dispersion grown until `now`, unless it no longer holds.
    fn standing(&self, now: Instant) -> Option<(Vouching, i64)> {
        let vouching = self.vouching.filter(|_| !self.leap.is_some_and(|leap| leap.is_ambiguous(now)))?;
        let age = now.saturating_sub(vouching.vouched);
        if !(-QUEUEING_ALLOWANCE..VOUCHING_HOLDS).contains(&age) {
            return None;
        }
        let dispersion = vouching.root_dispersion.saturating_add(age.max(0) * GROWTH_PPM / 1_000_000);
        (dispersion < MAXIMUM_DISPERSION).then_some((vouching, dispersion))
    }

    /// A moment of the local clock as clients are to see it.
    pub(super) fn told(&self, moment: Instant) -> NtpStamp {
        let smear = self.leap.map_or(0, |leap| leap.smear(moment));
        NtpStamp::from_instant(moment.saturating_add(smear))
    }

    /// The fields of a header that tell how far the clock can be trusted at `now`.
    pub(super) fn header(&self, now: Instant) -> Header {
        let Some((vouching, dispersion)) = self.standing(now) else {
            return Header {
                leap: UNSYNCHRONISED_LEAP,
                stratum: UNSYNCHRONISED_STRATUM,
                root_dispersion: NtpShort::from_nanoseconds(MAXIMUM_DISPERSION),
                ..Header::default()
            };
        };
        let smeared = self.leap.and_then(|leap| leap.reference_id(now));
        Header {
            leap: self.leap.map_or(0, |leap| leap.indicator(now)),
            stratum: vouching.stratum,
            root_delay: NtpShort::from_nanoseconds(vouching.root_delay),
            root_dispersion: NtpShort::from_nanoseconds(dispersion),
            reference_id: smeared.unwrap_or(vouching.reference_id),
            reference_time: self.told(vouching.reference_time),
            ..Header::default()
        }
    }
}

//! What an NTP server answers, and what it never answers.
//!
//! Only clients (mode 3) get a reply, and the reply is a server's (mode 4), so two servers can
//! not be made to answer each other for ever. A reply is 48 bytes, never longer than its
//! request, so we are of no use to anybody who forges a victim's address.

use super::{
    packet::{HEADER_BYTES, Header, Mode},
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

/// Fineness of the stamps: a microsecond, what a reading and sending a batch cost.
const PRECISION: i8 = -20;

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
}

impl ServerState {
    /// The vouching and the root dispersion grown until `now`, unless it no longer holds.
    fn standing(&self, now: Instant) -> Option<(Vouching, i64)> {
        let vouching = self.vouching?;
        let age = now.saturating_sub(vouching.vouched);
        if !(-QUEUEING_ALLOWANCE..VOUCHING_HOLDS).contains(&age) {
            return None;
        }
        let dispersion = vouching.root_dispersion.saturating_add(age.max(0) * GROWTH_PPM / 1_000_000);
        (dispersion < MAXIMUM_DISPERSION).then_some((vouching, dispersion))
    }

    /// The fields of a header that tell how far the clock can be trusted at `now`.
    fn header(&self, now: Instant) -> Header {
        let Some((vouching, dispersion)) = self.standing(now) else {
            return Header {
                leap: UNSYNCHRONISED_LEAP,
                stratum: UNSYNCHRONISED_STRATUM,
                root_dispersion: NtpShort::from_nanoseconds(MAXIMUM_DISPERSION),
                ..Header::default()
            };
        };
        Header {
            stratum: vouching.stratum,
            root_delay: NtpShort::from_nanoseconds(vouching.root_delay),
            root_dispersion: NtpShort::from_nanoseconds(dispersion),
            reference_id: vouching.reference_id,
            reference_time: NtpStamp::from_instant(vouching.reference_time),
            ..Header::default()
        }
    }
}

/// Why a datagram gets no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Shorter than a header.
    Short,
    /// Not a multiple of four bytes, as extension fields and authentication are (RFC 7822).
    Uneven,
    /// A version of the protocol that is not 1 to 4.
    Version,
    /// Not a client's request.
    Mode,
}

impl Refusal {
    /// All reasons, in the order of their counters.
    pub const ALL: [Self; 4] = [Self::Short, Self::Uneven, Self::Version, Self::Mode];

    /// The name of the reason's counter.
    pub fn counter(self) -> &'static str {
        match self {
            Self::Short => "ignored_short",
            Self::Uneven => "ignored_uneven",
            Self::Version => "ignored_version",
            Self::Mode => "ignored_mode",
        }
    }
}

/// What to do with a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send the reply.
    Reply,
    /// Stay silent.
    Ignore(Refusal),
}

/// Answer one datagram.
///
/// `received` is when the kernel got it and `transmit` when the reply will leave; both by the
/// local clock. `reply` is written only when it is to be sent. The version of the request is
/// echoed, as versions 1 to 4 do not differ in the header. Extension fields and authentication
/// are passed over: the reply has neither.
pub fn respond(
    request: &[u8],
    received: Instant,
    transmit: Instant,
    state: &ServerState,
    reply: &mut [u8; HEADER_BYTES],
) -> Action {
    let request = match read_request(request) {
        Ok(header) => header,
        Err(refusal) => return Action::Ignore(refusal),
    };
    let header = Header {
        version: request.version,
        mode: Mode::Server,
        poll: request.poll,
        precision: PRECISION,
        origin: request.transmit,
        receive: NtpStamp::from_instant(received),
        transmit: NtpStamp::from_instant(transmit),
        ..state.header(transmit)
    };
    header.write(reply);
    Action::Reply
}

fn read_request(request: &[u8]) -> Result<Header, Refusal> {
    let header = Header::from_bytes(request).ok_or(Refusal::Short)?;
    if !request.len().is_multiple_of(4) {
        return Err(Refusal::Uneven);
    }
    if !(1..=4).contains(&header.version) {
        return Err(Refusal::Version);
    }
    if header.mode == Mode::Client { Ok(header) } else { Err(Refusal::Mode) }
}

//! What an NTP server answers, and what it never answers.
//!
//! Only clients (mode 3) get a reply, and the reply is a server's (mode 4), so two servers can
//! not be made to answer each other for ever. A reply is never longer than its request, so we are
//! of no use to anybody who forges a victim's address.

use std::{
    hash::{BuildHasher, RandomState},
    net::SocketAddr,
};

use super::{
    access::Access,
    clients::Clients,
    packet::{HEADER_BYTES, Header, Mode},
    rate::{Allowance, RateLimit},
    server::ServerState,
    stamp::NtpStamp,
};
use crate::{address::address_from_ip, time::Instant};

/// Room for the longest reply.
pub const REPLY_BYTES: usize = 1024;

/// Fineness of the stamps: a microsecond, what a reading and sending a batch cost.
const PRECISION: i8 = -20;

/// In the place of a reference clock's name: ask less often (RFC 5905, section 7.4).
const KISS_OF_RATE: [u8; 4] = *b"RATE";

/// A datagram that came to the server.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// All of it.
    pub bytes: &'a [u8],
    /// Who sent it, or whom the sender pretends to be.
    pub from: SocketAddr,
    /// Our address that it was sent to, where that is known.
    pub to: Option<SocketAddr>,
    /// When the kernel got it, by the local clock.
    pub received: Instant,
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
    /// Said to come from the very socket it came to.
    Loop,
    /// From an address that is not to be answered.
    Denied,
    /// More than an address may ask.
    Rate,
}

impl Refusal {
    /// All reasons, in the order of their counters.
    pub const ALL: [Self; 7] =
        [Self::Short, Self::Uneven, Self::Version, Self::Mode, Self::Loop, Self::Denied, Self::Rate];

    /// The name of the reason's counter.
    pub fn counter(self) -> &'static str {
        match self {
            Self::Short => "ignored_short",
            Self::Uneven => "ignored_uneven",
            Self::Version => "ignored_version",
            Self::Mode => "ignored_mode",
            Self::Loop => "ignored_loop",
            Self::Denied => "ignored_denied",
            Self::Rate => "ignored_rate",
        }
    }
}

/// What a reply says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The time.
    Time,
    /// To ask less often.
    Kiss,
}

impl Reply {
    /// All kinds, in the order of their counters.
    pub const ALL: [Self; 2] = [Self::Time, Self::Kiss];

    /// The name of the kind's counter.
    pub fn counter(self) -> &'static str {
        match self {
            Self::Time => "answered",
            Self::Kiss => "answered_kiss",
        }
    }
}

/// What to do with a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send the first so many bytes of the reply.
    Send(Reply, usize),
    /// Stay silent.
    Ignore(Refusal),
}

/// Whom to answer and how often.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Who may ask.
    pub access: Access,
    /// How often; as often as they like without.
    pub rate_limit: Option<RateLimit>,
    /// How many addresses are remembered.
    pub clients: usize,
}

/// A server's memory and manners, without its socket.
pub struct Responder {
    policy: Policy,
    clients: Clients,
    dice: u32,
}

impl Responder {
    /// A server that nobody has asked yet.
    pub fn new(policy: Policy) -> Self {
        let clients = Clients::new(policy.clients);
        // Any odd start will do, but nobody may guess which request leaks through.
        Self { policy, clients, dice: RandomState::new().hash_one(0) as u32 | 1 }
    }

    /// Who has asked.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Answer one datagram.
    ///
    /// `transmit` is when the reply will leave, by the local clock. `reply` is written only as far as it
    /// is to be sent. The version of the request is echoed, as versions 1 to 4 do not differ in the
    /// header. Extension fields and authentication are passed over: the reply has neither.
    pub fn respond(
        &mut self,
        request: &Request<'_>,
        transmit: Instant,
        state: &ServerState,
        reply: &mut [u8; REPLY_BYTES],
    ) -> Action {
        let asked = match self.read(request) {
            Ok(header) => header,
            Err(refusal) => return Action::Ignore(refusal),
        };
        let dice = self.roll();
        let client = self.clients.note(address_from_ip(request.from.ip()), &asked, request.received);
        let limit = self.policy.rate_limit;
        let judge = |limit: RateLimit| limit.judge(&mut client.earned_until, request.received, dice);
        match limit.map_or(Allowance::Answer, judge) {
            Allowance::Answer => {
                client.answered += 1;
                write(&answer(&asked, request.received, transmit, state), Reply::Time, reply)
            }
            Allowance::Kiss => {
                client.limited += 1;
                let poll = limit.map_or(asked.poll, |limit| limit.poll());
                write(&kiss(&asked, request.received, transmit, poll), Reply::Kiss, reply)
            }
            Allowance::Silence => {
                client.limited += 1;
                Action::Ignore(Refusal::Rate)
            }
        }
    }

    fn read(&self, request: &Request<'_>) -> Result<Header, Refusal> {
        let header = Header::from_bytes(request.bytes).ok_or(Refusal::Short)?;
        if !request.bytes.len().is_multiple_of(4) {
            return Err(Refusal::Uneven);
        }
        if !(1..=4).contains(&header.version) {
            return Err(Refusal::Version);
        }
        if header.mode != Mode::Client {
            return Err(Refusal::Mode);
        }
        if request.to == Some(request.from) {
            return Err(Refusal::Loop);
        }
        if self.policy.access.admits(request.from.ip()) { Ok(header) } else { Err(Refusal::Denied) }
    }

    /// A random number (xorshift), for choices that a sender must not foresee.
    fn roll(&mut self) -> u32 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 17;
        self.dice ^= self.dice << 5;
        self.dice
    }
}

fn answer(asked: &Header, received: Instant, transmit: Instant, state: &ServerState) -> Header {
    Header {
        version: asked.version,
        mode: Mode::Server,
        poll: asked.poll,
        precision: PRECISION,
        origin: asked.transmit,
        receive: NtpStamp::from_instant(received),
        transmit: NtpStamp::from_instant(transmit),
        ..state.header(transmit)
    }
}

/// No time at all, and a word in place of the reference clock's name (RFC 5905, section 7.4).
fn kiss(asked: &Header, received: Instant, transmit: Instant, poll: i8) -> Header {
    Header {
        stratum: 0,
        poll: asked.poll.max(poll),
        reference_id: KISS_OF_RATE,
        ..answer(asked, received, transmit, &ServerState::default())
    }
}

fn write(header: &Header, kind: Reply, reply: &mut [u8; REPLY_BYTES]) -> Action {
    header.write(reply.first_chunk_mut().expect("a reply has room for a header"));
    Action::Send(kind, HEADER_BYTES)
}

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
    clients::{Clients, Place},
    cookie::{CookieKeys, Secrets},
    interleaving::Departures,
    nts::{Secured, Trailer},
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
/// The same: establish keys anew (RFC 8915, section 5.7).
const KISS_OF_NTS: [u8; 4] = *b"NTSN";

/// The only version that NTS is for.
const NTS_VERSION: u8 = 4;

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
    /// Fields of NTS that do not make a request.
    Nts,
}

impl Refusal {
    /// All reasons, in the order of their counters.
    pub const ALL: [Self; 8] =
        [Self::Short, Self::Uneven, Self::Version, Self::Mode, Self::Loop, Self::Denied, Self::Rate, Self::Nts];

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
            Self::Nts => "ignored_nts",
        }
    }
}

/// What a reply says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The time.
    Time,
    /// The time, authenticated with NTS.
    SecuredTime,
    /// To ask less often.
    Kiss,
    /// That keys have to be established anew.
    NtsRefusal,
}

impl Reply {
    /// All kinds, in the order of their counters.
    pub const ALL: [Self; 4] = [Self::Time, Self::SecuredTime, Self::Kiss, Self::NtsRefusal];

    /// The name of the kind's counter.
    pub fn counter(self) -> &'static str {
        match self {
            Self::Time => "answered",
            Self::SecuredTime => "answered_nts",
            Self::Kiss => "answered_kiss",
            Self::NtsRefusal => "answered_nts_refusal",
        }
    }
}

/// What to do with a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send the reply.
    Send(Sending),
    /// Stay silent.
    Ignore(Refusal),
}

/// A reply that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sending {
    /// What it says.
    pub kind: Reply,
    /// How many bytes it has.
    pub length: usize,
    /// Its receive stamp, where [`Responder::departed`] is to be told when it really left.
    pub awaited: Option<NtpStamp>,
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
    departures: Departures,
    cookie_keys: Option<CookieKeys>,
    dice: u32,
}

impl Responder {
    /// A server that nobody has asked yet.
    pub fn new(policy: Policy) -> Self {
        let clients = Clients::new(policy.clients);
        // Any odd start will do, but nobody may guess which request leaks through.
        let dice = RandomState::new().hash_one(0) as u32 | 1;
        Self { policy, clients, departures: Departures::new(), cookie_keys: None, dice }
    }

    /// Who has asked.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Answer requests with NTS, whose cookies were locked with these keys.
    pub fn set_cookie_keys(&mut self, keys: Option<CookieKeys>) {
        self.cookie_keys = keys;
    }

    /// Learn when a reply that was awaited left, by the local clock.
    pub fn departed(&mut self, receive: NtpStamp, departed: Instant) {
        self.departures.learn(receive, departed);
    }

    /// Answer one datagram.
    ///
    /// `transmit` is when the reply will leave, by the local clock. `reply` is written only as far as it
    /// is to be sent. The version of the request is echoed, as versions 1 to 4 do not differ in the
    /// header. Extension fields other than those of NTS, and authentication codes, are passed over.
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
        let place = self.clients.note(address_from_ip(request.from.ip()), &asked, request.received);
        let client = self.clients.at(place);
        let limit = self.policy.rate_limit;
        let judge = |limit: RateLimit| limit.judge(&mut client.earned_until, request.received, dice);
        match limit.map_or(Allowance::Answer, judge) {
            Allowance::Answer => self.answer(request, &asked, place, transmit, state, reply),
            Allowance::Kiss => {
                client.limited += 1;
                let poll = limit.map_or(asked.poll, |limit| limit.poll());
                let header =
                    Header { poll: asked.poll.max(poll), ..kiss(KISS_OF_RATE, &asked, request.received, transmit) };
                write(&header, reply);
                sending(Reply::Kiss, HEADER_BYTES)
            }
            Allowance::Silence => {
                client.limited += 1;
                Action::Ignore(Refusal::Rate)
            }
        }
    }

    /// Answer with the time, or say why NTS forbids it.
    fn answer(
        &mut self,
        request: &Request<'_>,
        asked: &Header,
        place: Place,
        transmit: Instant,
        state: &ServerState,
        reply: &mut [u8; REPLY_BYTES],
    ) -> Action {
        let secured = match self.secured(request, asked) {
            Trailer::Malformed => return Action::Ignore(Refusal::Nts),
            Trailer::Plain => None,
            Trailer::Secured(secured) => {
                let secrets = self.cookie_keys.as_mut().and_then(|keys| secured.secrets(keys));
                let Some(secrets) = secrets else {
                    return refuse(&secured, asked, request.received, transmit, reply);
                };
                Some((secured, secrets))
            }
        };
        let before = self.departures.asked_for(asked);
        let mut header = time(asked, request.received, transmit, before, state);
        // Who names an earlier packet of ours as origin remembers; others will never ask for the departure.
        let is_awaited = asked.origin != NtpStamp(0);
        if is_awaited {
            header.receive = self.departures.unused(header.receive);
        }
        write(&header, reply);
        let (kind, length) = match secured {
            None => (Reply::Time, HEADER_BYTES),
            Some((secured, secrets)) => match self.write_secured(&secured, &secrets, reply) {
                Some(length) => (Reply::SecuredTime, length),
                None => return Action::Ignore(Refusal::Nts),
            },
        };
        let client = self.clients.at(place);
        client.answered += 1;
        client.authenticated += u64::from(kind == Reply::SecuredTime);
        client.interleaved += u64::from(before.is_some());
        if is_awaited {
            self.departures.expect(header.receive, transmit);
        }
        Action::Send(Sending { kind, length, awaited: is_awaited.then_some(header.receive) })
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

    /// What a request has of NTS; nothing as long as we have no keys.
    fn secured<'a>(&self, request: &Request<'a>, asked: &Header) -> Trailer<'a> {
        if self.cookie_keys.is_none() || asked.version != NTS_VERSION || request.bytes.len() == HEADER_BYTES {
            return Trailer::Plain;
        }
        Trailer::from_bytes(request.bytes)
    }

    fn write_secured(
        &mut self,
        secured: &Secured<'_>,
        secrets: &Secrets,
        reply: &mut [u8; REPLY_BYTES],
    ) -> Option<usize> {
        secured.write_reply(secrets, self.cookie_keys.as_mut()?, reply)
    }

    /// A random number (xorshift), for choices that a sender must not foresee.
    fn roll(&mut self) -> u32 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 17;
        self.dice ^= self.dice << 5;
        self.dice
    }
}

/// The header of a reply. With `before`, when the reply before this one left, in interleaved mode.
fn time(asked: &Header, received: Instant, transmit: Instant, before: Option<Instant>, state: &ServerState) -> Header {
    Header {
        version: asked.version,
        mode: Mode::Server,
        poll: asked.poll,
        precision: PRECISION,
        origin: if before.is_some() { asked.receive } else { asked.transmit },
        receive: state.told(received),
        transmit: state.told(before.unwrap_or(transmit)),
        ..state.header(transmit)
    }
}

/// No time at all, and a word in place of the reference clock's name (RFC 5905, section 7.4).
fn kiss(word: [u8; 4], asked: &Header, received: Instant, transmit: Instant) -> Header {
    let header = time(asked, received, transmit, None, &ServerState::default());
    Header { stratum: 0, reference_id: word, ..header }
}

/// Tell a client that its cookie opens nothing, or that somebody else used it.
fn refuse(
    secured: &Secured<'_>,
    asked: &Header,
    received: Instant,
    transmit: Instant,
    reply: &mut [u8; REPLY_BYTES],
) -> Action {
    write(&kiss(KISS_OF_NTS, asked, received, transmit), reply);
    let length = secured.write_identifier(reply);
    length.map_or(Action::Ignore(Refusal::Nts), |length| sending(Reply::NtsRefusal, length))
}

fn write(header: &Header, reply: &mut [u8; REPLY_BYTES]) {
    header.write(reply.first_chunk_mut().expect("a reply has room for a header"));
}

fn sending(kind: Reply, length: usize) -> Action {
    Action::Send(Sending { kind, length, awaited: None })
}

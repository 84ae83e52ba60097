//! Whatever arrives and whatever is vouched for, the NTP server neither panics nor sends more than it got.
#![no_main]

use std::net::{Ipv6Addr, SocketAddr};

use libfuzzer_sys::fuzz_target;
use tidegauge_core::ntp::{
    Action, CookieKeys, Header, Leap, Mode, Policy, REPLY_BYTES, RateLimit, Reply, Request, Responder, ServerState,
    Vouching,
};

type Word = (u8, [u8; 4], i64, i64, i64, i64);
type Limit = (f64, u32, u32, bool);
type Jump = (i64, bool, bool);

fuzz_target!(|input: (Option<Word>, Option<Limit>, Option<Jump>, i64, &[u8])| {
    let (word, limit, jump, received, mut framed) = input;
    let leap = jump.map(|(at, is_inserted, is_smeared)| Leap { at, is_inserted, is_smeared });
    let state = ServerState { vouching: word.map(vouching_from_word), leap };
    let rate_limit = limit.and_then(|(rate, burst, leak, kiss)| RateLimit::new(rate, burst, leak, kiss).ok());
    let mut responder = Responder::new(Policy { rate_limit, clients: 8, ..Policy::default() });
    responder.set_cookie_keys(CookieKeys::new(&[(0, [0; 32])]));
    // Each datagram stands behind its length; one of a few senders sends it some time later.
    while let Some((&[high, low], rest)) = framed.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
        let (bytes, rest) = rest.split_at(length);
        framed = rest;
        let from = SocketAddr::new(Ipv6Addr::from(u128::from(low)).into(), 123);
        let received = received.saturating_add(i64::from(high) << 30);
        let request = Request { bytes, from, to: None, received };
        let mut reply = [0; REPLY_BYTES];
        if let Action::Send(sending) = responder.respond(&request, received, &state, &mut reply) {
            check(bytes, sending.kind, &reply[..sending.length]);
            if let Some(receive) = sending.awaited {
                responder.departed(receive, received.saturating_add(1_000));
            }
        }
    }
    assert!(responder.clients().iter().count() <= 8);
});

fn check(request: &[u8], kind: Reply, reply: &[u8]) {
    assert!(reply.len() <= request.len());
    let (asked, answered) = (Header::from_bytes(request).unwrap(), Header::from_bytes(reply).unwrap());
    assert_eq!((asked.mode, answered.mode), (Mode::Client, Mode::Server));
    assert_eq!(answered.version, asked.version);
    assert!([asked.transmit, asked.receive].contains(&answered.origin));
    assert_eq!(matches!(kind, Reply::Time | Reply::SecuredTime), answered.stratum != 0);
    let mut again = [0; 48];
    answered.write(&mut again);
    assert_eq!(again, reply[..48]);
}

fn vouching_from_word(word: Word) -> Vouching {
    let (stratum, reference_id, reference_time, root_delay, root_dispersion, vouched) = word;
    // Whoever vouches names a stratum of 1 to 15; others are refused at the seam.
    let stratum = stratum.clamp(1, 15);
    Vouching { stratum, reference_id, reference_time, root_delay, root_dispersion, vouched }
}

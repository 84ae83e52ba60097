//! Whatever arrives and whatever is vouched for, the NTP server neither panics nor sends more than it got.
#![cfg_attr(fuzzing, no_main)]

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use tidegauge_core::ntp::{
    Access, Action, CookieKeys, Header, Leap, Mode, Network, Policy, REPLY_BYTES, RateLimit, Reply, Request, Responder,
    ServerState, Vouching,
};

type Word = (u8, [u8; 4], i64, i64, i64, i64);
type Limit = (f64, u32, u32, bool);
type Jump = (i64, bool, bool);
/// An address and a length, and whether those in it are denied, or only they are allowed.
type Rule = (u128, u8, bool);
/// All of that, if there is any, when the requests come, and they.
type Input<'a> = (Option<Word>, Option<Limit>, Option<Jump>, Option<Rule>, i64, &'a [u8]);

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: Input<'_>| run(input));

pub fn run(input: Input<'_>) {
    let (word, limit, jump, rule, received, mut framed) = input;
    let leap = jump.map(|(at, is_inserted, is_smeared)| Leap { at, is_inserted, is_smeared });
    let state = ServerState { vouching: word.map(vouching_from_word), leap };
    let rate_limit = limit.and_then(|(rate, burst, leak, kiss)| RateLimit::new(rate, burst, leak, kiss).ok());
    let access = rule.map(access_of).unwrap_or_default();
    let mut responder = Responder::new(Policy { rate_limit, access: access.clone(), clients: 8 });
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
        match responder.respond(&request, received, &state, &mut reply) {
            Action::Send(sending) => {
                assert!(access.admits(from.ip()), "who is denied is not answered");
                check(bytes, sending.kind, &reply[..sending.length]);
                if let Some(receive) = sending.awaited {
                    responder.departed(receive, received.saturating_add(1_000));
                }
            }
            Action::Ignore(refusal) => assert!(refusal.counter().starts_with("ignored_")),
        }
    }
    let clients = responder.clients();
    assert!(clients.iter().count() <= 8);
    for client in clients.iter() {
        assert_eq!(client.interval().is_some(), client.requests > 1, "an interval lies between two");
        assert!(client.offset().is_none() || client.requests > 1, "no clock is known by one stamp");
        assert!(client.answered + client.limited <= client.requests);
    }
}

fn access_of((address, length, is_denied): Rule) -> Access {
    let text = format!("{}/{length}", IpAddr::from(Ipv6Addr::from(address)).to_canonical());
    match (Network::parse(&text), is_denied) {
        (Ok(network), true) => Access::new(&[], &[network]),
        (Ok(network), false) => Access::new(&[network], &[]),
        (Err(reason), _) => {
            assert!(reason.starts_with(&text), "a sentence says which text it is about");
            Access::default()
        }
    }
}

fn check(request: &[u8], kind: Reply, reply: &[u8]) {
    assert!(reply.len() <= request.len());
    let (asked, answered) = (Header::from_bytes(request).unwrap(), Header::from_bytes(reply).unwrap());
    assert_eq!((asked.mode, answered.mode), (Mode::Client, Mode::Server));
    assert_eq!(answered.version, asked.version);
    assert!([asked.transmit, asked.receive].contains(&answered.origin));
    assert_eq!(matches!(kind, Reply::Time | Reply::SecuredTime), answered.stratum != 0);
    assert!(kind.counter().starts_with("answered"));
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

use super::{
    access::{Access, Network},
    leap::Leap,
    packet::{HEADER_BYTES, Header, Mode},
    rate::RateLimit,
    responder::{Action, Policy, REPLY_BYTES, Refusal, Reply, Request, Responder, Sending},
    server::{ServerState, Vouching},
    stamp::{NtpShort, NtpStamp},
};
use crate::time::{Instant, MILLISECOND, SECOND};

const NOW: Instant = 1_795_000_000 * SECOND + 123_456_789;
/// 2036-02-07T06:28:16Z, where era 1 begins.
const ERA_ONE: Instant = 2_085_978_496 * SECOND;

fn request(version: u8, mode: u8) -> [u8; HEADER_BYTES] {
    let mut packet = [0; HEADER_BYTES];
    packet[0] = version << 3 | mode;
    packet[2] = 6;
    packet[40..].copy_from_slice(&0x0123_4567_89ab_cdef_u64.to_be_bytes());
    packet
}

fn vouched() -> ServerState {
    ServerState {
        vouching: Some(Vouching {
            stratum: 3,
            reference_id: [192, 0, 2, 1],
            reference_time: NOW - 5 * SECOND,
            root_delay: 20 * MILLISECOND,
            root_dispersion: 10 * MILLISECOND,
            vouched: NOW,
        }),
        leap: None,
    }
}

const ANSWERED: Action = Action::Send(Sending { kind: Reply::Time, length: HEADER_BYTES, awaited: None });

/// Ask a server that answers everybody, from one address.
fn ask(bytes: &[u8], received: Instant, state: &ServerState, reply: &mut [u8; REPLY_BYTES]) -> Action {
    ask_from("192.0.2.7:50000", bytes, received, state, &mut Responder::new(Policy::default()), reply)
}

fn ask_from(
    from: &str,
    bytes: &[u8],
    received: Instant,
    state: &ServerState,
    responder: &mut Responder,
    reply: &mut [u8; REPLY_BYTES],
) -> Action {
    let to = Some("198.51.100.1:123".parse().unwrap());
    let request = Request { bytes, from: from.parse().unwrap(), to, received };
    responder.respond(&request, received + 1_000, state, reply)
}

fn reply_at(now: Instant, state: &ServerState) -> Header {
    let mut reply = [0xff; REPLY_BYTES];
    assert_eq!(ask(&request(4, 3), now, state, &mut reply), ANSWERED);
    Header::from_bytes(&reply).unwrap()
}

#[test]
fn a_nanosecond_survives_ntp_format_in_both_eras() {
    for instant in [0, 1, NOW, NOW + 1, ERA_ONE - 1, ERA_ONE, ERA_ONE + 999_999_999] {
        assert_eq!(NtpStamp::from_instant(instant).instant_near(instant + 30 * SECOND), instant);
    }
}

#[test]
fn era_one_starts_at_zero() {
    assert_eq!(NtpStamp::from_instant(ERA_ONE), NtpStamp(0));
}

#[test]
fn a_difference_takes_the_shorter_way_across_the_era() {
    let before = NtpStamp::from_instant(ERA_ONE - 2 * SECOND);
    let after = NtpStamp::from_instant(ERA_ONE + 3 * SECOND);
    assert_eq!(after - before, 5 * SECOND);
    assert_eq!(before - after, -5 * SECOND);
}

#[test]
fn lengths_are_rounded_up_and_saturate() {
    assert_eq!(NtpShort::from_nanoseconds(1), NtpShort(1));
    assert_eq!(NtpShort::from_nanoseconds(SECOND), NtpShort(0x1_0000));
    assert_eq!(NtpShort::from_nanoseconds(-1), NtpShort(0));
    assert_eq!(NtpShort::from_nanoseconds(i64::MAX), NtpShort(u32::MAX));
    assert_eq!(NtpShort(0x1_8000).nanoseconds(), 1_500 * MILLISECOND);
}

#[test]
fn a_header_is_read_as_it_was_written() {
    let mut bytes = [0; HEADER_BYTES];
    for (position, byte) in bytes.iter_mut().enumerate() {
        *byte = (position * 37 + 11) as u8;
    }
    let mut written = [0; HEADER_BYTES];
    Header::from_bytes(&bytes).unwrap().write(&mut written);
    assert_eq!(written, bytes);
}

#[test]
fn clients_of_every_version_are_answered_in_kind() {
    for version in 1..=4 {
        let mut reply = [0; REPLY_BYTES];
        assert_eq!(ask(&request(version, 3), NOW, &vouched(), &mut reply), ANSWERED);
        let header = Header::from_bytes(&reply).unwrap();
        assert_eq!((header.version, header.mode, header.leap, header.stratum), (version, Mode::Server, 0, 3));
        assert_eq!((header.poll, header.origin), (6, NtpStamp(0x0123_4567_89ab_cdef)));
        assert_eq!(header.receive.instant_near(NOW), NOW);
        assert_eq!(header.transmit - header.receive, 1_000);
        assert_eq!((header.reference_id, header.reference_time.instant_near(NOW)), ([192, 0, 2, 1], NOW - 5 * SECOND));
    }
}

#[test]
fn nobody_but_a_client_is_answered() {
    for mode in [0, 1, 2, 4, 5, 6, 7] {
        let mut reply = [0xaa; REPLY_BYTES];
        assert_eq!(ask(&request(4, mode), NOW, &vouched(), &mut reply), Action::Ignore(Refusal::Mode));
        assert_eq!(reply, [0xaa; REPLY_BYTES]);
    }
}

#[test]
fn other_versions_and_lengths_are_refused_by_name() {
    let mut reply = [0; REPLY_BYTES];
    let mut refusal = |packet: &[u8]| ask(packet, NOW, &vouched(), &mut reply);
    assert_eq!(refusal(&[]), Action::Ignore(Refusal::Short));
    assert_eq!(refusal(&request(4, 3)[..47]), Action::Ignore(Refusal::Short));
    assert_eq!(refusal(&[&request(4, 3)[..], &[0]].concat()), Action::Ignore(Refusal::Uneven));
    assert_eq!(refusal(&request(0, 3)), Action::Ignore(Refusal::Version));
    assert_eq!(refusal(&request(5, 3)), Action::Ignore(Refusal::Version));
}

#[test]
fn extension_fields_and_authentication_are_passed_over() {
    let mut reply = [0; REPLY_BYTES];
    let packet = [&request(4, 3)[..], &[0x5a; 20]].concat();
    assert_eq!(ask(&packet, NOW, &vouched(), &mut reply), ANSWERED);
}

#[test]
fn without_a_word_on_the_clock_we_say_so() {
    let header = reply_at(NOW, &ServerState::default());
    assert_eq!((header.leap, header.stratum), (3, 16));
    assert_eq!(header.root_dispersion.nanoseconds(), 16 * SECOND);
    assert_eq!(header.receive.instant_near(NOW), NOW);
}

#[test]
fn error_grows_from_the_moment_of_vouching() {
    let fresh = reply_at(NOW, &vouched()).root_dispersion.nanoseconds();
    let later = reply_at(NOW + 200 * SECOND, &vouched()).root_dispersion.nanoseconds();
    assert!(fresh >= 10 * MILLISECOND - 1, "told {fresh}");
    let grown = later - fresh;
    assert!((grown - 3 * MILLISECOND).abs() < 32_000, "grew {grown}");
}

#[test]
fn a_word_nobody_renews_stops_counting() {
    assert_eq!(reply_at(NOW + 299 * SECOND, &vouched()).stratum, 3);
    assert_eq!(reply_at(NOW + 301 * SECOND, &vouched()).stratum, 16);
}

#[test]
fn a_clock_set_back_is_not_synchronised() {
    assert_eq!(reply_at(NOW - SECOND / 2, &vouched()).stratum, 3);
    assert_eq!(reply_at(NOW - 3600 * SECOND, &vouched()).leap, 3);
}

#[test]
fn a_clock_that_may_be_seconds_off_is_not_synchronised() {
    let mut state = vouched();
    state.vouching.as_mut().unwrap().root_dispersion = 16 * SECOND;
    assert_eq!(reply_at(NOW, &state).leap, 3);
}

#[test]
fn who_is_denied_gets_no_answer_and_leaves_no_trace() {
    let denied = Access::new(&[], &[Network::parse("203.0.113.0/24").unwrap()]);
    let mut responder = Responder::new(Policy { access: denied, ..Policy::default() });
    let mut ask = |from| ask_from(from, &request(4, 3), NOW, &vouched(), &mut responder, &mut [0; REPLY_BYTES]);
    assert_eq!(ask("203.0.113.9:123"), Action::Ignore(Refusal::Denied));
    assert_eq!(ask("203.0.114.9:123"), ANSWERED);
    assert_eq!(ask("[::ffff:203.0.113.9]:123"), Action::Ignore(Refusal::Denied));
    assert_eq!(responder.clients().iter().count(), 1);
}

#[test]
fn a_request_forged_from_our_own_socket_is_not_answered() {
    let mut responder = Responder::new(Policy::default());
    let mut ask = |from| ask_from(from, &request(4, 3), NOW, &vouched(), &mut responder, &mut [0; REPLY_BYTES]);
    assert_eq!(ask("198.51.100.1:123"), Action::Ignore(Refusal::Loop));
    assert_eq!(ask("198.51.100.2:123"), ANSWERED, "another server may be our client");
}

#[test]
fn each_address_has_a_limit_of_its_own() {
    let rate_limit = Some(RateLimit::new(1.0, 3, 0, false).unwrap());
    let mut responder = Responder::new(Policy { rate_limit, clients: 64, ..Policy::default() });
    let mut ask = |from| ask_from(from, &request(4, 3), NOW, &vouched(), &mut responder, &mut [0; REPLY_BYTES]);
    let flood: Vec<_> = (0..1_000).map(|_| ask("192.0.2.66:1")).collect();
    assert_eq!(flood.iter().filter(|action| **action == ANSWERED).count(), 3);
    assert!(flood[3..].iter().all(|action| *action == Action::Ignore(Refusal::Rate)));
    assert_eq!(ask("192.0.2.7:2"), ANSWERED);
    let client = *responder.clients().iter().find(|client| client.requests == 1_000).unwrap();
    assert_eq!((client.answered, client.limited), (3, 997));
}

#[test]
fn a_quarter_of_a_flood_leaks_through_and_some_of_the_rest_is_kissed() {
    let rate_limit = Some(RateLimit::new(0.25, 1, 4, true).unwrap());
    let mut responder = Responder::new(Policy { rate_limit, clients: 64, ..Policy::default() });
    let mut reply = [0; REPLY_BYTES];
    let (mut answered, mut kissed) = (0, 0);
    for _ in 0..10_000 {
        match ask_from("192.0.2.66:1", &request(4, 3), NOW, &vouched(), &mut responder, &mut reply) {
            ANSWERED => answered += 1,
            Action::Send(Sending { kind: Reply::Kiss, length: HEADER_BYTES, .. }) => {
                kissed += 1;
                let header = Header::from_bytes(&reply).unwrap();
                assert_eq!((header.stratum, header.leap, &header.reference_id), (0, 3, b"RATE"));
                assert_eq!((header.origin, header.poll), (NtpStamp(0x0123_4567_89ab_cdef), 6));
            }
            _ => {}
        }
    }
    assert!((2_200..2_800).contains(&answered), "answered {answered}");
    assert!((1_600..2_150).contains(&kissed), "kissed {kissed}");
}

#[test]
fn who_returns_our_receive_stamp_is_told_when_the_last_reply_left() {
    let mut responder = Responder::new(Policy::default());
    let mut reply = [0; REPLY_BYTES];
    let mut exchange = |origin: NtpStamp, receive: u64, transmit: u64, received: Instant, departed: Option<Instant>| {
        let mut packet = [0; HEADER_BYTES];
        let stamps = (NtpStamp(receive), NtpStamp(transmit));
        Header { version: 4, mode: Mode::Client, origin, receive: stamps.0, transmit: stamps.1, ..Header::default() }
            .write(&mut packet);
        let action = ask_from("192.0.2.7:1", &packet, received, &vouched(), &mut responder, &mut reply);
        if let (Action::Send(Sending { awaited: Some(awaited), .. }), Some(departed)) = (action, departed) {
            responder.departed(awaited, departed);
        }
        Header::from_bytes(&reply).unwrap()
    };
    // A client that has nothing to build upon is answered plainly, and nothing is remembered for it.
    let first = exchange(NtpStamp(0), 1, 2, NOW, None);
    assert_eq!(first.origin, NtpStamp(2));
    let second = exchange(first.receive, 3, 4, NOW + SECOND, Some(NOW + SECOND + 77_000));
    assert_eq!(second.origin, NtpStamp(4), "the first departure was not remembered");
    let third = exchange(second.receive, 5, 6, NOW + 2 * SECOND, None);
    assert_eq!((third.origin, third.transmit), (NtpStamp(5), NtpStamp::from_instant(NOW + SECOND + 77_000)));
    assert_eq!(third.receive, NtpStamp::from_instant(NOW + 2 * SECOND));
    // Without a better word it is the moment of writing.
    let fourth = exchange(third.receive, 7, 8, NOW + 3 * SECOND, None);
    assert_eq!(fourth.transmit, NtpStamp::from_instant(NOW + 2 * SECOND + 1_000));
    // Equal stamps ask for an ordinary reply, and so does an origin that is none of ours.
    assert_eq!(exchange(fourth.receive, 9, 9, NOW + 4 * SECOND, None).origin, NtpStamp(9));
    assert_eq!(exchange(NtpStamp(12_345), 1, 2, NOW + 5 * SECOND, None).origin, NtpStamp(2));
    assert_eq!(responder.clients().iter().next().unwrap().interleaved, 2);
}

#[test]
fn replies_that_came_in_together_are_told_apart() {
    let mut responder = Responder::new(Policy::default());
    let mut packet = request(4, 3);
    packet[31] = 1;
    let receive: Vec<_> = (0..2)
        .map(|_| match ask_from("192.0.2.7:1", &packet, NOW, &vouched(), &mut responder, &mut [0; REPLY_BYTES]) {
            Action::Send(sending) => sending.awaited.unwrap(),
            Action::Ignore(refusal) => panic!("{refusal:?}"),
        })
        .collect();
    assert_ne!(receive[0], receive[1]);
}

#[test]
fn a_leap_is_announced_or_smeared_through_all_stamps() {
    let leap = Leap { at: NOW + 10 * SECOND, is_inserted: true, is_smeared: false };
    let state = ServerState { leap: Some(leap), ..vouched() };
    assert_eq!(reply_at(NOW, &state).leap, 1);
    let smeared = ServerState { leap: Some(Leap { is_smeared: true, ..leap }), ..vouched() };
    let before = reply_at(NOW, &state);
    let after = reply_at(NOW, &smeared);
    assert_eq!((after.leap, after.reference_id[0]), (0, 254));
    for shift in [after.receive - before.receive, after.transmit - before.transmit] {
        assert!((shift + SECOND / 2).abs() < MILLISECOND, "{shift}");
    }
    assert_eq!(reply_at(NOW + 9_500 * MILLISECOND, &smeared).leap, 3, "the second that is shown twice");
}

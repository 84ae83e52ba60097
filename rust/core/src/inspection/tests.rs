use aes_gcm::{AeadInPlace, KeyInit};

use super::{quic::testing, tls::hello_from_message, *};

/// A ClientHello's extension.
fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &(content.len() as u16).to_be_bytes(), content].concat()
}

fn listed(content: &[u8]) -> Vec<u8> {
    [&(content.len() as u16).to_be_bytes()[..], content].concat()
}

fn numbers(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn server_name(name: &[u8]) -> Vec<u8> {
    extension(0, &listed(&[&[0], &listed(name)[..]].concat()))
}

fn alpn(protocol: &[u8]) -> Vec<u8> {
    extension(16, &listed(&[&[protocol.len() as u8], protocol].concat()))
}

/// A handshake message with a ClientHello.
fn message(ciphers: &[u16], extensions: &[Vec<u8>]) -> Vec<u8> {
    let body =
        [&[3, 3][..], &[7; 32], &[0], &listed(&numbers(ciphers)), &[1, 0], &listed(&extensions.concat())].concat();
    [&[1, 0][..], &(body.len() as u16).to_be_bytes(), &body].concat()
}

fn ordinary() -> Vec<u8> {
    message(&[0x1301, 0xc02f], &[server_name(b"Video.Example"), alpn(b"h2"), extension(43, &[2, 3, 4])])
}

fn record(part: &[u8]) -> Vec<u8> {
    [&[22, 3, 1][..], &listed(part)].concat()
}

#[test]
fn a_hello_is_found_however_it_is_cut_into_records() {
    let message = ordinary();
    for cut in 1..message.len() {
        let stream = [record(&message[..cut]), record(&message[cut..])].concat();
        assert!(is_hello(&stream));
        let Finding::Found(hello) = hello_from_records(&stream) else { panic!("cut at {cut}") };
        assert_eq!(hello.server_name.as_deref(), Some("video.example"));
        assert_eq!(hello.protocol.as_deref(), Some("h2"));
    }
}

#[test]
fn a_hello_that_is_not_whole_is_waited_for() {
    let stream = record(&ordinary());
    for length in 0..stream.len() {
        assert_eq!(hello_from_records(&stream[..length]), Finding::Unfinished, "{length} bytes");
        assert!(length == 0 || is_hello(&stream[..length]));
    }
}

#[test]
fn what_contradicts_itself_says_nothing() {
    let whole = ordinary();
    // Each length in turn promises more than there is: session, ciphers, compression, extensions, one, its list, a name.
    for place in [38, 39, 45, 47, 51, 53, 56] {
        let mut message = whole.clone();
        message[place] = 0xff;
        assert_eq!(hello_from_message(&message), Finding::Nothing, "byte {place}");
    }
    assert_eq!(hello_from_message(&[2, 0, 0, 1, 0]), Finding::Nothing, "a ServerHello");
    assert_eq!(hello_from_message(&[1, 0xff, 0xff, 0xff]), Finding::Nothing, "longer than is put together");
    assert_eq!(hello_from_records(b"\x17\x03\x03\x00\x01a"), Finding::Nothing, "data");
    assert_eq!(hello_from_records(b"\x16\x03\x03\x00\x00"), Finding::Nothing, "an empty record");
}

#[test]
fn a_name_that_is_none_leaves_the_rest() {
    let Finding::Found(hello) = hello_from_message(&message(&[1], &[server_name(b"a b"), alpn(b"\x3a\x3a")])) else {
        panic!("a hello is a hello without a name")
    };
    assert_eq!((hello.server_name, hello.protocol), (None, None));
}

#[test]
fn a_hello_without_extensions_is_one() {
    let body = [&[3, 1][..], &[7; 32], &[0], &listed(&numbers(&[0x2f])), &[1, 0]].concat();
    let Finding::Found(hello) = hello_from_message(&[&[1, 0, 0, body.len() as u8], &body[..]].concat()) else {
        panic!("it is whole")
    };
    assert_eq!(hello.fingerprint(Carrier::Tcp), "t10i010000_ba72b8082249_000000000000");
}

#[test]
fn the_fingerprint_is_that_of_its_authors_example() {
    // The values of the example in the description of JA4, with GREASE and an order of our own.
    let ciphers = [
        0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
        0x002f, 0x0035,
    ];
    let signatures = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
    let mut extensions = vec![
        extension(0xfafa, &[]),
        server_name(b"example.org"),
        alpn(b"h2"),
        extension(13, &listed(&numbers(&signatures))),
        extension(43, &[&[6][..], &numbers(&[0x7a7a, 0x0304, 0x0303])].concat()),
    ];
    extensions.extend([0xff01, 0x4469, 51, 45, 35, 27, 23, 21, 18, 11, 10, 5].map(|kind| extension(kind, &[])));
    let Finding::Found(hello) = hello_from_message(&message(&ciphers, &extensions)) else { panic!("a hello") };
    assert_eq!(hello.fingerprint(Carrier::Tcp), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    assert_eq!(hello.fingerprint(Carrier::Quic), "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

const IDS: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];
const VERSIONS: [u32; 2] = [1, 0x6b33_43cf];

/// What both ends agree on, by the examples of RFC 9001, appendix A.1, and RFC 9369, appendix A.1.
#[test]
fn keys_are_those_of_the_standards() {
    let expected = [
        ("1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2"),
        ("8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9"),
    ];
    for (version, (key, iv, header)) in VERSIONS.into_iter().zip(expected) {
        let derived = testing::derive(version, &IDS).map(|bytes| hex(&bytes));
        assert_eq!(derived, [key, iv, header]);
    }
}

fn hex(bytes: &[u8]) -> String {
    format!("{bytes:02x?}").replace([' ', ',', '[', ']'], "")
}

/// An Initial packet as a client seals it.
fn sealed(version: u32, ids: &[u8], number: u8, frames: &[u8]) -> Vec<u8> {
    let [key, iv, header_key] = testing::derive(version, ids);
    let first = if version == 1 { 0xc0 } else { 0xd0 };
    let mut plain = frames.to_vec();
    plain.resize(plain.len().max(1162), 0);
    let length = (1 + plain.len() + 16) as u16 | 0x4000;
    let mut header = [&[first][..], &version.to_be_bytes(), &[ids.len() as u8], ids, &[0, 0]].concat();
    header.extend(length.to_be_bytes());
    let number_at = header.len();
    header.push(number);
    let mut nonce: [u8; 12] = iv.try_into().unwrap();
    nonce[11] ^= number;
    let cipher = aes_gcm::Aes128Gcm::new_from_slice(&key).unwrap();
    let tag = cipher.encrypt_in_place_detached(&nonce.into(), &header, &mut plain).unwrap();
    let mut packet = [&header[..], &plain, &tag].concat();
    testing::protect(&mut packet, number_at, &header_key);
    packet
}

fn crypto(offset: usize, piece: &[u8]) -> Vec<u8> {
    let words = [0x4000 | offset as u16, 0x4000 | piece.len() as u16];
    [&[6][..], &numbers(&words), piece].concat()
}

fn opened(keys: &InitialKeys, datagram: &[u8], stream: &mut Stream) -> bool {
    keys.open(datagram, |frames| {
        for (offset, piece) in crypto_frames(frames) {
            assert!(stream.put(offset, piece));
        }
    })
}

#[test]
fn a_hello_is_put_together_from_frames_and_packets_in_any_order() {
    let message = ordinary();
    let (front, back) = message.split_at(40);
    // An acknowledgment with two ranges and a ping stand between.
    let acknowledgment = [2, 5, 0, 1, 0, 0, 0, 1];
    for version in VERSIONS {
        let late = sealed(version, &IDS, 0, &[crypto(40, back), acknowledgment.to_vec()].concat());
        let early = sealed(version, &IDS, 1, &[&[1][..], &crypto(20, &front[20..]), &crypto(0, front)].concat());
        assert!(is_initial(&late));
        let keys = InitialKeys::of_datagram(&late).unwrap();
        let mut stream = Stream::default();
        assert!(opened(&keys, &late, &mut stream));
        assert_eq!(hello_from_message(stream.beginning()), Finding::Unfinished);
        assert!(opened(&keys, &early, &mut stream));
        let Finding::Found(hello) = hello_from_message(stream.beginning()) else { panic!("version {version}") };
        assert_eq!(hello.server_name.as_deref(), Some("video.example"));
    }
}

#[test]
fn packets_that_share_a_datagram_are_all_opened() {
    let message = ordinary();
    let both = [sealed(1, &IDS, 0, &crypto(0, &message[..9])), sealed(1, &IDS, 1, &crypto(9, &message[9..]))].concat();
    let mut stream = Stream::default();
    assert!(opened(&InitialKeys::of_datagram(&both).unwrap(), &both, &mut stream));
    assert_eq!(stream.beginning(), message);
}

#[test]
fn no_byte_can_be_changed_unnoticed() {
    let honest = sealed(1, &IDS, 0, &crypto(0, &ordinary()));
    let keys = InitialKeys::of_datagram(&honest).unwrap();
    for place in 0..honest.len() {
        let mut forged = honest.clone();
        forged[place] ^= 1;
        let keys = if (6..14).contains(&place) { InitialKeys::of_datagram(&forged).unwrap() } else { continue };
        assert!(!keys.open(&forged, |_| panic!("opened with byte {place} changed")));
    }
    for place in (14..honest.len()).step_by(7) {
        let mut forged = honest.clone();
        forged[place] ^= 1;
        assert!(!keys.open(&forged, |_| panic!("opened with byte {place} changed")));
    }
    assert!((0..honest.len()).all(|length| !keys.open(&honest[..length], |_| panic!("opened {length} bytes"))));
}

#[test]
fn other_versions_and_packets_are_left_alone() {
    let initial = sealed(1, &IDS, 0, &crypto(0, &ordinary()));
    for (place, value) in [(0, 0x40), (0, 0x80), (0, 0xd0), (0, 0xf0), (4, 2)] {
        let mut other = initial.clone();
        other[place] = value;
        assert!(!is_initial(&other), "byte {place} as {value:#x}");
        assert!(InitialKeys::of_datagram(&other).is_none());
    }
}

fn dns_name(name: &str) -> Vec<u8> {
    let labels = name.split('.').flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat());
    labels.chain([0]).collect()
}

fn dns_record(kind: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    [&[0xc0, 12][..], &numbers(&[kind, 1]), &ttl.to_be_bytes(), &listed(data)].concat()
}

fn dns_answer(flags: u16, records: &[Vec<u8>]) -> Vec<u8> {
    let header = numbers(&[7, flags, 1, records.len() as u16, 0, 0]);
    [header, dns_name("WWW.Example.org"), numbers(&[1, 1]), records.concat()].concat()
}

#[test]
fn an_answer_tells_the_name_that_was_asked_and_the_shortest_time() {
    let records = [
        dns_record(5, 300, &dns_name("edge.example.net")),
        dns_record(1, 20, &[192, 0, 2, 1]),
        dns_record(28, 60, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        dns_record(16, 1, b"\x04text"),
    ];
    let answer = answer_from_message(&dns_answer(0x8180, &records)).unwrap();
    assert_eq!((answer.id, answer.name.as_str()), (7, "www.example.org"));
    assert_eq!(answer.addresses.iter().map(|told| told.ttl_seconds).collect::<Vec<_>>(), [20, 20]);
    assert_eq!(answer.addresses[0].address[10..], [0xff, 0xff, 192, 0, 2, 1]);
    assert_eq!(answer.addresses[1].address[..4], [0x20, 1, 0xd, 0xb8]);
}

#[test]
fn what_is_no_answer_tells_nothing() {
    let address = [dns_record(1, 20, &[192, 0, 2, 1])];
    let whole = dns_answer(0x8180, &address);
    assert_eq!(question_id(&dns_answer(0x0100, &[])), Some(7));
    assert_eq!(question_id(&whole), None);
    assert_eq!(answer_from_message(&dns_answer(0x0100, &address)), None, "a question");
    assert_eq!(answer_from_message(&dns_answer(0x8183, &address)), None, "no such name");
    assert_eq!(answer_from_message(&dns_answer(0x8180, &[])), None, "nothing found");
    assert!((0..whole.len()).all(|length| answer_from_message(&whole[..length]).is_none()));
    // A name that points at itself, and one that points forward.
    for pointer in [12, 14] {
        let mut looped = whole.clone();
        looped[12..14].copy_from_slice(&[0xc0, pointer]);
        assert_eq!(answer_from_message(&looped), None);
    }
}

#[test]
fn a_question_is_one_of_the_internets_names_and_whole() {
    let question = dns_answer(0x0100, &[]);
    assert!(is_question(&question));
    assert!((0..question.len()).all(|length| !is_question(&question[..length])));
    for (place, value) in [(2, 0x81), (2, 0x28), (5, 2), (7, 1), (9, 1), (question.len() - 1, 3)] {
        let mut other = question.clone();
        other[place] = value;
        assert!(!is_question(&other), "byte {place} as {value:#x}");
    }
    assert!(!is_question(b"GET / HTTP/1.1\r\n\r\n"));
}

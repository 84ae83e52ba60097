use super::*;
use crate::address::address_from_v4;

const CREATED: u16 = 0x600;
const PART: u16 = 0x2;
const CLIENT: [u8; 4] = [10, 0, 0, 5];
const SERVER: [u8; 4] = [203, 0, 113, 10];
const PUBLIC: [u8; 4] = [198, 51, 100, 1];

/// An attribute, padded.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = ((4 + value.len()) as u16).to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn nested(kind: u16, values: &[Vec<u8>]) -> Vec<u8> {
    attribute(kind | 0x8000, &values.concat())
}

fn tuple(kind: u16, src: [u8; 4], src_port: u16, dst: [u8; 4], dst_port: u16) -> Vec<u8> {
    let addresses = nested(1, &[attribute(1, &src), attribute(2, &dst)]);
    let ports = [attribute(2, &src_port.to_be_bytes()), attribute(3, &dst_port.to_be_bytes())];
    let transport = nested(2, &[vec![attribute(1, &[6])], ports.to_vec()].concat());
    nested(kind, &[addresses, transport])
}

fn message(kind: u16, flags: u16, attributes: &[Vec<u8>]) -> Vec<u8> {
    let body = attributes.concat();
    let mut bytes = ((20 + body.len()) as u32).to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend([2, 0, 0, 0]);
    bytes.extend(body);
    bytes
}

fn ends() -> Vec<Vec<u8>> {
    vec![tuple(1, CLIENT, 40_000, SERVER, 80), tuple(2, SERVER, 80, PUBLIC, 30_084)]
}

fn only(bytes: &[u8]) -> Message {
    let mut found = messages(bytes);
    let first = found.next().unwrap();
    assert_eq!(found.next(), None);
    first
}

#[test]
fn both_directions_of_a_translated_connection_are_read() {
    let Message::Created(connection) = only(&message(0x100, CREATED, &ends())) else { panic!("it is new") };
    assert!(connection.is_translated());
    assert_eq!(connection.original.src, address_from_v4(CLIENT));
    assert_eq!((connection.original.src_port, connection.original.dst_port), (40_000, 80));
    assert_eq!(connection.reply.dst, address_from_v4(PUBLIC));
    assert_eq!((connection.reply.dst_port, connection.reply.protocol), (30_084, 6));
}

#[test]
fn the_kind_says_what_happened() {
    assert!(matches!(only(&message(0x100, 0, &ends())), Message::Changed(_)));
    assert!(matches!(only(&message(0x102, 0, &ends())), Message::Gone(_)));
    assert!(matches!(only(&message(0x100, PART, &ends())), Message::Listed(_)));
    assert_eq!(only(&message(0x103, 0, &[])), Message::Other);
    assert_eq!(only(&message(3, PART, &[])), Message::ListEnd);
}

#[test]
fn counters_times_and_the_number_are_read() {
    let number = |value: u64| value.to_be_bytes();
    let counted = |kind| nested(kind, &[attribute(1, &number(3)), attribute(2, &number(180))]);
    let life = nested(20, &[attribute(1, &number(7)), attribute(2, &number(9))]);
    let more = vec![counted(9), counted(10), life, attribute(12, &[0, 0, 1, 0]), attribute(27, &number(11))];
    let Message::Gone(connection) = only(&message(0x102, 0, &[ends(), more].concat())) else { panic!("it is gone") };
    assert_eq!(connection.counted_original, Some(Counted { packets: 3, bytes: 180 }));
    assert_eq!(connection.counted_reply, connection.counted_original);
    assert_eq!((connection.start, connection.stop, connection.time), (Some(7), Some(9), Some(11)));
    assert_eq!(connection.id, 256);
}

#[test]
fn a_refusal_tells_its_error_number() {
    let mut bytes = message(2, 0, &[]);
    bytes[16..20].copy_from_slice(&(-1_i32).to_ne_bytes());
    assert_eq!(only(&bytes), Message::Refused(1));
}

#[test]
fn several_messages_of_one_read_are_told_apart() {
    let bytes = [message(0x100, CREATED, &ends()), message(0x102, 0, &ends())].concat();
    let kinds: Vec<bool> = messages(&bytes).map(|message| matches!(message, Message::Gone(_))).collect();
    assert_eq!(kinds, [false, true]);
}

#[test]
fn every_cut_is_malformed_or_whole_and_never_more() {
    let whole = message(0x100, CREATED, &ends());
    for length in 1..whole.len() {
        assert_eq!(only(&whole[..length]), Message::Malformed, "{length} bytes");
    }
    // A length of its own that ends within an attribute.
    for length in 20..whole.len() {
        let mut cut = whole[..length].to_vec();
        cut[..4].copy_from_slice(&(length as u32).to_ne_bytes());
        assert_eq!(only(&cut), Message::Malformed, "{length} bytes");
    }
}

#[test]
fn a_connection_without_translation_is_known_as_such() {
    let plain = [tuple(1, CLIENT, 40_000, SERVER, 80), tuple(2, SERVER, 80, CLIENT, 40_000)];
    let Message::Created(connection) = only(&message(0x100, CREATED, &plain)) else { panic!("it is new") };
    assert!(!connection.is_translated());
}

#[test]
fn the_request_is_a_message_of_its_own() {
    assert_eq!(only(&dump_request()), Message::Other);
}

use arrow_array::{Array, RecordBatch, cast::AsArray, types::*};

use super::*;
use crate::{
    address::{Address, address_from_v4},
    schema::Field,
};

const PUBLIC: Address = address([198, 51, 100, 1]);
const TCP: u8 = 6;
const ICMP: u8 = 1;

const fn address(octets: [u8; 4]) -> Address {
    let [a, b, c, d] = octets;
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d]
}

fn translations() -> Translations {
    Translations::new(TranslationLimits { maximum_translations: 100, keep: 60 * SECOND, with_events: true })
}

/// A connection of host 10.0.0.`host`, translated to a public port.
fn connection(id: u32, host: u8, port: u16) -> Connection {
    let original = Tuple {
        src: address_from_v4([10, 0, 0, host]),
        dst: address_from_v4([203, 0, 113, 10]),
        src_port: 40_000,
        dst_port: 80,
        protocol: TCP,
    };
    let reply = Tuple { dst: PUBLIC, dst_port: port, ..original.inverted() };
    Connection { id, original, reply, ..Connection::default() }
}

/// (event, start, end) of each in seconds.
fn events(translations: &mut Translations) -> Vec<(u8, i64, i64)> {
    let Some(batch) = translations.drain(0) else { return Vec::new() };
    let rows = batch.records();
    let kinds = rows.column_by_name("nat_event").unwrap().as_primitive::<UInt8Type>();
    let (starts, ends) = (instants(rows, "start"), instants(rows, "end"));
    assert_eq!(rows.column_by_name("bytes").unwrap().null_count(), rows.num_rows());
    (0..rows.num_rows()).map(|row| (kinds.value(row), starts[row], ends[row])).collect()
}

fn instants(rows: &RecordBatch, name: &str) -> Vec<i64> {
    let column = rows.column_by_name(name).unwrap().as_primitive::<TimestampNanosecondType>();
    column.values().iter().map(|time| time / SECOND).collect()
}

#[test]
fn a_flow_finds_its_other_side_from_each_direction_and_side() {
    let mut known = translations();
    let connection = connection(1, 5, 30_084);
    known.create(&connection, 100 * SECOND);
    let (inside, outside) = (connection.original, connection.reply.inverted());
    let find = |flow: &Tuple| known.find(flow, 100 * SECOND, 101 * SECOND);
    assert_eq!(find(&inside), Some(outside));
    assert_eq!(find(&outside), Some(inside));
    assert_eq!(find(&inside.inverted()), Some(outside.inverted()));
    assert_eq!(find(&outside.inverted()), Some(inside.inverted()));
    assert_eq!(find(&Tuple { src_port: 1, ..inside }), None);
}

#[test]
fn a_flow_gets_the_translation_of_its_own_time() {
    let mut known = translations();
    let (first, second) = (connection(1, 5, 1_024), connection(2, 5, 1_025));
    known.create(&first, 100 * SECOND);
    known.delete(&first, 110 * SECOND);
    known.create(&second, 120 * SECOND);
    let port = |start, end| Some(known.find(&first.original, start * SECOND, end * SECOND)?.src_port);
    assert_eq!(port(100, 109), Some(1_024));
    assert_eq!(port(120, 125), Some(1_025));
    assert_eq!(port(112, 115), None);
    assert_eq!(port(90, 95), None);
}

#[test]
fn two_hosts_that_held_one_public_port_are_told_apart_by_time() {
    let mut known = translations();
    let (ann, bob) = (connection(1, 5, 1_024), connection(2, 6, 1_024));
    known.create(&ann, 100 * SECOND);
    known.delete(&ann, 110 * SECOND);
    known.create(&bob, 130 * SECOND);
    let host = |start| known.find(&ann.reply, start * SECOND, start * SECOND).map(|inside| inside.dst);
    assert_eq!(host(105), Some(ann.original.src));
    assert_eq!(host(135), Some(bob.original.src));
}

#[test]
fn what_ended_is_kept_for_the_time_given_and_then_forgotten_from_the_middle_of_a_chain() {
    let mut known = translations();
    for (id, host, at) in [(1, 5, 100), (2, 6, 110), (3, 7, 120)] {
        known.create(&connection(id, host, 1_024), at * SECOND);
        known.delete(&connection(id, host, 1_024), (at + 5) * SECOND);
    }
    assert_eq!(known.open(), 0);
    known.feed(&[], 171 * SECOND);
    let reply = connection(1, 5, 1_024).reply;
    let host = |at| known.find(&reply, at * SECOND, at * SECOND).map(|inside| inside.dst[15]);
    assert_eq!([host(102), host(112), host(122)], [None, Some(6), Some(7)]);
    known.feed(&[], 200 * SECOND);
    assert_eq!(known.find(&reply, 122 * SECOND, 122 * SECOND), None);
}

#[test]
fn beginnings_and_ends_are_events_at_their_own_times() {
    let mut known = translations();
    let of = |start, stop| Connection { start, stop, ..connection(1, 5, 1_024) };
    known.create(&of(Some(99 * SECOND), None), 100 * SECOND);
    known.delete(&of(Some(99 * SECOND), Some(105 * SECOND)), 107 * SECOND);
    // Told twice.
    known.delete(&of(Some(99 * SECOND), Some(105 * SECOND)), 108 * SECOND);
    assert_eq!(events(&mut known), [(4, 99, 99), (5, 105, 105)]);
    assert_eq!(events(&mut known), []);
    known.create(&connection(2, 6, 1_025), 120 * SECOND);
    let fast = known.drain(300 * SECOND).unwrap();
    assert_eq!(instants(fast.records(), "start"), [420]);
    assert_eq!((known.counters().created, known.counters().deleted), (2, 1));
}

#[test]
fn a_list_after_an_overrun_puts_right_what_was_missed() {
    let mut known = translations();
    let (stays, ends, begins) = (connection(1, 5, 1_024), connection(2, 6, 1_025), connection(3, 7, 1_026));
    known.create(&stays, 100 * SECOND);
    known.create(&ends, 100 * SECOND);
    events(&mut known);
    known.overrun(7, 110 * SECOND, 112 * SECOND);
    known.begin_list(112 * SECOND);
    known.list(&stays, 113 * SECOND);
    known.list(&begins, 113 * SECOND);
    known.end_list(114 * SECOND);
    assert_eq!(events(&mut known), [(4, 110, 113), (5, 110, 114)]);
    assert_eq!((known.counters().overruns, known.counters().lost, known.open()), (1, 7, 2));
    assert_eq!(known.gap(), Some((110 * SECOND, 112 * SECOND)));
    let begun = known.find(&begins.original, 113 * SECOND, 120 * SECOND);
    assert_eq!(begun, Some(begins.reply.inverted()));
    assert_eq!(known.find(&ends.original, 120 * SECOND, 121 * SECOND), None);
}

#[test]
fn what_was_there_before_us_is_known_but_its_beginning_is_no_event_unless_told() {
    let mut known = translations();
    let told = Connection { start: Some(50 * SECOND), ..connection(2, 6, 1_025) };
    known.begin_list(100 * SECOND);
    known.list(&connection(1, 5, 1_024), 100 * SECOND);
    known.list(&told, 100 * SECOND);
    known.end_list(100 * SECOND);
    assert_eq!(events(&mut known), [(4, 50, 50)]);
    assert!(known.has_silent());
    known.begin_list(130 * SECOND);
    known.end_list(130 * SECOND);
    assert_eq!(events(&mut known), [(5, 100, 130), (5, 100, 130)]);
    assert!(!known.has_silent());
}

#[test]
fn one_that_ended_while_the_list_was_read_does_not_come_back() {
    let mut known = translations();
    known.create(&connection(1, 5, 1_024), 100 * SECOND);
    known.begin_list(110 * SECOND);
    known.delete(&connection(1, 5, 1_024), 111 * SECOND);
    known.list(&connection(1, 5, 1_024), 112 * SECOND);
    known.end_list(112 * SECOND);
    assert_eq!(known.open(), 0);
    assert_eq!(known.counters().created, 1);
}

#[test]
fn one_that_a_list_told_first_begins_once_and_its_end_is_expected() {
    let mut known = translations();
    let begun = Connection { start: Some(99 * SECOND), ..connection(1, 5, 1_024) };
    known.begin_list(100 * SECOND);
    known.list(&begun, 100 * SECOND);
    known.end_list(100 * SECOND);
    known.create(&begun, 101 * SECOND);
    assert_eq!((events(&mut known), known.has_silent()), (vec![(4, 99, 99)], false));
}

#[test]
fn a_full_table_forgets_what_ended_and_then_leaves_out_what_begins() {
    let mut known =
        Translations::new(TranslationLimits { maximum_translations: 2, keep: 60 * SECOND, with_events: true });
    known.create(&connection(1, 5, 1_024), SECOND);
    known.create(&connection(2, 6, 1_025), SECOND);
    known.delete(&connection(1, 5, 1_024), 2 * SECOND);
    known.create(&connection(3, 7, 1_026), 3 * SECOND);
    known.create(&connection(4, 8, 1_027), 3 * SECOND);
    assert_eq!((known.open(), known.counters().left_out, known.counters().created), (2, 1, 4));
    assert_eq!(known.find(&connection(1, 5, 1_024).original, SECOND, SECOND), None);
    assert!(known.find(&connection(3, 7, 1_026).original, 3 * SECOND, 3 * SECOND).is_some());
}

#[test]
fn a_ping_is_found_from_inside_only() {
    let mut known = translations();
    let ping = |id, host| {
        let mut ping = connection(id, host, 0);
        for tuple in [&mut ping.original, &mut ping.reply] {
            *tuple = Tuple { protocol: ICMP, ..*tuple }.normalised();
        }
        ping
    };
    known.create(&ping(1, 5), SECOND);
    known.create(&ping(2, 6), SECOND);
    let (ann, bob) = (ping(1, 5).original, ping(2, 6).original);
    assert_eq!(known.find(&ann, SECOND, SECOND).map(|outside| outside.src), Some(PUBLIC));
    assert_eq!(known.find(&bob.inverted(), SECOND, SECOND).map(|outside| outside.dst), Some(PUBLIC));
    assert_eq!(known.find(&ping(1, 5).reply, SECOND, SECOND), None);
}

#[test]
fn rows_of_flows_tell_only_what_is_another_on_the_other_side() {
    let mut known = translations();
    let plain = connection(1, 5, 30_084);
    known.create(&plain, 100 * SECOND);
    let rows: [(Address, u16, Address, u16); 3] = [
        (plain.original.src, 40_000, plain.original.dst, 80),
        (plain.original.dst, 80, plain.original.src, 40_000),
        (plain.original.src, 1, plain.original.dst, 80),
    ];
    let mut columns = crate::columns::FlowColumns::default();
    for (src, src_port, dst, dst_port) in rows {
        columns.fill_address(Field::SrcAddr, 1, src);
        columns.fill_address(Field::DstAddr, 1, dst);
        columns.fill_u64(Field::SrcPort, 1, src_port.into());
        columns.fill_u64(Field::DstPort, 1, dst_port.into());
        columns.fill_u64(Field::Protocol, 1, TCP.into());
        // Metered by a clock that is five minutes fast.
        columns.fill_u64(Field::Start, 1, (400 * SECOND) as u64);
        columns.fill_u64(Field::End, 1, (401 * SECOND) as u64);
        columns.end_rows(1);
    }
    let batch = known.translate(&columns.take().unwrap(), 300 * SECOND);
    let rows = batch.records();
    let ports = |name| rows.column_by_name(name).unwrap().as_primitive::<UInt16Type>().iter().collect::<Vec<_>>();
    assert_eq!(ports("nat_src_port"), [Some(30_084), None, None]);
    assert_eq!(ports("nat_dst_port"), [None, Some(30_084), None]);
    let addresses = |name| rows.column_by_name(name).unwrap().as_fixed_size_binary().clone();
    assert_eq!(addresses("nat_src_addr").value(0), PUBLIC);
    assert_eq!(addresses("nat_dst_addr").value(1), PUBLIC);
    assert_eq!((addresses("nat_src_addr").null_count(), addresses("nat_dst_addr").null_count()), (2, 2));
}

#[test]
fn the_kernels_counts_of_what_ended_are_summed() {
    let mut known = translations();
    let counted = |packets, bytes| Some(crate::conntrack::Counted { packets, bytes });
    let ended =
        Connection { counted_original: counted(3, 200), counted_reply: counted(2, 900), ..connection(1, 5, 1_024) };
    known.delete(&ended, SECOND);
    assert_eq!((known.counters().packets, known.counters().bytes), (5, 1_100));
}

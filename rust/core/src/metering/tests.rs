use std::collections::HashMap;

use arrow_array::{Array, RecordBatch, cast::AsArray, types::*};

use super::*;
use crate::time::SECOND;

const ACK: u8 = 0x10;
const FIN: u8 = 0x01;
const RST: u8 = 0x04;
const SYN: u8 = 0x02;

fn limits() -> Limits {
    Limits { active_timeout: 60 * SECOND, idle_timeout: 15 * SECOND, maximum_flows: 1_000 }
}

/// A raw IPv4 packet of 100 bytes; `fragment` is the raw flags and offset.
fn ip(src: u32, protocol: u8, fragment: u16, transport: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 100, 0, 9];
    packet.extend(fragment.to_be_bytes());
    packet.extend([64, protocol, 0, 0]);
    packet.extend(src.to_be_bytes());
    packet.extend([10, 0, 0, 2]);
    packet.extend(transport);
    packet.resize(100, 0);
    packet
}

fn tcp(flags: u8) -> Vec<u8> {
    ip(1, 6, 0, &[0xc0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags])
}

fn udp(src: u32, src_port: u16) -> Vec<u8> {
    ip(src, 17, 0, &[&src_port.to_be_bytes()[..], &[0, 53]].concat())
}

fn feed(meter: &mut Meter, time: i64, data: &[u8]) {
    meter.feed(&Frame { timestamp: time, link_type: 101, data, original_length: data.len() as u32 });
}

/// (start in seconds, end, packets, reason) of each flow that ended.
fn drain(meter: &mut Meter) -> Vec<(i64, i64, u64, u8)> {
    let Some(batch) = meter.drain() else { return Vec::new() };
    let rows = batch.records();
    let times = |name| instants(rows, name);
    let packets = rows.column_by_name("packets").unwrap().as_primitive::<UInt64Type>().values().to_vec();
    let reasons = rows.column_by_name("flow_end_reason").unwrap().as_primitive::<UInt8Type>().values().to_vec();
    (0..rows.num_rows()).map(|row| (times("start")[row], times("end")[row], packets[row], reasons[row])).collect()
}

fn instants(rows: &RecordBatch, name: &str) -> Vec<i64> {
    let column = rows.column_by_name(name).unwrap().as_primitive::<TimestampNanosecondType>();
    column.values().iter().map(|time| time / SECOND).collect()
}

#[test]
fn silence_ends_a_flow_and_the_next_packet_begins_another() {
    let mut meter = Meter::new(limits());
    for second in [0, 14, 28, 43] {
        feed(&mut meter, second * SECOND, &udp(1, 5));
    }
    assert_eq!(drain(&mut meter), [(0, 28, 3, 1)]);
    assert_eq!(meter.span(), Some((0, 43 * SECOND)));
    meter.close();
    assert_eq!(drain(&mut meter), [(43, 43, 1, 4)]);
}

#[test]
fn all_flows_of_a_capture_are_told_however_many_end() {
    let flows = 2 * ROWS as u32 + 7;
    let mut capture = [&[0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0][..], &[0; 8], &[0, 0, 1, 0, 101, 0, 0, 0]].concat();
    for second in 0..flows {
        capture.extend([second, 0, 100, 100].map(u32::to_le_bytes).concat());
        capture.extend(udp(second, 5));
    }
    let mut meter = Meter::new(limits());
    let mut capture = Capture::open(&capture[..]).unwrap();
    while meter.read(&mut capture, usize::MAX) > 0 {}
    meter.close();
    assert_eq!(meter.counters().flows, 0, "nobody has taken them");
    let mut starts: Vec<_> = drain(&mut meter).into_iter().map(|(start, ..)| start).collect();
    starts.sort_unstable();
    assert!(starts.into_iter().eq(0..i64::from(flows)));
    assert_eq!(meter.counters().flows, u64::from(flows));
}

#[test]
fn silent_flows_end_while_others_talk() {
    let mut meter = Meter::new(limits());
    feed(&mut meter, 0, &udp(1, 5));
    for second in 0..40 {
        feed(&mut meter, second * SECOND, &udp(2, 5));
    }
    assert_eq!(drain(&mut meter), [(0, 0, 1, 1)]);
    assert_eq!(meter.counters().open_flows, 1);
}

#[test]
fn the_active_timeout_is_checked_before_a_packet_is_added() {
    let mut meter = Meter::new(limits());
    for second in (0..=120).step_by(10) {
        feed(&mut meter, second * SECOND, &udp(1, 5));
    }
    assert_eq!(drain(&mut meter), [(0, 50, 6, 2), (60, 110, 6, 2)]);
}

#[test]
fn fin_ends_a_flow_after_its_last_acknowledgement() {
    let mut meter = Meter::new(limits());
    for (milliseconds, flags) in [(0, SYN), (10, ACK), (20, FIN | ACK), (30, ACK)] {
        feed(&mut meter, milliseconds * SECOND / 1000, &tcp(flags));
    }
    feed(&mut meter, 3 * SECOND, &udp(9, 9));
    assert_eq!(drain(&mut meter), [(0, 0, 4, 3)]);
}

#[test]
fn a_new_connection_on_the_same_ports_is_a_new_flow() {
    let mut meter = Meter::new(limits());
    for (milliseconds, flags) in [(0, SYN), (10, FIN | ACK), (20, SYN), (30, ACK)] {
        feed(&mut meter, milliseconds * SECOND / 1000, &tcp(flags));
    }
    assert_eq!(drain(&mut meter), [(0, 0, 2, 3)]);
    meter.close();
    assert_eq!(drain(&mut meter), [(0, 0, 2, 4)]);
}

/// The same packet on the way back.
fn reversed(packet: &[u8]) -> Vec<u8> {
    let [src, dst] = [&packet[12..16], &packet[16..20]];
    let [src_port, dst_port] = [&packet[20..22], &packet[22..24]];
    [&packet[..12], dst, src, dst_port, src_port, &packet[24..]].concat()
}

#[test]
fn both_flows_of_a_connection_tell_of_it_also_that_of_one_packet() {
    for server_packets in [1, 2] {
        let mut meter = Meter::new(limits());
        feed(&mut meter, 0, &tcp(SYN));
        feed(&mut meter, 3, &reversed(&tcp(SYN | ACK)));
        feed(&mut meter, 5, &tcp(ACK));
        for _ in 1..server_packets {
            feed(&mut meter, 6, &reversed(&tcp(ACK)));
        }
        meter.close();
        let batch = meter.drain().unwrap();
        let told = batch.records().column_by_name("tcp_rtt").unwrap().as_primitive::<Int64Type>();
        assert_eq!(told.iter().collect::<Vec<_>>(), [Some(5); 2]);
        assert_eq!(meter.cache.connections.used(), 0, "its place is free again");
    }
}

#[test]
fn an_answer_to_who_asked_twice_is_timed_though_it_is_the_only_packet_of_its_flow() {
    let mut meter = Meter::new(limits());
    for (time, packet) in [(0, tcp(SYN)), (10, tcp(SYN)), (13, reversed(&tcp(SYN | ACK))), (15, tcp(ACK))] {
        feed(&mut meter, time, &packet);
    }
    meter.close();
    let batch = meter.drain().unwrap();
    let told = |name| {
        let column = batch.records().column_by_name(name).unwrap().as_primitive::<Int64Type>();
        column.iter().collect::<Vec<_>>()
    };
    assert_eq!(told("tcp_rtt_client"), [Some(2); 2]);
    assert_eq!(told("tcp_rtt_server"), [None; 2], "it may be the answer to either");
    assert_eq!(meter.cache.connections.used(), 0);
}

#[test]
fn a_client_that_was_refused_and_asks_again_is_timed_whenever_its_first_answer_ended() {
    for silence in [0, 2 * SECOND] {
        let mut meter = Meter::new(limits());
        feed(&mut meter, 0, &tcp(SYN));
        feed(&mut meter, 3, &reversed(&tcp(RST | ACK)));
        feed(&mut meter, 5, &tcp(SYN));
        feed(&mut meter, silence + 7, &udp(9, 9));
        feed(&mut meter, silence + 10, &reversed(&tcp(SYN | ACK)));
        feed(&mut meter, silence + 12, &tcp(ACK));
        meter.close();
        let batch = meter.drain().unwrap();
        let rows = batch.records();
        let flags = rows.column_by_name("tcp_flags").unwrap().as_primitive::<UInt16Type>();
        let told = rows.column_by_name("tcp_rtt_client").unwrap().as_primitive::<Int64Type>();
        let mut found: Vec<_> = flags.iter().zip(told).filter_map(|(flags, told)| Some((flags?, told?))).collect();
        found.sort_unstable();
        assert_eq!(found, [(u16::from(SYN | ACK), 2); 2], "after {silence} ns: {flags:?} {told:?}");
        assert_eq!(meter.cache.connections.used(), 0);
    }
}

#[test]
fn who_talks_with_himself_leaves_nothing_behind() {
    let mut meter = Meter::new(limits());
    let mut question = ip(1, 17, 0, &[0, 53, 0, 53, 0, 80, 0, 0]);
    question.copy_within(12..16, 16);
    for second in 0..3 {
        feed(&mut meter, second * SECOND, &question);
    }
    assert_eq!(meter.cache.connections.used(), 1);
    meter.close();
    assert_eq!(drain(&mut meter), [(0, 2, 3, 4)]);
    assert_eq!(meter.cache.connections.used(), 0);
}

#[test]
fn a_full_table_gives_up_the_most_silent_flow() {
    let mut meter = Meter::new(Limits { maximum_flows: 2, ..limits() });
    for (second, source) in [(0, 1), (1, 2), (1, 2), (10, 1), (11, 3)] {
        feed(&mut meter, second * SECOND, &udp(source, 5));
    }
    assert_eq!(drain(&mut meter), [(1, 1, 2, 5)]);
    assert_eq!((meter.counters().emergencies, meter.counters().open_flows), (1, 2));
}

#[test]
fn later_fragments_join_the_first() {
    let mut meter = Meter::new(limits());
    feed(&mut meter, 0, &ip(1, 17, 0x2000, &[0, 5, 0, 53]));
    feed(&mut meter, 1, &ip(1, 17, 0x2003, &[]));
    feed(&mut meter, 2, &ip(1, 17, 0x0006, &[]));
    meter.close();
    assert_eq!(drain(&mut meter), [(0, 0, 3, 4)]);
    assert_eq!(meter.counters().orphan_fragments, 0);

    feed(&mut meter, 60 * SECOND, &ip(1, 17, 0x0006, &[]));
    assert_eq!(meter.counters().orphan_fragments, 1);
}

#[test]
fn a_row_says_what_the_packets_said() {
    let mut meter = Meter::new(limits());
    let frame = [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0, 42, 8, 0][..], &tcp(SYN)].concat();
    meter.feed(&Frame { timestamp: 1_500_000_001, link_type: 1, data: &frame, original_length: 118 });
    feed(&mut meter, 1_500_000_002, &udp(7, 5));
    meter.close();
    let batch = meter.drain().unwrap();
    let rows = batch.records();
    let column = |name| rows.column_by_name(name).unwrap();
    assert_eq!(column("start").as_primitive::<TimestampNanosecondType>().values()[..], [1_500_000_001, 1_500_000_002]);
    assert_eq!(column("src_addr").as_fixed_size_binary().value(1)[10..], [0xff, 0xff, 0, 0, 0, 7]);
    assert_eq!(column("dst_addr").as_fixed_size_binary().value(0)[10..], [0xff, 0xff, 10, 0, 0, 2]);
    assert_eq!(column("src_port").as_primitive::<UInt16Type>().values()[..], [0xc000, 5]);
    assert_eq!(column("dst_port").as_primitive::<UInt16Type>().values()[..], [80, 53]);
    assert_eq!(column("bytes").as_primitive::<UInt64Type>().values()[..], [100, 100]);
    assert_eq!(column("tcp_flags").as_primitive::<UInt16Type>().value(0), u16::from(SYN));
    assert!(column("tcp_flags").is_null(1), "UDP has no flags, and 0 would claim some");
    assert_eq!(column("vlan").as_primitive::<UInt16Type>().value(0), 42);
    assert!(column("vlan").is_null(1));
    assert_eq!(column("src_mac").as_fixed_size_binary().value(0), [2, 0, 0, 0, 0, 2]);
    assert_eq!(column("received").null_count(), 2);
}

#[test]
fn a_clock_that_is_ahead_stamps_what_it_sees_and_ends_flows_when_it_is_set_back() {
    let mut meter = Meter::new(limits());
    meter.set_clock_offset(300 * SECOND);
    feed(&mut meter, SECOND, &udp(1, 5));
    meter.pass(2 * SECOND);
    meter.set_clock_offset(0);
    assert_eq!(meter.counters().open_flows, 0);
    feed(&mut meter, 3 * SECOND, &udp(1, 5));
    meter.close();
    let batch = meter.drain().unwrap();
    let starts = batch.records().column_by_name("start").unwrap();
    assert_eq!(starts.as_primitive::<TimestampNanosecondType>().values()[..], [301 * SECOND, 3 * SECOND]);
}

#[test]
fn vlan_tags_keep_flows_apart() {
    let mut meter = Meter::new(limits());
    for tag in [&[0x81, 0, 0, 0][..], &[0x81, 0, 0, 1], &[]] {
        let frame = [&[0; 12][..], tag, &[8, 0], &udp(1, 5)].concat();
        meter.feed(&Frame { timestamp: 0, link_type: 1, data: &frame, original_length: 0 });
    }
    assert_eq!(meter.counters().open_flows, 3);
}

#[test]
fn no_packet_and_no_byte_is_lost_whatever_the_clock_does() {
    let mut meter = Meter::new(Limits { maximum_flows: 50, ..limits() });
    let (mut state, mut packets, mut octets) = (1_u64, 0, 0);
    for _ in 0..4_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let time = match state >> 60 {
            0 => i64::MIN / 2,
            1 => i64::MAX,
            _ => (state >> 20 & 0xff) as i64 * SECOND / 4,
        };
        let data =
            if state >> 50 & 1 == 0 { tcp((state >> 40) as u8 & 0x13) } else { udp((state >> 33) as u32 & 0x7f, 5) };
        feed(&mut meter, time, &data);
        if let Some(batch) = meter.drain() {
            packets += sum(batch.records(), "packets");
            octets += sum(batch.records(), "bytes");
        }
    }
    meter.close();
    let batch = meter.drain().unwrap();
    packets += sum(batch.records(), "packets");
    octets += sum(batch.records(), "bytes");
    assert_eq!((packets, octets), (4_000, 400_000));
    assert_eq!(meter.counters().open_flows, 0);
}

fn sum(rows: &RecordBatch, name: &str) -> u64 {
    rows.column_by_name(name).unwrap().as_primitive::<UInt64Type>().values().iter().sum()
}

#[test]
fn what_cannot_be_metered_is_counted_by_reason() {
    let mut meter = Meter::new(limits());
    for (link_type, data) in [(1, &[0; 60][..]), (999, &[0; 60]), (101, &[0x45]), (101, &[0x10; 60])] {
        meter.feed(&Frame { timestamp: 0, link_type, data, original_length: 60 });
    }
    let counters = meter.counters();
    assert_eq!((counters.not_ip, counters.unknown_link, counters.cut, counters.bad_header), (1, 1, 1, 1));
    assert_eq!(counters.packets, 0);
    assert!(meter.drain().is_none());
}

#[test]
fn an_open_tunnel_gives_flows_of_what_it_carries_and_no_byte_is_lost() {
    let inner = udp(1, 5);
    let mut outer = ip(7, 4, 0, &inner);
    outer.truncate(20);
    outer.extend(&inner);
    outer[3] = outer.len() as u8;
    for opens_tunnels in [false, true] {
        let mut meter = Meter::new(Settings { opens_tunnels, ..limits().into() });
        feed(&mut meter, 0, &outer);
        meter.close();
        let batch = meter.drain().unwrap();
        let source = batch.records().column_by_name("src_addr").unwrap().as_fixed_size_binary().value(0)[15];
        let counters = meter.counters();
        assert_eq!(
            (source, counters.bytes, counters.tunnel_bytes),
            if opens_tunnels { (1, 100, 20) } else { (7, 120, 0) }
        );
    }
}

#[test]
fn a_super_frame_of_a_tunnel_repeats_all_its_headers() {
    let inner = ip(1, 17, 0, &[0, 5, 0, 53]);
    let mut outer = ip(7, 4, 0, &inner);
    outer.truncate(20);
    outer.extend(&inner);
    outer[3] = outer.len() as u8;
    let mut meter = Meter::new(limits());
    let frame = Frame { timestamp: 0, link_type: 101, data: &outer, original_length: 120 };
    meter.observe(std::iter::once((frame, Delivery { segment_bytes: 30, ..Delivery::default() })));
    // 72 bytes behind 20 + 20 + 8 of headers, by 30.
    assert_eq!((meter.counters().packets, meter.counters().bytes), (3, 3 * 48 + 72));
}

#[test]
fn sampling_looks_at_one_in_n_and_says_how_many_it_passed_over() {
    let sampling = Some(Sampling { interval: 10, is_random: false });
    let mut meter = Meter::new(Settings { sampling, ..limits().into() });
    for _ in 0..95 {
        feed(&mut meter, 0, &udp(1, 5));
    }
    assert_eq!((meter.counters().packets, meter.counters().bytes, meter.counters().passed_over), (10, 1_000, 85));
}

#[test]
fn a_flood_is_counted_together_and_honest_flows_stay_exact() {
    // The table takes as long to fill as a connection takes to go on, and a little more.
    const TABLE: usize = 6_000;
    const FLOOD: u32 = 50_000;
    let mut meter = Meter::new(Limits { maximum_flows: TABLE, ..limits() });
    let from = |source: u32, flags: u8| ip(source, 6, 0, &[0xc0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags]);
    // 50 connections that begin while the flood runs, and 50 questions of one packet.
    for number in 0..FLOOD {
        let time = i64::from(number) * SECOND / 10_000;
        feed(&mut meter, time, &from(0xc000_0000 + number.wrapping_mul(2_654_435_761) % 0x1000_0000, SYN));
        if number % 100 == 0 {
            let (honest, is_first) = (number / 100 % 50, number < 5_000);
            feed(&mut meter, time, &from(1 + honest, if is_first { SYN } else { ACK }));
        }
        if number % 1_000 == 0 {
            feed(&mut meter, time, &udp(0x0a00_0000 + number, 5));
        }
        assert!(meter.counters().open_flows <= TABLE as u64);
    }
    meter.close();
    let batch = meter.drain().unwrap();
    let rows = batch.records();
    let sources = rows.column_by_name("src_addr").unwrap().as_fixed_size_binary();
    let packets = rows.column_by_name("packets").unwrap().as_primitive::<UInt64Type>().values();
    let reasons = rows.column_by_name("flow_end_reason").unwrap().as_primitive::<UInt8Type>().values();
    let of = |first: u8| (0..rows.num_rows()).filter(move |&row| sources.value(row)[12] == first);
    assert_eq!(of(10).count(), 50, "a question is no flood");
    let nobody: Vec<usize> =
        of(0).filter(|&row| sources.value(row)[12..] == [0; 4]).filter(|&row| reasons[row] == 5).collect();
    assert_eq!(nobody.len(), 1, "one victim, one flow");
    let overflowed = packets[nobody[0]];
    assert_eq!(meter.counters().overflowed, overflowed);
    assert!(overflowed > u64::from(FLOOD) - TABLE as u64);
    let honest: Vec<u64> = of(0).filter(|row| !nobody.contains(row)).map(|row| packets[row]).collect();
    assert_eq!(honest, [10; 50], "ten packets each");
    assert_eq!(sum(rows, "packets"), u64::from(FLOOD) + 500 + 50);
}

#[test]
fn a_flood_of_everything_is_counted_by_protocol_and_nothing_is_lost() {
    let mut meter = Meter::new(Limits { maximum_flows: 100, ..limits() });
    for number in 0..5_000_u16 {
        let [high, low] = number.to_be_bytes();
        feed(&mut meter, 0, &ip(u32::from(number), 6, 0, &[0, 1, high, low, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, SYN]));
    }
    meter.close();
    let batch = meter.drain().unwrap();
    let rows = batch.records();
    assert_eq!(sum(rows, "packets"), 5_000);
    assert_eq!(rows.num_rows(), 100 + 1_024 + 1, "the table, the destinations told apart, and the rest");
    let ports = rows.column_by_name("dst_port").unwrap().as_primitive::<UInt16Type>();
    let packets = rows.column_by_name("packets").unwrap().as_primitive::<UInt64Type>();
    let rest = (0..rows.num_rows()).find(|&row| ports.value(row) == 0 && packets.value(row) > 1).unwrap();
    assert_eq!(packets.value(rest), 5_000 - 100 - 1_024);
}

#[test]
fn time_passes_without_packets_and_begins_anew_when_the_clock_was_set_back() {
    let mut meter = Meter::new(limits());
    feed(&mut meter, 100 * SECOND, &udp(1, 5));
    meter.pass(110 * SECOND);
    assert_eq!(drain(&mut meter), []);
    meter.pass(116 * SECOND);
    assert_eq!(drain(&mut meter), [(100, 100, 1, 1)]);

    feed(&mut meter, 120 * SECOND, &udp(1, 5));
    meter.restart();
    assert_eq!(drain(&mut meter), [(120, 120, 1, 4)]);
    feed(&mut meter, 20 * SECOND, &udp(1, 5));
    meter.pass(36 * SECOND);
    assert_eq!(drain(&mut meter), [(20, 20, 1, 1)], "it does not wait until the clock reads 135 again");
}

/// What a plain map makes of packets, flow by flow: the same as the meter, whatever its timers and tables do.
#[derive(Default)]
struct PlainMap {
    open: HashMap<Vec<u8>, (i64, i64, u64, u8)>,
    ended: Vec<(Vec<u8>, i64, i64, u64)>,
}

impl PlainMap {
    fn feed(&mut self, time: i64, key: &[u8], flags: u8) {
        let flow = self.open.entry(key.to_vec()).or_insert((time, time, 0, 0));
        let (start, end, packets, seen) = *flow;
        let is_closed = seen & FIN != 0;
        let silence = if is_closed { SECOND } else { 15 * SECOND };
        if is_closed && flags & SYN != 0 || time - end >= silence || time - start >= 60 * SECOND {
            self.ended.push((key.to_vec(), start, end, packets));
            *flow = (time, time, 1, flags);
        } else {
            *flow = (start, time, packets + 1, seen | flags);
        }
    }

    fn flows(mut self) -> Vec<(Vec<u8>, i64, i64, u64)> {
        self.ended.extend(self.open.into_iter().map(|(key, (start, end, packets, _))| (key, start, end, packets)));
        self.ended.sort();
        self.ended
    }
}

#[test]
fn its_flows_are_those_of_a_plain_map_of_both_directions() {
    let (mut map, mut meter, mut found) = (PlainMap::default(), Meter::new(limits()), Vec::new());
    let (mut state, mut time) = (1_u64, 0);
    for _ in 0..20_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bits = |at: u32, count: u32| state >> at & ((1 << count) - 1);
        // Mostly close together, at times so far apart that much is over.
        time += if bits(60, 4) == 0 { bits(20, 4) as i64 * SECOND } else { bits(20, 10) as i64 * SECOND / 10_000 };
        let is_tcp = bits(30, 2) > 0;
        let flags = if is_tcp { [SYN, ACK, ACK, FIN | ACK][bits(32, 2) as usize] } else { 0 };
        let source = bits(40, 6) as u32;
        let mut packet = if is_tcp { tcp(flags) } else { udp(source, 5) };
        packet[12..16].copy_from_slice(&source.to_be_bytes());
        if bits(50, 1) == 0 {
            // The way back.
            packet[12..20].rotate_left(4);
            packet[20..24].rotate_left(2);
        }
        let key = [&packet[9..10], &packet[12..24]].concat();
        map.feed(time, &key, flags);
        feed(&mut meter, time, &packet);
        found.extend(meter.drain());
    }
    meter.close();
    found.extend(meter.drain());
    let mut found: Vec<_> = found.iter().flat_map(|batch| keyed(batch.records())).collect();
    found.sort();
    let expected = map.flows();
    assert!(expected.len() > 1_000, "{} flows say little", expected.len());
    assert_eq!(found, expected);
}

/// (protocol, addresses and ports, start, end, packets) of each row.
fn keyed(rows: &RecordBatch) -> Vec<(Vec<u8>, i64, i64, u64)> {
    let column = |name| rows.column_by_name(name).unwrap();
    let address = |name, row| column(name).as_fixed_size_binary().value(row)[12..].to_vec();
    let port = |name, row| column(name).as_primitive::<UInt16Type>().value(row).to_be_bytes().to_vec();
    let time = |name, row| column(name).as_primitive::<TimestampNanosecondType>().value(row);
    let key = |row| {
        let protocol = vec![column("protocol").as_primitive::<UInt8Type>().value(row)];
        let ends = [address("src_addr", row), address("dst_addr", row), port("src_port", row), port("dst_port", row)];
        [protocol, ends.concat()].concat()
    };
    let packets = |row| column("packets").as_primitive::<UInt64Type>().value(row);
    (0..rows.num_rows()).map(|row| (key(row), time("start", row), time("end", row), packets(row))).collect()
}

#[test]
fn an_application_is_what_the_payload_is_else_the_registered_port_else_the_protocol() {
    let applications = |settings: Settings, frames: &[Vec<u8>]| -> Vec<Option<String>> {
        let mut meter = Meter::new(settings);
        for frame in frames {
            feed(&mut meter, 0, frame);
        }
        meter.close();
        let batch = meter.drain().unwrap();
        let column = batch.records().column_by_name("application").unwrap().as_string::<i32>();
        column.iter().map(|text| text.map(str::to_string)).collect()
    };
    let question = [&[0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], b"\x01a\x00\x00\x01\x00\x01"].concat();
    let datagram = |payload: &[u8], ports: [u16; 2]| {
        let mut header: Vec<u8> = ports.iter().flat_map(|port| port.to_be_bytes()).collect();
        header.extend((8 + payload.len() as u16).to_be_bytes());
        header.extend([0, 0]);
        ip(1, 17, 0, &[&header, payload].concat())
    };
    // Unlike the port, somebody's choice: both are registered, and who asked is known.
    let opener = |flags| ip(7, 6, 0, &[0x13, 0x88, 0x1f, 0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags]);
    let frames = [
        datagram(&question, [5353, 53]),
        datagram(b"no question", [40_000, 53]),
        datagram(b"", [40_000, 40_001]),
        ip(1, 1, 0, &[]),
        opener(SYN),
    ];
    let settings = Settings::from(limits());
    let told = ["20:32473:4", "3:53", "1:17", "1:1", "3:8080"].map(|text| Some(text.to_string()));
    let mut found = applications(settings, &frames);
    let mut expected = told.to_vec();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(applications(settings, &[opener(ACK)]), [Some("3:5000".to_string())], "the lower port");
    let counters_only = Settings { curiosity: Curiosity { names: false, performance: false }, ..settings };
    assert_eq!(applications(counters_only, &frames), [const { None }; 5], "switched off");
}

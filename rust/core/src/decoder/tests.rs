use arrow_array::{
    Array, UInt64Array,
    cast::AsArray,
    types::{Int64Type, TimestampNanosecondType},
};

use super::*;
use crate::{address::address_from_v4, batch::Table, time::SECOND};

pub(super) const RECEIVED: Instant = 1_700_000_000 * SECOND;
pub(super) const EXPORTER: Address = [1; 16];
const SECONDS: u32 = 1_700_000_000;

/// sourceIPv4Address, octetDeltaCount in four bytes.
pub(super) const FIELDS: [(u16, u16); 2] = [(8, 4), (1, 4)];

pub(super) fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

pub(super) fn set(id: u16, body: &[u8]) -> Vec<u8> {
    [words(&[id, body.len() as u16 + 4]), body.to_vec()].concat()
}

pub(super) fn template_set(id: u16, fields: &[(u16, u16)]) -> Vec<u8> {
    let mut body = words(&[id, fields.len() as u16]);
    for &(element, length) in fields {
        body.extend(words(&[element, length]));
    }
    set(2, &body)
}

pub(super) fn data_set(id: u16, bytes: &[u32]) -> Vec<u8> {
    let records = bytes.iter().flat_map(|bytes| [[10, 0, 0, 1], bytes.to_be_bytes()].concat());
    set(id, &records.collect::<Vec<u8>>())
}

pub(super) fn ipfix(sequence: u32, domain: u32, sets: &[Vec<u8>]) -> Vec<u8> {
    let body = sets.concat();
    let mut message = words(&[10, body.len() as u16 + 16]);
    for word in [SECONDS, sequence, domain] {
        message.extend(word.to_be_bytes());
    }
    [message, body].concat()
}

pub(super) fn decoder() -> Decoder {
    Decoder::new(Limits::default(), "test".to_string(), false)
}

pub(super) fn total(decoder: &Decoder, counter: Counter) -> u64 {
    decoder.totals()[counter as usize]
}

pub(super) fn bytes_of(batches: &[Batch]) -> Vec<u64> {
    let flows = batches.iter().filter(|batch| batch.table() == Table::Flows);
    let columns = flows.map(|batch| batch.records().column_by_name("bytes").unwrap().as_primitive::<_>().clone());
    columns.flat_map(|column: UInt64Array| column.values().to_vec()).collect()
}

#[test]
fn a_record_lands_in_its_columns() {
    let mut decoder = decoder();
    decoder.feed(&ipfix(0, 7, &[template_set(256, &FIELDS), data_set(256, &[1500])]), EXPORTER, 4739, RECEIVED);
    let batches = decoder.drain();
    let flows = batches[0].records();
    let address = flows.column_by_name("src_addr").unwrap().as_fixed_size_binary().value(0).to_vec();
    assert_eq!(address, address_from_v4([10, 0, 0, 1]));
    assert_eq!(bytes_of(&batches), [1500]);
    assert!(flows.column_by_name("packets").unwrap().is_null(0), "what was not sent is null, not zero");
}

#[test]
fn an_empty_name_gives_way_to_the_next_element_that_tells_it() {
    let mut decoder = decoder();
    let records = [b"\x03\0\0\x50ping".as_slice(), b"\x0d\0\x02\0\0\0\0\0", b"\0\0\0\0\0\0\0\0"].concat();
    let template = template_set(256, &[(95, 4), (96, 4)]);
    decoder.feed(&ipfix(0, 7, &[template, set(256, &records)]), EXPORTER, 4739, RECEIVED);
    let batches = decoder.drain();
    let column = batches[0].records().column_by_name("application").unwrap().as_string::<i32>();
    assert_eq!(column.iter().collect::<Vec<_>>(), [Some("ping"), Some("13:512"), None]);
    let other = batches[0].records().column_by_name("other").unwrap().as_list::<i32>().value(0);
    assert_eq!(other.as_struct().column(1).as_string::<i32>().value(0), "3:80", "the id is kept beside the name");
}

#[test]
fn a_handshake_told_in_parts_takes_as_long_as_both() {
    let template = set(2, &words(&[256, 2, 0x8004, 8, 0, 32473, 0x8005, 8, 0, 32473]));
    let records: Vec<u8> = [3, 4, i64::MAX, 1].into_iter().flat_map(i64::to_be_bytes).collect();
    let mut decoder = decoder();
    decoder.feed(&ipfix(0, 7, &[template, set(256, &records)]), EXPORTER, 4739, RECEIVED);
    let batches = decoder.drain();
    let column = batches[0].records().column_by_name("tcp_rtt").unwrap().as_primitive::<Int64Type>().clone();
    assert_eq!(column.iter().collect::<Vec<_>>(), [Some(7), None], "what is too long to be told is not");
}

/// The start of each flow, and the names of what is kept beside the columns.
fn starts_and_others(batches: &[Batch]) -> (Vec<Option<i64>>, Vec<String>) {
    let flows = batches[0].records();
    let starts = flows.column_by_name("start").unwrap().as_primitive::<TimestampNanosecondType>();
    let others = flows.column_by_name("other").unwrap().as_list::<i32>().values().clone();
    let names = others.as_struct().column(0).as_string::<i32>().iter().flatten().map(String::from);
    (starts.iter().collect(), names.collect())
}

#[test]
fn times_that_are_not_exact_keep_what_they_were_made_of() {
    const NOW: i64 = SECONDS as i64 * SECOND;
    let starts = |element, counts: [u32; 2]| {
        let mut decoder = decoder();
        let records = counts.iter().flat_map(|count| count.to_be_bytes()).collect::<Vec<u8>>();
        let sets = [template_set(256, &[(element, 4)]), set(256, &records)];
        decoder.feed(&ipfix(0, 7, &sets), EXPORTER, 4739, RECEIVED);
        starts_and_others(&decoder.drain())
    };
    // Nobody says when the exporter booted: the latest of a message, here across the wrap, is taken for now.
    let (uptimes, kept) = starts(22, [u32::MAX - 4, 5]);
    assert_eq!(uptimes, [Some(NOW - SECOND / 100), Some(NOW)]);
    assert_eq!(kept, ["flowStartSysUpTime"; 2]);
    // Microseconds before a whole second: as fine as they look they are not.
    let (deltas, kept) = starts(158, [1, 0]);
    assert_eq!(deltas, [Some(NOW - 1_000), Some(NOW)]);
    assert_eq!(kept, ["flowStartDeltaMicroseconds"; 2]);
}

#[test]
fn times_counted_back_from_the_header_keep_its_time_beside_them() {
    const NOW: i64 = SECONDS as i64 * SECOND;
    let export_times = |fields: &[(u16, u16)], record: &[u8]| -> Option<i64> {
        let mut decoder = decoder();
        let sets = [template_set(256, fields), set(256, record)];
        decoder.feed(&ipfix(0, 7, &sets), EXPORTER, 4739, RECEIVED);
        let batches = decoder.drain();
        let column = batches[0].records().column_by_name("export_time").unwrap();
        column.as_primitive::<TimestampNanosecondType>().iter().next().unwrap()
    };
    let booted_ms = (i64::from(SECONDS) * 1000 - 60_000).to_be_bytes();
    assert_eq!(export_times(&[(158, 4)], &[0, 0, 0, 1]), Some(NOW), "microseconds before the header");
    assert_eq!(export_times(&[(22, 4)], &[0, 0, 0, 1]), Some(NOW), "nobody says since when");
    assert_eq!(export_times(&[(160, 8), (22, 4)], &[&booted_ms[..], &[0, 0, 0, 1]].concat()), None);
    assert_eq!(export_times(&[(152, 8)], &booted_ms), None, "the record tells a time of its own");
}

#[test]
fn a_header_that_never_tells_the_uptime_places_only_what_was_about_then() {
    let records = [0u32, u32::MAX - 4, 86_400_000].iter().flat_map(|event| event.to_be_bytes()).collect::<Vec<u8>>();
    let mut datagram = words(&[9, 2]);
    for word in [0, SECONDS, 0, 1] {
        datagram.extend(word.to_be_bytes());
    }
    datagram.extend(set(0, &words(&[256, 1, 22, 4])));
    datagram.extend(set(256, &records));
    let mut decoder = decoder();
    decoder.feed(&datagram, EXPORTER, 2055, RECEIVED);
    let (starts, kept) = starts_and_others(&decoder.drain());
    let now = i64::from(SECONDS) * SECOND;
    assert_eq!(starts, [Some(now), Some(now - SECOND / 200), None]);
    assert_eq!(kept.len(), 3);
}

#[test]
fn data_waits_for_its_template() {
    let mut decoder = decoder();
    decoder.feed(&ipfix(0, 7, &[data_set(256, &[1, 2])]), EXPORTER, 4739, RECEIVED);
    assert!(bytes_of(&decoder.drain()).is_empty());
    decoder.feed(&ipfix(2, 7, &[template_set(256, &FIELDS)]), EXPORTER, 4739, RECEIVED + SECOND);
    let batches = decoder.drain();
    assert_eq!(bytes_of(&batches), [1, 2]);
    let received = batches[0].records().column_by_name("received").unwrap();
    assert_eq!(received.as_primitive::<TimestampNanosecondType>().value(0), RECEIVED);
    assert_eq!((total(&decoder, Counter::Parked), total(&decoder, Counter::Unparked)), (1, 1));
}

#[test]
fn data_without_a_template_is_lost_in_the_end() {
    let mut decoder = decoder();
    decoder.feed(&ipfix(0, 7, &[data_set(256, &[1])]), EXPORTER, 4739, RECEIVED);
    decoder.close();
    assert_eq!(total(&decoder, Counter::LostNoTemplate), 1);
}

#[test]
fn a_template_from_another_port_is_borrowed_when_it_is_the_only_one() {
    let mut decoder = decoder();
    decoder.feed(&ipfix(0, 7, &[template_set(256, &FIELDS)]), EXPORTER, 1000, RECEIVED);
    decoder.feed(&ipfix(0, 7, &[data_set(256, &[5])]), EXPORTER, 2000, RECEIVED);
    assert_eq!(bytes_of(&decoder.drain()), [5]);
    assert_eq!(total(&decoder, Counter::BorrowedTemplates), 1);

    decoder.feed(&ipfix(0, 7, &[template_set(256, &FIELDS[..1])]), EXPORTER, 3000, RECEIVED);
    decoder.feed(&ipfix(1, 7, &[data_set(256, &[6])]), EXPORTER, 2000, RECEIVED);
    assert_eq!(total(&decoder, Counter::Parked), 1, "two offers are a guess");
}

#[test]
fn templates_of_other_domains_do_not_count() {
    let mut decoder = decoder();
    decoder.feed(&ipfix(0, 7, &[template_set(256, &FIELDS)]), EXPORTER, 4739, RECEIVED);
    decoder.feed(&ipfix(0, 8, &[data_set(256, &[5])]), EXPORTER, 4739, RECEIVED);
    assert_eq!(total(&decoder, Counter::Parked), 1);
}

#[test]
fn a_redefinition_holds_from_there_on_in_wire_order() {
    let mut decoder = decoder();
    let wide = [(1, 8)];
    let sets =
        [template_set(256, &FIELDS), data_set(256, &[1]), template_set(256, &wide), set(256, &7u64.to_be_bytes())];
    decoder.feed(&ipfix(0, 7, &sets), EXPORTER, 4739, RECEIVED);
    assert_eq!(bytes_of(&decoder.drain()), [1, 7]);
}

#[test]
fn a_withdrawn_template_decodes_nothing() {
    let mut decoder = decoder();
    let withdrawal = set(2, &words(&[256, 0]));
    decoder.feed(
        &ipfix(0, 7, &[template_set(256, &FIELDS), withdrawal, data_set(256, &[1])]),
        EXPORTER,
        4739,
        RECEIVED,
    );
    assert_eq!(total(&decoder, Counter::Records), 0);
    assert_eq!(total(&decoder, Counter::Parked), 1);
}

#[test]
fn elements_without_a_column_are_kept_in_order() {
    let mut decoder = decoder();
    let template = template_set(256, &[(1, 4), (89, 1), (89, 1)]);
    decoder.feed(&ipfix(0, 7, &[template, set(256, &[0, 0, 0, 9, 64, 65])]), EXPORTER, 4739, RECEIVED);
    let batches = decoder.drain();
    let lists = batches[0].records().column_by_name("other").unwrap().as_list::<i32>().clone();
    let elements = lists.value(0);
    let elements = elements.as_struct();
    let values: Vec<_> = elements.column(1).as_string::<i32>().iter().flatten().map(str::to_string).collect();
    assert_eq!(elements.column(0).as_string::<i32>().value(0), "forwardingStatus");
    assert_eq!(values, ["64", "65"]);
}

#[test]
fn an_element_that_comes_twice_in_two_widths_fills_its_column_once() {
    let mut decoder = decoder();
    let template = template_set(256, &[(1, 2), (1, 4), (22, 4), (22, 2)]);
    let record = [0, 5, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0];
    decoder.feed(&ipfix(0, 7, &[template, set(256, &[record, record].concat())]), EXPORTER, 4739, RECEIVED);
    assert_eq!(bytes_of(&decoder.drain()), [5, 5]);
}

#[test]
fn the_ledger_balances() {
    let mut decoder = decoder();
    decoder.feed(&ipfix(0, 7, &[template_set(256, &FIELDS), data_set(256, &[1, 2])]), EXPORTER, 4739, RECEIVED);
    decoder.feed(&ipfix(5, 7, &[data_set(256, &[3])]), EXPORTER, 4739, RECEIVED + 90 * SECOND);
    let batches = decoder.drain();
    let ledger = batches.last().unwrap();
    assert_eq!(ledger.table(), Table::Ledger);
    let column = |name| ledger.records().column_by_name(name).unwrap().as_primitive::<arrow_array::types::UInt64Type>();
    assert_eq!(column("records").values(), &[2, 1], "one row for each minute");
    assert_eq!(column("stored").values().iter().sum::<u64>(), 3);
    assert_eq!(column("lost_sequence").values().iter().sum::<u64>(), 3);
    assert!(decoder.drain().is_empty(), "nothing is told twice");
}

#[test]
fn what_comes_after_it_was_told_lost_is_told_found() {
    let mut decoder = decoder();
    let mut feed = |sequence, values: &[u32]| {
        let sets = [template_set(256, &FIELDS), data_set(256, values)];
        decoder.feed(&ipfix(sequence, 7, &sets), EXPORTER, 4739, RECEIVED);
        decoder.drain();
        let counters = [Counter::LostSequence, Counter::FoundSequence, Counter::LostUpstream];
        counters.map(|counter| total(&decoder, counter))
    };
    assert_eq!(feed(0, &[1, 2]), [0, 0, 0]);
    assert_eq!(feed(5, &[3]), [3, 0, 3]);
    assert_eq!(feed(2, &[4, 5]), [3, 2, 3]);
    assert_eq!(feed(8, &[6]), [5, 2, 3]);
}

#[test]
fn records_that_come_together_are_counted_squared_also_after_they_waited() {
    let mut decoder = decoder();
    decoder.feed(&ipfix(0, 7, &[data_set(256, &[1, 2, 3])]), EXPORTER, 4739, RECEIVED);
    assert_eq!(total(&decoder, Counter::RecordSquares), 0);
    decoder.feed(&ipfix(5, 7, &[template_set(256, &FIELDS), data_set(256, &[4, 5])]), EXPORTER, 4739, RECEIVED);
    decoder.drain();
    assert_eq!((total(&decoder, Counter::RecordSquares), total(&decoder, Counter::LostSequence)), (13, 2));
}

#[test]
fn drops_after_a_datagram_was_queued_are_not_closed_by_it() {
    let mut decoder = decoder();
    let mut shown = |sequence, dropped, dropped_after| {
        decoder.kernel_dropped(dropped, RECEIVED);
        decoder.note_dropped_after(dropped_after);
        decoder.feed(&ipfix(sequence, 7, &[template_set(256, &FIELDS), data_set(256, &[1])]), EXPORTER, 1, RECEIVED);
        decoder.drain();
        (total(&decoder, Counter::LostKernel), total(&decoder, Counter::ShownKernel))
    };
    assert_eq!(shown(0, 0, 0), (0, 0));
    assert_eq!(shown(1, 5, 5), (5, 0), "they came behind it");
    assert_eq!(shown(7, 0, 0), (5, 5));
}

#[test]
fn what_headers_show_of_clocks_is_told_after_seconds() {
    let mut decoder = decoder();
    let told = |batches: &[Batch]| -> Vec<usize> {
        let found = batches.iter().filter(|batch| batch.table() == Table::Sightings);
        found.map(|batch| batch.records().num_rows()).collect()
    };
    for second in 0..6 {
        let sets = [template_set(256, &FIELDS), data_set(256, &[1])];
        decoder.feed(&ipfix(second, 7, &sets), EXPORTER, 4739, RECEIVED + i64::from(second) * SECOND);
        assert_eq!(told(&decoder.drain()), if second < 5 { vec![] } else { vec![5] }, "one file in five seconds");
    }
    decoder.close();
    assert_eq!(told(&decoder.drain()), [1], "the open second is told at the end");
}

#[test]
fn a_datagram_that_nobody_dated_tells_nothing_of_clocks() {
    let mut decoder = decoder();
    decoder.feed_undated(&ipfix(0, 7, &[template_set(256, &FIELDS), data_set(256, &[1])]), EXPORTER, RECEIVED);
    decoder.close();
    let batches = decoder.drain();
    assert_eq!(batches.iter().map(Batch::table).collect::<Vec<_>>(), [Table::Flows, Table::Ledger]);
    assert!(batches[1].records().column_by_name("clock_low").unwrap().is_null(0));
}

#[test]
fn a_sender_that_was_never_understood_has_no_clock() {
    let mut decoder = decoder();
    decoder.feed(&ipfix(0, 7, &[data_set(256, &[1])]), EXPORTER, 4739, RECEIVED);
    decoder.close();
    assert!(decoder.drain().iter().all(|batch| batch.table() != Table::Sightings));
}

#[test]
fn every_refusal_has_its_reason() {
    let announced = |length: u16| [words(&[10, length]), vec![0; 12]].concat();
    let many_fields = template_set(256, &[(1, 1); 1025]);
    let reasons = [
        (vec![0], Malformed::ShortHeader),
        (words(&[10, 16, 0]), Malformed::ShortHeader),
        (words(&[77, 0]), Malformed::UnknownVersion),
        (ipfix(0, 0, &[words(&[256, 3])]), Malformed::BadSetLength),
        (ipfix(0, 0, &[set(2, &words(&[256, 9, 1, 4]))]), Malformed::BadTemplate),
        (announced(400), Malformed::TruncatedRecord),
        (ipfix(0, 0, &[template_set(256, &[(82, 65535)]), set(256, &[200, 1])]), Malformed::BadVariableLength),
        (ipfix(0, 0, &[many_fields]), Malformed::Limit),
    ];
    for (datagram, reason) in reasons {
        let mut decoder = decoder();
        decoder.feed(&datagram, EXPORTER, 4739, RECEIVED);
        assert_eq!(total(&decoder, reason.counter()), 1, "{reason:?}");
    }
}

#[test]
fn a_flood_of_forged_senders_keeps_memory_bounded() {
    let limits = Limits { sessions: 100, parked_bytes: 10_000, ..Limits::default() };
    let mut decoder = Decoder::new(limits, String::new(), false);
    for sender in 0..2_000u16 {
        decoder.feed(&ipfix(0, 7, &[data_set(256, &[1])]), EXPORTER, sender, RECEIVED);
    }
    assert!(decoder.sessions().count() <= 100);
    assert_eq!(total(&decoder, Counter::Datagrams), 2_000, "what was evicted is still counted");
    assert!(total(&decoder, Counter::MalformedLimit) > 0);
}

#[test]
fn sampling_told_in_options_reaches_the_flows() {
    let mut decoder = decoder();
    let options_template = set(3, &words(&[257, 2, 1, 149, 4, 34, 4]));
    let options = set(257, &[[0, 0, 0, 7], 100u32.to_be_bytes()].concat());
    let sets = [options_template, options, template_set(256, &FIELDS), data_set(256, &[1])];
    decoder.feed(&ipfix(0, 7, &sets), EXPORTER, 4739, RECEIVED);
    let batches = decoder.drain();
    let interval = batches[0].records().column_by_name("sampling_interval").unwrap();
    assert_eq!(interval.as_primitive::<arrow_array::types::UInt32Type>().value(0), 100);
    assert_eq!(batches[1].table(), Table::Options);
}

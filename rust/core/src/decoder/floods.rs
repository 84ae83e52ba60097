//! Senders who mean harm: a small input must not cost much memory or time, nor anybody else's flows.
//!
//! Where a test limits time, the limit is far above what is needed and far below what the quadratic
//! algorithm took that it is there to keep out.

use std::time::Duration;

use super::{
    tests::{EXPORTER, FIELDS, RECEIVED, bytes_of, data_set, decoder, ipfix, set, template_set, total, words},
    *,
};
use crate::{columns::AnyColumn, schema::Field, time::SECOND};

const LONGEST_BODY: usize = 65_535 - 16 - 8;
const PATIENCE: Duration = Duration::from_secs(5);

/// How long this thread had a processor: what others do on the machine is no part of it.
fn busy() -> Duration {
    const TICK: Duration = Duration::from_millis(10); // what Linux counts in, on every architecture we build for
    let told = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let (_, fields) = told.rsplit_once(") ").unwrap();
    let ticks: u32 = fields.split(' ').skip(11).take(2).map(|field| field.parse::<u32>().unwrap()).sum();
    TICK * ticks
}

fn assert_quick(begun: Duration) {
    let taken = busy().saturating_sub(begun);
    assert!(taken < PATIENCE, "{taken:?}");
}

fn forged(sender: u32) -> Address {
    let [a, b, c, d] = sender.to_be_bytes();
    crate::address::address_from_v4([127, b | a, c, d])
}

fn one_honest_exporter(decoder: &mut Decoder) {
    let hello = ipfix(0, 7, &[template_set(256, &FIELDS)]);
    for _ in 0..20 {
        decoder.feed(&hello, EXPORTER, 4739, RECEIVED);
    }
}

#[test]
fn fields_without_bytes_do_not_multiply() {
    let mut decoder = decoder();
    let mut fields = vec![(82, 0); 1000];
    fields.push((82, 1));
    let sets = [template_set(256, &fields), set(256, &[b'x'; 1000])];
    decoder.feed(&ipfix(0, 7, &sets), EXPORTER, 4739, RECEIVED);
    assert_eq!(total(&decoder, Malformed::BadTemplate.counter()), 1);
    assert_eq!(total(&decoder, Counter::Records), 0);
    assert!(decoder.spans.capacity() < 10_000);
}

#[test]
fn a_few_fields_without_bytes_are_nothing_bad() {
    let mut decoder = decoder();
    let sets = [template_set(256, &[(1, 4), (82, 0)]), set(256, &[0, 0, 0, 9])];
    decoder.feed(&ipfix(0, 7, &sets), EXPORTER, 4739, RECEIVED);
    assert_eq!(bytes_of(&decoder.drain()), [9]);
}

#[test]
fn a_refused_redefinition_ends_the_old_meaning() {
    for refused in [vec![(1, 1); 1025], vec![(82, 0), (82, 0), (1, 1)]] {
        let mut decoder = decoder();
        let sets = [template_set(256, &FIELDS), template_set(256, &refused), data_set(256, &[5])];
        decoder.feed(&ipfix(0, 7, &sets), EXPORTER, 4739, RECEIVED);
        assert_eq!(total(&decoder, Counter::Records), 0, "records must not be read with a layout that was replaced");
    }
}

#[test]
fn forged_senders_do_not_push_out_an_exporter_that_was_heard_often() {
    let mut decoder = Decoder::new(Limits { sessions: 64, ..Limits::default() }, String::new(), false);
    one_honest_exporter(&mut decoder);
    for sender in 0..1000 {
        decoder.feed(&ipfix(0, 7, &[]), forged(sender), 1, RECEIVED + SECOND);
    }
    decoder.feed(&ipfix(0, 7, &[data_set(256, &[5])]), EXPORTER, 4739, RECEIVED + 60 * SECOND);
    assert_eq!(bytes_of(&decoder.drain()), [5], "its template was forgotten");
}

#[test]
fn forged_senders_that_sent_nothing_readable_share_one_ledger_row() {
    let mut decoder = Decoder::new(Limits { sessions: 64, ..Limits::default() }, String::new(), false);
    for sender in 0..10_000 {
        decoder.feed(&ipfix(0, 7, &[words(&[256, 3])]), forged(sender), 1, RECEIVED);
    }
    let batches = decoder.drain();
    let ledger = batches.last().unwrap().records();
    assert!(ledger.num_rows() <= 65, "{} rows", ledger.num_rows());
    let column = |name| ledger.column_by_name(name).unwrap();
    let sum = |name| -> u64 {
        arrow_array::cast::AsArray::as_primitive::<arrow_array::types::UInt64Type>(column(name)).values().iter().sum()
    };
    assert_eq!(sum("datagrams"), 10_000);
    assert_eq!(sum("malformed_bad_set_length"), total(&decoder, Malformed::BadSetLength.counter()));
    assert_eq!(total(&decoder, Counter::Datagrams), 10_000, "counted once, wherever they are booked");
}

#[test]
fn a_clock_set_back_does_not_evict_the_session_at_hand() {
    let mut decoder = Decoder::new(Limits { sessions: 4, ..Limits::default() }, String::new(), false);
    for port in 0..8 {
        decoder.feed(&ipfix(0, 7, &[data_set(256, &[1])]), EXPORTER, port, RECEIVED);
    }
    let late = RECEIVED - 3600 * SECOND;
    decoder.feed(&ipfix(0, 7, &[template_set(256, &FIELDS), template_set(257, &FIELDS)]), EXPORTER, 9, late);
    assert_eq!(bytes_of(&decoder.drain()), [1; 8]);
}

#[test]
fn templates_are_bounded_over_all_senders() {
    let limits = Limits { template_bytes: 1 << 20, ..Limits::default() };
    let mut decoder = Decoder::new(limits, String::new(), false);
    one_honest_exporter(&mut decoder);
    for sender in 0..20 {
        let ids = 256..356;
        let sets: Vec<_> = ids.map(|id| template_set(id, &[(82, 4); 100])).collect();
        decoder.feed(&ipfix(0, 7, &sets), forged(sender), 1, RECEIVED);
    }
    assert!(decoder.sessions().map(Session::template_bytes).sum::<usize>() <= 1 << 20);
    assert!(total(&decoder, Malformed::Limit.counter()) > 0);
    decoder.feed(&ipfix(0, 7, &[data_set(256, &[5])]), EXPORTER, 4739, RECEIVED);
    assert_eq!(bytes_of(&decoder.drain()), [5], "who holds little keeps it");
}

#[test]
fn borrowing_costs_the_same_among_ten_thousand_ports() {
    let mut decoder = decoder();
    for port in 0..10_000 {
        decoder.feed(&ipfix(0, 7, &[]), EXPORTER, port, RECEIVED);
    }
    let empty_sets = words(&[300, 4]).repeat(LONGEST_BODY / 4);
    let begun = busy();
    decoder.feed(&ipfix(0, 7, &[empty_sets]), EXPORTER, 20_000, RECEIVED);
    assert_quick(begun);
}

#[test]
fn parked_sets_are_not_turned_over_by_every_template() {
    let mut decoder = decoder();
    for _ in 0..20_000 {
        decoder.feed(&ipfix(0, 7, &[data_set(300, &[1])]), EXPORTER, 1, RECEIVED);
    }
    decoder.feed(&ipfix(0, 7, &[template_set(300, &FIELDS)]), EXPORTER, 2, RECEIVED);
    let begun = busy();
    for turn in 0..2_000u16 {
        let changed = [(82, 1 + turn % 2)];
        for port in [3, 4] {
            decoder.feed(&ipfix(0, 7, &[template_set(256, &changed)]), EXPORTER, port, RECEIVED);
            decoder.feed(&ipfix(0, 7, &[data_set(256, &[1])]), EXPORTER, 1, RECEIVED);
        }
    }
    assert_quick(begun);
}

#[test]
fn parked_sets_expire_without_a_search_for_each_datagram() {
    let mut decoder = decoder();
    for number in 0..40_000u32 {
        let received = RECEIVED + i64::from(number);
        decoder.feed(&ipfix(0, 7, &[data_set(300 + (number % 30_000) as u16, &[1])]), EXPORTER, 1, received);
    }
    let begun = busy();
    for number in 0..20_000 {
        let received = RECEIVED + Limits::default().parked_age + number;
        decoder.feed(&ipfix(0, 7, &[]), EXPORTER, 1, received);
    }
    assert_quick(begun);
    let later = RECEIVED + Limits::default().parked_age + 2 * SECOND;
    decoder.feed(&ipfix(0, 7, &[]), EXPORTER, 1, later);
    assert_eq!(total(&decoder, Counter::LostNoTemplate), 40_000);
}

#[test]
fn withdrawing_everything_over_and_over_is_cheap() {
    let mut decoder = decoder();
    for id in 256..4096 {
        let options = set(3, &words(&[id, 2, 1, 149, 4, 34, 4]));
        decoder.feed(&ipfix(0, 7, &[options]), EXPORTER, 1, RECEIVED);
    }
    let withdrawals = set(2, &words(&[2, 0]).repeat(LONGEST_BODY / 4));
    let begun = busy();
    for _ in 0..5 {
        decoder.feed(&ipfix(0, 7, std::slice::from_ref(&withdrawals)), EXPORTER, 1, RECEIVED);
    }
    assert_quick(begun);
    let session = decoder.sessions().next().unwrap();
    assert_eq!(session.template_count(), 4096 - 256, "options templates are withdrawn by their own set");
}

#[test]
fn only_the_number_of_its_own_set_withdraws_everything() {
    let mut decoder = decoder();
    let sets = [template_set(256, &FIELDS), set(2, &words(&[3, 0])), set(2, &words(&[77, 0])), data_set(256, &[5])];
    decoder.feed(&ipfix(0, 7, &sets), EXPORTER, 1, RECEIVED);
    assert_eq!(bytes_of(&decoder.drain()), [5]);
    assert_eq!(total(&decoder, Malformed::BadTemplate.counter()), 2);
}

#[test]
fn compiling_a_template_is_linear_in_its_fields() {
    let mut fields = vec![(30_000, 1); 512];
    fields.extend([(1, 4); 511]);
    let begun = busy();
    for turn in 0..100 {
        fields[0].1 = 1 + turn;
        decoder().feed(&ipfix(0, 7, &[template_set(256, &fields)]), EXPORTER, 1, RECEIVED);
    }
    assert_quick(begun);
}

#[test]
fn options_rows_are_cut_into_batches_as_flows_are() {
    let mut decoder = decoder();
    let template = set(3, &words(&[257, 2, 1, 149, 1, 82, 1]));
    decoder.feed(&ipfix(0, 7, &[template]), EXPORTER, 1, RECEIVED);
    let records = ipfix(0, 7, &[set(257, &vec![b'x'; LONGEST_BODY & !1])]);
    let mut datagrams = 0;
    while !decoder.has_full_batch() {
        decoder.feed(&records, EXPORTER, 1, RECEIVED);
        datagrams += 1;
        assert!(datagrams < 200, "rows pile up without end");
    }
}

#[test]
fn long_texts_fill_a_batch_too() {
    let mut decoder = decoder();
    decoder.feed(&ipfix(0, 7, &[template_set(256, &[(371, 65_535)])]), EXPORTER, 1, RECEIVED);
    let mut record = vec![255, 0xff, 0];
    record.resize(3 + 0xff00, b'x');
    let datagram = ipfix(0, 7, &[set(256, &record)]);
    let mut datagrams = 0;
    while !decoder.has_full_batch() {
        decoder.feed(&datagram, EXPORTER, 1, RECEIVED);
        datagrams += 1;
        assert!(datagrams < 2000, "texts pile up without end");
    }
}

#[test]
fn nobody_asking_for_touched_sessions_costs_nothing() {
    let mut decoder = decoder();
    for port in 0..1000 {
        decoder.feed(&ipfix(0, 7, &[]), EXPORTER, port % 2, RECEIVED);
    }
    decoder.drain();
    assert!(decoder.take_touched().is_empty());
}

#[test]
fn times_at_the_ends_of_the_scale_are_no_accident() {
    for received in [Instant::MIN, -1, 0, Instant::MAX] {
        for shift in [Instant::MIN, Instant::MAX] {
            let mut decoder = decoder();
            decoder.shift(shift);
            let sets = [template_set(256, &[(22, 4), (152, 8), (1, 4)]), set(256, &[0xff; 16]), data_set(300, &[1])];
            decoder.feed(&ipfix(u32::MAX, 7, &sets), EXPORTER, 1, received);
            decoder.close();
            assert_eq!(bytes_of(&decoder.drain()), [u64::from(u32::MAX)]);
        }
    }
}

#[test]
fn numbers_at_their_limits_do_not_overflow() {
    let mut decoder = decoder();
    let options_template = set(3, &words(&[257, 3, 1, 149, 4, 305, 8, 306, 8]));
    let options = set(257, &[[0, 0, 0, 7].as_slice(), &1u64.to_be_bytes(), &u64::MAX.to_be_bytes()].concat());
    let flows = [template_set(256, &[(158, 8)]), set(256, &(i64::MAX as u64).to_be_bytes())];
    decoder.feed(&ipfix(0, 7, &[&[options_template, options][..], &flows].concat()), EXPORTER, 4739, RECEIVED);
    let start = decoder.drain()[0].records().column_by_name("start").unwrap().clone();
    assert!(arrow_array::Array::is_null(&start, 0), "a time that cannot be is none");
}

/// Proves E9, I5.
#[test]
fn lists_cost_no_more_than_their_bytes() {
    let mut decoder = decoder();
    let halves = [vec![(82, 0); 500], vec![(82, 1); 501]].concat();
    let nested = template_set(401, &[(292, 65_535)]);
    decoder.feed(
        &ipfix(0, 7, &[template_set(400, &halves), nested, template_set(256, &[(293, 65_535)])]),
        EXPORTER,
        1,
        RECEIVED,
    );
    // Parts with many elements, parts with none, and lists in lists in lists.
    let part = |id: u16, body: &[u8]| [words(&[id, body.len() as u16 + 4]), body.to_vec()].concat();
    let deep = (0..40).fold(vec![3, 1, 0x91], |inner, _| [vec![3, 1, 0x91, inner.len() as u8], inner].concat());
    let parts = [part(400, &[b'x'; 501]), part(400, &[]), part(401, &[vec![deep.len() as u8], deep].concat())];
    let kinds = parts.map(|part| part.repeat(60_000 / part.len()));
    for parts in &kinds {
        let value = [&[3][..], parts].concat();
        let record = [vec![255], words(&[value.len() as u16]), value].concat();
        let sets = [set(256, &record)];
        decoder.feed(&ipfix(0, 7, &sets), EXPORTER, 1, RECEIVED);
    }
    assert_eq!(total(&decoder, Counter::Records), kinds.len() as u64);
    let AnyColumn::Elements(other) = decoder.flows.column(Field::Other) else { panic!("other holds elements") };
    assert!(other.held_bytes() < kinds.len() * 128 * LONGEST_BODY, "{} bytes", other.held_bytes());
}

#[test]
fn templates_without_end_from_one_exporter_are_cheap() {
    let mut decoder = decoder();
    let begun = busy();
    let mut id = 256;
    for _ in 0..4 {
        // Eight bytes each, as many as fit: each is another one, for its length changes from round to round.
        let body: Vec<u8> = (0..LONGEST_BODY as u16 / 8)
            .flat_map(|_| {
                id = if id == u16::MAX { 256 } else { id + 1 };
                words(&[id, 1, 82, 1 + id % 7])
            })
            .collect();
        decoder.feed(&ipfix(0, 7, &[set(2, &body)]), EXPORTER, 1, RECEIVED);
    }
    assert_quick(begun);
    assert!(decoder.sessions().next().unwrap().template_count() <= Limits::default().templates_per_session);
}

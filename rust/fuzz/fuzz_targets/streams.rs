//! Bytes of connections into one decoder, cut anywhere: messages, what is none, and ends.
//!
//! The input is cut at length prefixes of two bytes; a length says which of two connections the piece belongs to.
#![cfg_attr(fuzzing, no_main)]

use tidegauge_core::{
    decoder::{Decoder, Limits},
    schema::Counter,
};

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    let limits =
        Limits { templates_per_session: 16, template_bytes: 16 << 10, parked_bytes: 4096, ..Limits::default() };
    let mut decoder = Decoder::new(limits, String::new(), false);
    let mut rest = input;
    while let Some((length, tail)) = rest.split_at_checked(2) {
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])).min(tail.len());
        let (piece, tail) = tail.split_at(length);
        let port = (length % 2) as u16;
        if decoder.feed_stream(piece, [0; 16], port, 1_700_000_000_000_000_000).is_err() || length % 7 == 0 {
            decoder.end_stream([0; 16], port, 1_700_000_000_000_000_000);
        }
        rest = tail;
    }
    for port in 0..2 {
        decoder.end_stream([0; 16], port, 1_700_000_000_000_000_000);
    }
    decoder.close();
    let rows: usize = decoder
        .drain()
        .iter()
        .filter(|batch| batch.table().name() == "flows")
        .map(|batch| batch.records().num_rows())
        .sum();
    let totals = decoder.totals();
    assert_eq!(rows as u64, totals[Counter::Records as usize], "every record counted is a row");
    let [parked, unparked, lost] =
        [Counter::Parked, Counter::Unparked, Counter::LostNoTemplate].map(|counter| totals[counter as usize]);
    assert_eq!(parked, unparked + lost, "nothing waits for a template of a connection that ended");
}

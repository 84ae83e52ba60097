//! Several datagrams into one decoder: templates, then data that may not fit them.
//!
//! The input is cut at length prefixes of two bytes, so that the fuzzer can grow a sequence.
#![cfg_attr(fuzzing, no_main)]

use tidegauge_core::{
    decoder::{Decoder, Limits},
    schema::Counter,
};

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    // Small, so that an input of a few kilobytes reaches every one of them.
    let limits = Limits {
        sessions: 4,
        templates_per_session: 16,
        template_bytes: 16 << 10,
        parked_bytes: 4096,
        ..Limits::default()
    };
    let mut decoder = Decoder::new(limits, String::new(), input.first().is_some_and(|byte| byte & 1 == 1));
    let mut rest = input;
    let mut received = 1_700_000_000_000_000_000;
    while let Some((length, tail)) = rest.split_at_checked(2) {
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])).min(tail.len());
        let (datagram, tail) = tail.split_at(length);
        decoder.feed(datagram, [0; 16], (length % 3) as u16, received);
        // Mostly forward, at times back, now and then past what parked sets may wait.
        received += 700_000_000_000 * (length as i64 % 5 - 1);
        rest = tail;
    }
    decoder.close();
    let rows: usize = decoder
        .drain()
        .iter()
        .filter(|batch| batch.table().name() == "flows")
        .map(|batch| batch.records().num_rows())
        .sum();
    assert_eq!(rows as u64, decoder.totals()[Counter::Records as usize], "every record counted is a row");
}

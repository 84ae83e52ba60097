//! What an earlier decoder knew, from a file that may hold anything: what is taken over can be told again.
//!
//! The input is what stands behind the header, whose length and sum are made to fit: else hardly any got further.
#![cfg_attr(fuzzing, no_main)]

use tidegauge_core::{
    decoder::{Decoder, Limits},
    schema::Counter,
};

const NOW: i64 = 1_700_000_000_000_000_000;

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    let mut decoder = decoder();
    if let Err(reason) = decoder.recall(input, NOW) {
        assert!(reason.to_string().starts_with("it "), "a sentence goes on with why");
    } else {
        assert!(input.starts_with(b"TGKNOW"), "a stranger was taken in");
    }
    if decoder.recall(&sealed(input), NOW).is_err() {
        return;
    }
    let Some(known) = decoder.knowledge(true) else { return };
    let mut later = self::decoder();
    later.recall(&known, NOW).expect("what was written can be read");
    if decoder.totals()[Counter::EvictedSessions as usize] + decoder.totals()[Counter::EvictedTemplates as usize] == 0 {
        assert_eq!(later.knowledge(true), Some(known), "nothing is lost on the way");
    }
}

fn decoder() -> Decoder {
    let limits = Limits { sessions: 16, templates_per_session: 16, template_bytes: 64 << 10, ..Limits::default() };
    Decoder::new(limits, String::new(), false)
}

fn sealed(body: &[u8]) -> Vec<u8> {
    let sum = body
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    [b"TGKNOW\0\x02", &(body.len() as u64).to_be_bytes()[..], &sum.to_be_bytes(), body].concat()
}

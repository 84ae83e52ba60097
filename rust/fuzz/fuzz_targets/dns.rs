//! A message of any bytes read as a DNS answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegauge_core::inspection::{answer_from_message, question_id};

fuzz_target!(|input: &[u8]| {
    if let Some(answer) = answer_from_message(input) {
        assert_eq!(question_id(input), None, "no message is both");
        assert!((1..=64).contains(&answer.addresses.len()) && answer.name.len() <= 253);
    }
});

//! A message of any bytes read as a DNS answer, and the same as a stream of messages.
#![cfg_attr(fuzzing, no_main)]

use tidegauge_core::inspection::{answer_from_message, first_message, is_question, question_id};

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    if let Some(answer) = answer_from_message(input) {
        assert_eq!(question_id(input), None, "no message is both");
        assert!((1..=64).contains(&answer.addresses.len()) && answer.name.len() <= 253);
    }
    assert!(!is_question(input) || question_id(input).is_some(), "a question has a number");
    let mut rest = input;
    while let Some((message, behind)) = first_message(rest) {
        assert_eq!(message.len() + behind.len() + 2, rest.len());
        rest = behind;
    }
}

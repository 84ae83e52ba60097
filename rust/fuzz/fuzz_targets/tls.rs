//! A TCP stream of any bytes read as TLS, whole and as it grows.
#![cfg_attr(fuzzing, no_main)]

use tidegauge_core::inspection::{Carrier, Finding, hello_from_message, hello_from_records, is_hello};

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    let finding = hello_from_records(input);
    for length in 0..input.len().min(64) {
        let sooner = hello_from_records(&input[..length]);
        assert!(sooner == Finding::Unfinished || sooner == finding, "what was clear stays so");
    }
    if let Finding::Found(hello) = finding {
        assert!(is_hello(input), "no hello is passed over");
        assert!(hello.fingerprint(Carrier::Tcp).len() >= 36);
        assert!(hello.server_name.is_none_or(|name| name.len() <= 253));
    }
    let _ = hello_from_message(input);
}

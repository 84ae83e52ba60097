//! A TCP stream of any bytes read as an HTTP request, whole and as it grows.
#![cfg_attr(fuzzing, no_main)]

use tidegauge_core::inspection::{Finding, host_name, is_request, request_host};

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    let finding = request_host(input);
    assert!(is_request(input) || finding == Finding::Nothing);
    if let Finding::Found(name) = finding {
        assert_eq!(host_name(name.as_bytes()), Some(name), "a name is one however often it is read");
    }
}

//! A datagram of any bytes opened as QUIC, and the same bytes as frames.
#![cfg_attr(fuzzing, no_main)]

use tidegauge_core::inspection::{InitialKeys, Stream, crypto_frames, hello_from_message, is_initial};

fn put_together(frames: &[u8], stream: &mut Stream) {
    for (offset, piece) in crypto_frames(frames) {
        if !stream.put(offset, piece) {
            break;
        }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    let mut stream = Stream::default();
    put_together(input, &mut stream);
    let _ = hello_from_message(stream.beginning());
    let keys = InitialKeys::of_datagram(input);
    assert_eq!(keys.is_some(), is_initial(input));
    if let Some(keys) = keys {
        keys.open(input, |frames| put_together(frames, &mut stream));
    }
    assert!(stream.held_bytes() <= 32 << 10);
}

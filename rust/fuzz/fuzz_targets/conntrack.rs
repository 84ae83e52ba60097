//! Whatever the kernel is made to say of its connections, the translations stay within their bounds and are told both ways.
#![cfg_attr(fuzzing, no_main)]

use tidegauge_core::{
    conntrack::{Message, messages},
    metering::translations::{TranslationLimits, Translations},
};

const MAXIMUM: usize = 4;

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: (i64, &[u8])| run(input));

pub fn run(input: (i64, &[u8])) {
    let (received, mut framed) = input;
    let mut translations =
        Translations::new(TranslationLimits { maximum_translations: MAXIMUM, keep: 1 << 36, with_events: true });
    // Each read stands behind its length; the first byte also says how much later it comes and what happened before.
    while let Some((&[high, low], rest)) = framed.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high & 3, low])).min(rest.len());
        let (bytes, rest) = rest.split_at(length);
        framed = rest;
        let received = received.saturating_add(i64::from(high) << 32);
        match high >> 6 {
            1 => translations.begin_list(received),
            2 => translations.overrun(1, received, received),
            _ => {}
        }
        translations.feed(bytes, received);
        assert!(translations.named()[0].1 <= MAXIMUM as u64);
        for message in messages(bytes) {
            let (Message::Created(connection) | Message::Listed(connection)) = message else { continue };
            for tuple in [connection.original, connection.reply] {
                let _ = translations.find(&tuple, received, received);
            }
        }
    }
    let counters = translations.counters();
    let rows = translations.drain(received).map_or(0, |batch| batch.records().num_rows());
    assert!(rows as u64 <= counters.created + counters.deleted);
}

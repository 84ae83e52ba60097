//! Whatever arrives and whatever is vouched for, the NTP server neither panics nor sends more than it got.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegauge_core::ntp::{Action, HEADER_BYTES, Header, Mode, ServerState, Vouching, respond};

type Word = (u8, [u8; 4], i64, i64, i64, i64);

fuzz_target!(|input: (i64, i64, Option<Word>, &[u8])| {
    let (received, transmit, word, request) = input;
    let state = ServerState { vouching: word.map(vouching_from_word) };
    let mut reply = [0; HEADER_BYTES];
    if respond(request, received, transmit, &state, &mut reply) == Action::Reply {
        assert!(reply.len() <= request.len());
        let (asked, answered) = (Header::from_bytes(request).unwrap(), Header::from_bytes(&reply).unwrap());
        assert_eq!((asked.mode, answered.mode), (Mode::Client, Mode::Server));
        assert_eq!((answered.version, answered.origin), (asked.version, asked.transmit));
        let mut again = [0; HEADER_BYTES];
        answered.write(&mut again);
        assert_eq!(again, reply);
    }
});

fn vouching_from_word(word: Word) -> Vouching {
    let (stratum, reference_id, reference_time, root_delay, root_dispersion, vouched) = word;
    Vouching { stratum, reference_id, reference_time, root_delay, root_dispersion, vouched }
}

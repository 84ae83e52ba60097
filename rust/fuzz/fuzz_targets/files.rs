//! A file of any bytes, read as captures, datagrams back to back and IPFIX files are: all of it is told apart.
#![cfg_attr(fuzzing, no_main)]

use std::io::Cursor;

use tidegauge_core::{
    decoder::{Decoder, Limits},
    export_file::ExportFile,
    schema::Counter,
};

const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// So few bytes can stand for so many datagrams that reading them all would keep the fuzzer from the next input.
const MOST_COMPRESSED: usize = 10_000;

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    let limits =
        Limits { templates_per_session: 16, template_bytes: 16 << 10, parked_bytes: 4096, ..Limits::default() };
    let mut decoder = Decoder::new(limits, String::new(), false);
    decoder.dissect();
    let is_compressed = input.starts_with(&ZSTD);
    let Ok(mut file) = ExportFile::open(Cursor::new(input.to_vec()), [0; 16], 0) else { return };
    let mut datagrams = 0;
    while file.feed_next(&mut decoder).expect("memory can be read") {
        datagrams += 1;
        if is_compressed && datagrams == MOST_COMPRESSED {
            break;
        }
        assert!(is_compressed || datagrams <= input.len(), "no datagram is without bytes");
    }
    decoder.close();
    let batches = decoder.drain();
    let rows = batches.iter().filter(|batch| batch.table().name() == "flows").map(|batch| batch.records().num_rows());
    assert_eq!(
        rows.sum::<usize>() as u64,
        decoder.totals()[Counter::Records as usize],
        "every record counted is a row"
    );
    let lines = decoder.take_dissection();
    assert!(lines.split(|&byte| byte == b'\n').count() > datagrams, "every datagram is told of");
}

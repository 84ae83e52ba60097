//! What the repository keeps of the fuzz targets' inputs, run through each target with every test.

use std::{fs, path::Path};

use arbitrary::{Arbitrary, Unstructured};
use tidegauge_core::{
    batch::Table,
    decoder::{Decoder, Limits},
    packet::sampled::{SampledHeaders, Start},
    schema::Counter,
};

#[path = "../../fuzz/fuzz_targets"]
mod targets {
    pub mod conntrack;
    pub mod datagrams;
    pub mod dns;
    pub mod files;
    pub mod http;
    pub mod knowledge;
    pub mod lists;
    pub mod lives;
    pub mod ntp;
    pub mod nts;
    pub mod packet;
    pub mod quic;
    pub mod search;
    pub mod sflow;
    pub mod streams;
    pub mod tls;
}

/// Run each input of a target, as the fuzzer would.
macro_rules! replay {
    ($($target:ident)*) => {$(
        #[test]
        fn $target() {
            for (_, input) in inputs(stringify!($target)) {
                targets::$target::run(made_of(&input));
            }
            for input in kept(stringify!($target)) {
                targets::$target::run(made_of(&input));
            }
        }
    )*};
}

replay!(conntrack datagrams dns files http knowledge lists lives ntp nts packet quic search sflow streams tls);

/// What a target takes, out of bytes, as the fuzzer makes it.
fn made_of<'a, T: Arbitrary<'a>>(input: &'a [u8]) -> T {
    T::arbitrary_take_rest(Unstructured::new(input)).expect("any bytes will do")
}

#[test]
fn no_target_is_forgotten() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
    for entry in fs::read_dir(folder).expect("the targets are in the repository") {
        let path = entry.expect("a target can be read").path();
        let target = path.file_stem().unwrap_or_default().to_string_lossy();
        assert!(include_str!("replay.rs").contains(&format!("pub mod {target};")), "{target} is replayed");
        assert!(!inputs(&target).is_empty(), "{target} has seeds");
    }
}

const NOW: i64 = 1_700_000_000_000_000_000;

fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let entries = fs::read_dir(folder).expect("the seeds are in the repository");
    entries
        .map(|entry| entry.expect("a seed can be read").path())
        .map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect()
}

/// What fuzzing found beyond the seeds: inputs behind their lengths, in a file for each target.
fn kept(target: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/kept").join(target);
    let whole = fs::read(path).unwrap_or_default();
    let mut rest = &whole[..];
    std::iter::from_fn(move || {
        let (length, behind) = rest.split_first_chunk()?;
        let (input, behind) = behind.split_at(u32::from_be_bytes(*length) as usize);
        rest = behind;
        Some(input.to_vec())
    })
    .collect()
}

/// Decode datagrams; every record that was counted is a row.
fn decoded<'a>(datagrams: impl Iterator<Item = &'a [u8]>, verbatim: bool) -> Vec<u64> {
    let mut decoder = Decoder::new(Limits::default(), String::new(), verbatim);
    for datagram in datagrams {
        decoder.feed(datagram, [0; 16], 1, NOW);
    }
    decoder.close();
    let batches = decoder.drain();
    let totals = decoder.totals();
    for (table, counter) in [(Table::Flows, Counter::Records), (Table::Options, Counter::OptionRecords)] {
        let rows = batches.iter().filter(|batch| batch.table() == table).map(|batch| batch.records().num_rows());
        assert_eq!(rows.sum::<usize>() as u64, totals[counter as usize]);
    }
    totals
}

fn framed(mut seed: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = seed.split_first_chunk()?;
        let (datagram, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        seed = rest;
        Some(datagram)
    })
}

#[test]
fn datagrams_hold_records_of_every_version() {
    for (name, seed) in inputs("datagrams") {
        let [columns, verbatim] = [false, true].map(|verbatim| decoded(framed(&seed), verbatim));
        assert_eq!(columns, verbatim, "{name}: what is counted does not depend on where it goes");
        let records = columns[Counter::Records as usize] + columns[Counter::OptionRecords as usize];
        assert!(records > 0, "{name} holds nothing");
    }
}

/// Proves I12.
#[test]
fn samples_and_packets_are_read_whatever_they_hold() {
    let header: Vec<u8> = [5, 1, 0xc000_0201, 0, 1, 9, 0xffff].into_iter().flat_map(u32::to_be_bytes).collect();
    for (_, seed) in inputs("sflow") {
        let datagrams: Vec<_> = (0..=seed.len()).map(|length| [&header, &seed[..length]].concat()).collect();
        for verbatim in [false, true] {
            decoded(datagrams.iter().map(Vec::as_slice), verbatim);
        }
        for length in 0..=seed.len() {
            for start in [Start::Ethernet, Start::Ppp, Start::Ip, Start::Mpls, Start::Transport(6)] {
                SampledHeaders::read(start, &seed[..length], seed.len());
            }
        }
    }
}

//! The input as the samples of an sFlow datagram, and as the first bytes of a packet of every kind.
#![cfg_attr(fuzzing, no_main)]

use tidegauge_core::{
    batch::Table,
    decoder::{Decoder, Limits},
    packet::sampled::{MAXIMUM_STACK, SampledHeaders, Start},
    schema::Counter,
};

/// Version 5, an agent of IPv4, sub-agent, sequence, uptime, and more samples than any datagram holds.
const HEADER: [u8; 28] = [0, 0, 0, 5, 0, 0, 0, 1, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 255, 255];

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    for verbatim in [false, true] {
        let mut decoder = Decoder::new(Limits { sources: 4, ..Limits::default() }, String::new(), verbatim);
        decoder.feed(&[&HEADER, input].concat(), [0; 16], 6343, 1_700_000_000_000_000_000);
        decoder.close();
        let batches = decoder.drain();
        let rows = |table| -> usize {
            batches.iter().filter(|batch| batch.table() == table).map(|batch| batch.records().num_rows()).sum()
        };
        let told = |counter: Counter| decoder.totals()[counter as usize];
        assert_eq!(rows(Table::Flows) as u64, told(Counter::Records), "every packet sample is a row");
        assert_eq!(rows(Table::Options) as u64, told(Counter::OptionRecords), "every counter sample is a row");
    }
    let starts = [Start::Ethernet, Start::Ppp, Start::Ip, Start::Mpls, Start::Transport(6), Start::Transport(1)];
    for start in starts {
        let headers = SampledHeaders::read(start, input, input.len());
        assert!(headers.vlans.items().len().max(headers.labels.items().len()) <= MAXIMUM_STACK);
        // What is read of fewer bytes is what is read of all, as far as it goes.
        let fewer = SampledHeaders::read(start, &input[..input.len() / 2], input.len());
        assert!(fewer.src_mac.is_none() || fewer.src_mac == headers.src_mac);
        assert!(fewer.vlans.items().iter().zip(headers.vlans.items()).all(|(one, other)| one == other));
    }
}

//! A capture file of any bytes through the meter, and the same bytes as a frame of every link type.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegauge_core::{
    capture::{Capture, Frame},
    metering::{Limits, Meter},
};

const SECOND: i64 = 1_000_000_000;
const LINK_TYPES: [u32; 9] = [0, 1, 12, 101, 108, 113, 228, 229, 276];

fuzz_target!(|input: &[u8]| {
    let limits = Limits { active_timeout: 60 * SECOND, idle_timeout: 15 * SECOND, maximum_flows: 8 };
    let mut meter = Meter::new(limits);
    if let Ok(mut capture) = Capture::open(input) {
        while let Some(frame) = capture.next() {
            meter.feed(&frame);
        }
    }
    for (at, link_type) in LINK_TYPES.into_iter().enumerate() {
        let original_length = input.len() as u32;
        meter.feed(&Frame { timestamp: at as i64 * SECOND, link_type, data: input, original_length });
    }
    meter.close();
    let rows = meter.drain().map_or(0, |batch| batch.records().num_rows() as u64);
    let counters = meter.counters();
    assert_eq!((rows, counters.open_flows), (counters.flows, 0), "every flow becomes a row");
    assert!(rows <= counters.packets, "no flow without a packet");
});

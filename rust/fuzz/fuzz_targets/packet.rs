//! A capture file of any bytes through the meter, and the same bytes as a frame of every link type.
#![cfg_attr(fuzzing, no_main)]

use arrow_array::{cast::AsArray, types::UInt64Type};
use tidegauge_core::{
    application::ApplicationId,
    batch::Batch,
    capture::{Capture, Frame},
    metering::{Delivery, Limits, Meter, MeterCounters, Sampling, Settings},
};

const SECOND: i64 = 1_000_000_000;
const LINK_TYPES: [u32; 9] = [0, 1, 12, 101, 108, 113, 228, 229, 276];

const LIMITS: Limits = Limits { active_timeout: 60 * SECOND, idle_timeout: 15 * SECOND, maximum_flows: 8 };

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    let outer = metered(input, LIMITS.into());
    let inner = metered(input, Settings { opens_tunnels: true, ..LIMITS.into() });
    assert_eq!(inner.bytes + inner.tunnel_bytes, outer.bytes, "what is around packets is counted");
    assert_eq!(inner.packets, outer.packets, "a tunnel carries one packet at a time");
    let sampling = Some(Sampling { interval: 3, is_random: true });
    metered(input, Settings { sampling, ..LIMITS.into() });
}

/// Meter the input as a capture, as a frame of every link type, and as super-frames that a kernel delivered.
fn metered(input: &[u8], settings: Settings) -> MeterCounters {
    let mut meter = Meter::new(settings);
    match Capture::open(input) {
        Ok(mut capture) => {
            while meter.read(&mut capture, 1_000) > 0 {}
            let damage = capture.damage().map(ToString::to_string);
            assert!(damage.is_none_or(|damage| damage.ends_with("everything before it was read")));
        }
        Err(reason) => assert!(!reason.to_string().is_empty()),
    }
    for (at, link_type) in LINK_TYPES.into_iter().enumerate() {
        let original_length = input.len() as u32;
        let frame = Frame { timestamp: at as i64 * SECOND, link_type, data: input, original_length };
        let segment_bytes = at as u16 * 100;
        meter.observe(
            [(frame, Delivery::default()), (frame, Delivery { segment_bytes, ..Delivery::default() })].into_iter(),
        );
    }
    meter.close();
    let mut counted = (0, 0, 0);
    if let Some(batch) = meter.drain() {
        let applications = batch.records().column_by_name("application").expect("a column of the schema");
        let is_id = |text: Option<&str>| text.and_then(ApplicationId::from_text).is_some();
        assert!(applications.as_string::<i32>().iter().all(is_id), "each flow is of an application");
        counted = (batch.records().num_rows() as u64, sum(&batch, "packets"), sum(&batch, "bytes"));
    }
    let counters = meter.counters();
    assert_eq!(counted, (counters.flows, counters.packets, counters.bytes), "every packet and byte is in a row");
    assert_eq!(counters.open_flows, 0);
    assert!(counters.flows <= counters.packets, "no flow without a packet");
    counters
}

fn sum(batch: &Batch, name: &str) -> u64 {
    let column = batch.records().column_by_name(name).expect("a column of the schema");
    column.as_primitive::<UInt64Type>().values().iter().sum()
}

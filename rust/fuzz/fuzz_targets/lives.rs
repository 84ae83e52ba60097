//! Templates, data, withdrawals, time and restarts in any order: the life of a collector.
//!
//! The input is cut at heads of two bytes: three bits say what happens, the others how much follows.
#![cfg_attr(fuzzing, no_main)]

use std::collections::BTreeMap;

use tidegauge_core::{
    decoder::{Decoder, Leniency, Limits, Session, SessionKey},
    schema::{Counter, ElementType},
    templates::Told,
    wire::ProtocolVersion,
};

const MINUTE: i64 = 60_000_000_000;
const TEMPLATE_BYTES: usize = 64 << 10;

/// A collector, and what those before it had told when they ended.
struct Collector {
    decoder: Decoder,
    rows: u64,
    records: u64,
}

impl Collector {
    fn new(knowledge: Option<&[u8]>, now: i64) -> Self {
        let limits = Limits {
            sessions: 6,
            templates_per_session: 16,
            template_bytes: TEMPLATE_BYTES,
            template_lifetime: Some(40 * MINUTE),
            parked_bytes: 8192,
            parked_bytes_per_exporter: 4096,
            ..Limits::default()
        };
        let mut decoder = Decoder::new(limits, String::new(), false);
        decoder.set_leniency(Leniency { reads_v9_sets: true, ..Leniency::default() });
        decoder.dissect();
        if let Some(knowledge) = knowledge {
            decoder.recall(knowledge, now).expect("what was written can be read");
        }
        Self { decoder, rows: 0, records: 0 }
    }

    fn drain(&mut self) {
        let batches = self.decoder.drain();
        let flows = batches.iter().filter(|batch| batch.table().name() == "flows");
        self.rows += flows.map(|batch| batch.records().num_rows() as u64).sum::<u64>();
        let held: usize = self.decoder.sessions().map(Session::template_bytes).sum();
        assert!(held <= TEMPLATE_BYTES, "{held} bytes of templates");
        let lines = self.decoder.take_dissection();
        assert!(lines.is_empty() || lines.ends_with(b"}\n"), "a message was left open");
    }

    /// Do what a collector does beside decoding: which it is, and with which number.
    fn turn_to(&mut self, what: usize, number: u32, now: i64) {
        let decoder = &mut self.decoder;
        match what {
            0 => {
                let told = Told { name: format!("element{number}").into(), element_type: ElementType::Unsigned32 };
                decoder.name_elements(BTreeMap::from([((number, number as u16), told)]));
            }
            1 => {
                let leniency = [number & 1, number & 2, number & 4].map(|bit| bit > 0);
                let [borrows_templates, heeds_withdrawals, reads_v9_sets] = leniency;
                decoder.set_leniency(Leniency { borrows_templates, heeds_withdrawals, reads_v9_sets });
            }
            2 => {
                let version = ProtocolVersion::from_mark(number as u8).unwrap_or(ProtocolVersion::Ipfix);
                let key = SessionKey { exporter: [0; 16], port: 0, version, observation_domain: number };
                decoder.resume(key, number);
                assert!(decoder.session(&key).is_some_and(|session| session.account.last_received() == i64::MIN));
            }
            3 => {
                decoder.kernel_dropped(u64::from(number), now);
                assert!(decoder.listener().totals()[Counter::LostKernel as usize] >= u64::from(number));
            }
            4 => {
                decoder.pass(now);
                assert!(decoder.has_full_batch() || !decoder.is_congested(), "what is congested has a batch");
            }
            _ => self.drain(),
        }
    }

    /// End as a collector does that is stopped, and begin as the next one.
    fn restart(mut self, now: i64) -> Self {
        let knowledge = self.decoder.knowledge(true).expect("it was asked for with ages");
        self.decoder.close();
        self.drain();
        let totals = self.decoder.totals();
        let [parked, unparked, lost] =
            [Counter::Parked, Counter::Unparked, Counter::LostNoTemplate].map(|counter| totals[counter as usize]);
        assert_eq!(parked, unparked + lost, "nothing waits for ever");
        let records = self.records + totals[Counter::Records as usize];
        Self { rows: self.rows, records, ..Self::new(Some(&knowledge), now) }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    let mut now = 1_700_000_000_000_000_000;
    let mut collector = Collector::new(None, now);
    let mut rest = input;
    while let Some((head, tail)) = rest.split_at_checked(2) {
        let head = u16::from_be_bytes([head[0], head[1]]);
        let (what, amount) = (head >> 13, usize::from(head & 0x1fff));
        let length = if what < 5 { amount.min(tail.len()) } else { 0 };
        let (datagram, tail) = tail.split_at(length);
        match what {
            0..=3 => collector.decoder.feed(datagram, [what as u8 / 2; 16], what, now),
            4 => collector.decoder.feed_undated(datagram, [0; 16], now),
            5 => now += MINUTE * (amount as i64 % 128 - 16),
            6 => collector = collector.restart(now),
            _ => collector.turn_to(amount % 8, (amount / 8) as u32, now),
        }
        rest = tail;
    }
    let last = collector.restart(now);
    assert_eq!(last.rows, last.records, "every record counted is a row");
}

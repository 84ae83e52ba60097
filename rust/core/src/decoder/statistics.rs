//! What an exporter counted of itself, from the running totals that it tells.

use std::collections::HashMap;

use crate::schema::Counter;

/// Totals remembered for one session.
const MAXIMUM_TOTALS: usize = 64;

/// The totals last told, by who counts.
#[derive(Debug, Default)]
pub struct Statistics {
    last: HashMap<(Counter, Box<[u8]>), u64>,
}

impl Statistics {
    /// Whether nothing was told.
    pub fn is_empty(&self) -> bool {
        self.last.is_empty()
    }

    /// By how much a total has grown. What was counted before the first one nobody knows; one that fell began anew.
    pub fn increase(&mut self, counter: Counter, counted_by: &[u8], total: u64) -> u64 {
        let key = (counter, counted_by.into());
        if self.last.len() >= MAXIMUM_TOTALS && !self.last.contains_key(&key) {
            return 0;
        }
        match self.last.insert(key, total) {
            Some(last) if last <= total => total - last,
            Some(_) => total,
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoder::tests::{EXPORTER, RECEIVED, decoder, ipfix, set, words};

    #[test]
    fn a_total_counts_by_what_it_grows_and_begins_anew_where_it_fell() {
        let mut statistics = Statistics::default();
        let mut increase = |by: &[u8], total| statistics.increase(Counter::ToldUnsentFlows, by, total);
        let told: Vec<u64> = [100, 103, 103, 4, 5].map(|total| increase(&[1], total)).to_vec();
        assert_eq!(told, [0, 3, 0, 4, 1]);
        assert_eq!((increase(&[2], 50), increase(&[2], 51), increase(&[1], 6)), (0, 1, 1), "each by itself");
        assert_eq!(statistics.increase(Counter::ToldIgnoredPackets, &[1], 7), 0, "and each counter");
    }

    #[test]
    fn who_counts_more_than_there_is_room_for_is_not_counted() {
        let mut statistics = Statistics::default();
        for turn in 1..=2 {
            let increases = (0..=MAXIMUM_TOTALS as u8)
                .map(|by| statistics.increase(Counter::ToldUnsentFlows, &[by], turn))
                .sum::<u64>();
            assert_eq!(increases, (turn - 1) * MAXIMUM_TOTALS as u64);
        }
    }

    #[test]
    fn who_connects_again_goes_on_with_its_totals() {
        let template = set(3, &words(&[257, 2, 1, 144, 4, 166, 8]));
        let message =
            |unsent: u64| ipfix(0, 7, &[template.clone(), set(257, &[&[0; 4][..], &unsent.to_be_bytes()].concat())]);
        let mut decoder = decoder();
        for (port, unsent) in [(1, 0), (2, 5), (3, 6)] {
            decoder.feed_stream(&message(unsent), EXPORTER, port, RECEIVED).unwrap();
            decoder.end_stream(EXPORTER, port, RECEIVED);
        }
        assert_eq!(decoder.totals()[Counter::ToldUnsentFlows as usize], 6);
        decoder.feed_stream(&message(7), EXPORTER, 4, RECEIVED).unwrap();
        decoder.feed_stream(&message(9), EXPORTER, 5, RECEIVED).unwrap();
        assert_eq!(decoder.totals()[Counter::ToldUnsentFlows as usize], 7, "two at once are two exporters");
    }

    #[test]
    fn totals_beyond_all_numbers_end_at_the_largest() {
        let template = set(3, &words(&[257, 2, 1, 144, 4, 166, 8]));
        let mut decoder = decoder();
        for (port, unsent) in [(1, 0), (1, u64::MAX), (1, 5), (2, 0), (2, 7)] {
            let told = set(257, &[&[0; 4][..], &unsent.to_be_bytes()].concat());
            decoder.feed(&ipfix(0, 7, &[template.clone(), told]), EXPORTER, port, RECEIVED);
        }
        assert_eq!(decoder.totals()[Counter::ToldUnsentFlows as usize], u64::MAX);
        decoder.drain();
    }

    #[test]
    fn totals_come_in_any_number_of_bytes_and_in_the_scope_too() {
        // YAF's: booted and exported so much are the scope.
        let template = set(3, &words(&[257, 4, 2, 160, 8, 42, 8, 164, 4, 166, 1]));
        let record = |exported: u64, ignored: u32, unsent: u8| {
            let values: [&[u8]; 4] =
                [&exported.to_be_bytes(), &exported.to_be_bytes(), &ignored.to_be_bytes(), &[unsent]];
            set(257, &values.concat())
        };
        let mut decoder = decoder();
        let sets = [template, record(30, 58, 0), record(41, 60, 2)];
        decoder.feed(&ipfix(0, 7, &sets), EXPORTER, 4739, RECEIVED);
        let totals = decoder.totals();
        let counters = [Counter::ToldExportedFlows, Counter::ToldIgnoredPackets, Counter::ToldUnsentFlows];
        assert_eq!(counters.map(|counter| totals[counter as usize]), [11, 2, 2]);
        assert_eq!(totals[Counter::ToldDroppedPackets as usize], 0);
    }
}

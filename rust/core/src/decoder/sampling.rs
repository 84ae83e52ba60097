//! What an exporter said about its sampling.

use std::collections::HashMap;

/// Sampling intervals of one session: one for all, and one for each sampler.
#[derive(Debug, Default)]
pub struct Sampling {
    whole: Option<u32>,
    by_sampler: HashMap<u64, u32>,
    /// Whether interfaces or directions have intervals of their own. Whose a flow is, is found when a question is asked.
    is_in_parts: bool,
    /// What headers or records said last.
    noted: Option<u32>,
    /// Whether a record named a sampler of which nothing was told.
    is_unknown: bool,
}

/// Samplers remembered for one session; v9 numbers them in one byte.
const MAXIMUM_SAMPLERS: usize = 256;

/// Records that no sampler has picked, as Cisco numbers it.
const NO_SAMPLER: u64 = 0;

impl Sampling {
    /// Learn the interval of the whole domain; tells whether it is news.
    pub fn learn_whole(&mut self, interval: u32) -> bool {
        self.is_unknown = false;
        self.whole.replace(interval) != Some(interval)
    }

    /// Learn the interval of a sampler; tells whether it is news.
    pub fn learn_sampler(&mut self, sampler: u64, interval: u32) -> bool {
        if self.by_sampler.len() == MAXIMUM_SAMPLERS && !self.by_sampler.contains_key(&sampler) {
            return false;
        }
        self.is_unknown = false;
        self.by_sampler.insert(sampler, interval) != Some(interval)
    }

    /// Learn that an interface or a direction has an interval of its own; tells whether it is news.
    pub fn learn_part(&mut self) -> bool {
        self.is_unknown = false;
        !std::mem::replace(&mut self.is_in_parts, true)
    }

    /// What was learnt: of the whole, of each sampler, and whether parts have intervals of their own.
    pub fn learnt(&self) -> (Option<u32>, impl Iterator<Item = (u64, u32)>, bool) {
        (self.whole, self.by_sampler.iter().map(|(&sampler, &interval)| (sampler, interval)), self.is_in_parts)
    }

    /// Remember what a header or a record said.
    pub fn note(&mut self, interval: Option<u32>) {
        self.noted = interval.or(self.noted);
    }

    /// The interval of records that name no sampler. A device with one sampler need not repeat its id.
    pub fn whole(&self) -> Option<u32> {
        let mut samplers = self.by_sampler.values();
        match (self.whole, samplers.next(), samplers.next()) {
            _ if self.is_in_parts => None,
            (Some(interval), ..) | (None, Some(&interval), None) => Some(interval),
            _ => None,
        }
    }

    /// The interval of records that name a sampler, which the header may have told for it.
    pub fn of_sampler(&mut self, sampler: u64, header: Option<u32>) -> Option<u32> {
        let whole = header.or(self.whole.filter(|_| !self.is_in_parts));
        let interval = self.by_sampler.get(&sampler).copied().or(whole);
        self.is_unknown |= interval.is_none() && sampler != NO_SAMPLER && !self.is_in_parts;
        interval
    }

    /// What is told of the session: an interval, 0 where packets are sampled and nobody said how.
    pub fn told(&self) -> Option<u32> {
        if self.is_unknown { Some(0) } else { self.whole().or(self.noted) }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{cast::AsArray, types::UInt32Type};

    use super::Sampling;
    use crate::decoder::tests::FIELDS;
    use crate::decoder::tests::{EXPORTER, RECEIVED, data_set, decoder, ipfix, set, template_set, words};

    /// Elements and lengths.
    type Fields = &'static [(u16, u16)];

    /// Intervals of the flows in some sets, one session after the other.
    fn intervals(sets: &[Vec<u8>]) -> Vec<Option<u32>> {
        let mut decoder = decoder();
        decoder.feed(&ipfix(0, 7, sets), EXPORTER, 4739, RECEIVED);
        let batches = decoder.drain();
        let column = batches[0].records().column_by_name("sampling_interval").unwrap();
        column.as_primitive::<UInt32Type>().iter().collect()
    }

    #[test]
    fn each_way_to_say_it_is_understood() {
        let (ten, thousand) = (10u32.to_be_bytes(), 1000u32.to_be_bytes());
        let ways: [(Fields, Vec<u8>, u32); 7] = [
            (&[(34, 4)], thousand.to_vec(), 1000),
            (&[(305, 4)], thousand.to_vec(), 1000),
            (&[(305, 4), (306, 4)], [ten, thousand].concat(), 101),
            (&[(307, 4), (308, 4)], [thousand, ten].concat(), 1),
            (&[(309, 4), (310, 4)], [ten, thousand].concat(), 100),
            (&[(311, 8)], 0.004f64.to_be_bytes().to_vec(), 250),
            (&[(311, 4)], 0.3f32.to_be_bytes().to_vec(), 3),
        ];
        for (fields, values, interval) in ways {
            let mut template = words(&[257, fields.len() as u16 + 1, 1, 149, 4]);
            for &(id, length) in fields {
                template.extend(words(&[id, length]));
            }
            let options = set(257, &[7u32.to_be_bytes().to_vec(), values.clone()].concat());
            let sets = [set(3, &template), options, template_set(256, &FIELDS), data_set(256, &[1])];
            assert_eq!(intervals(&sets), [Some(interval)], "{fields:?} in options");
            let in_record =
                [template_set(256, &[&FIELDS[1..], fields].concat()), set(256, &[vec![0; 4], values].concat())];
            assert_eq!(intervals(&in_record), [Some(interval)], "{fields:?} in the record");
        }
    }

    #[test]
    fn an_interface_does_not_speak_for_the_others() {
        for (interface, interval) in [(3, None), (0, Some(100))] {
            let template = set(3, &words(&[257, 2, 1, 10, 4, 34, 4]));
            let options = set(257, &[u32::to_be_bytes(interface), 100u32.to_be_bytes()].concat());
            let sets = [template, options, template_set(256, &FIELDS), data_set(256, &[1])];
            assert_eq!(intervals(&sets), [interval], "interface {interface}");
        }
    }

    #[test]
    fn a_sampler_that_is_not_in_the_table_is_not_the_one_that_is() {
        let mut sampling = Sampling::default();
        sampling.learn_sampler(1, 100);
        assert_eq!((sampling.whole(), sampling.of_sampler(1, None)), (Some(100), Some(100)));
        assert_eq!((sampling.of_sampler(0, None), sampling.told()), (None, Some(100)), "no sampler at all");
        assert_eq!((sampling.of_sampler(2, None), sampling.told()), (None, Some(0)));
        sampling.learn_sampler(2, 10);
        assert_eq!((sampling.of_sampler(2, None), sampling.told()), (Some(10), None), "now there are two");
    }

    #[test]
    fn what_is_told_of_the_whole_outlives_what_is_told_of_samplers() {
        let mut sampling = Sampling::default();
        sampling.learn_whole(1000);
        sampling.learn_sampler(1, 100);
        sampling.learn_sampler(2, 10);
        assert_eq!((sampling.whole(), sampling.of_sampler(3, None)), (Some(1000), Some(1000)));
    }

    #[test]
    fn parts_leave_the_rest_unsaid() {
        let mut sampling = Sampling::default();
        sampling.learn_whole(1000);
        sampling.learn_part();
        assert_eq!((sampling.whole(), sampling.told()), (None, None));
    }
}

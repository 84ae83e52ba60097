//! The numbers of samples: what an agent took and never came, and what it dropped itself.

use std::collections::HashMap;

use crate::wire::sflow::{FlowSample, Source};

/// What passed at a source since its sample before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Samples missing by their numbers.
    pub missing: u64,
    /// Samples that the agent says it dropped.
    pub dropped: u64,
}

/// A jump beyond this is a restart, not a loss.
const MAXIMUM_GAP: i32 = 1 << 20;

/// Of which session's source, and whether of discarded packets, which have numbers of their own.
type SourceKey = (u64, Source, bool);

/// The latest numbers of each source, of all agents, within a bound.
///
/// Two halves: when the younger is full the older goes, so that sources which were heard since survive a flood of
/// forged ones. One that goes costs the knowledge of what passed until its next sample.
pub struct Sources {
    young: HashMap<SourceKey, (u32, u32)>,
    old: HashMap<SourceKey, (u32, u32)>,
    limit: usize,
}

impl Sources {
    /// None yet, and no more than `limit`.
    pub fn new(limit: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), limit }
    }

    /// Note a sample of the session with this serial number.
    pub fn see(&mut self, session: u64, sample: &FlowSample<'_>) -> Passed {
        let key = (session, sample.source, sample.discard_reason.is_some());
        let now = (sample.sequence, sample.drops);
        let before = self.young.insert(key, now).or_else(|| self.old.remove(&key));
        if self.young.len() > self.limit / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        let Some((sequence, drops)) = before else { return Passed::default() };
        Passed { missing: grown(sequence.wrapping_add(1), now.0), dropped: grown(drops, now.1) }
    }
}

/// How far a number is beyond what it was; 0 where it went back or began anew.
fn grown(before: u32, now: u32) -> u64 {
    let advance = now.wrapping_sub(before) as i32;
    if (1..MAXIMUM_GAP).contains(&advance) { advance as u64 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::sflow::{Sample, Samples};

    fn sample(index: u32, sequence: u32, drops: u32) -> Vec<u8> {
        let words = [1, 32, sequence, index, 100, 0, drops, 0, 0, 0];
        words.into_iter().flat_map(u32::to_be_bytes).collect()
    }

    fn see(sources: &mut Sources, session: u64, bytes: &[u8]) -> Passed {
        match Samples::new(1, bytes).next() {
            Some(Ok(Sample::Flow(sample))) => sources.see(session, &sample),
            other => panic!("{other:?} is no flow sample"),
        }
    }

    /// Proves A8.
    #[test]
    fn a_flood_of_sources_forgets_those_silent_longest() {
        let mut sources = Sources::new(100);
        for flood in 0..10_000 {
            see(&mut sources, 1, &sample(flood, 1, 0));
            if flood % 20 == 0 {
                let passed = see(&mut sources, 2, &sample(7, flood, 0));
                assert_eq!(passed.missing, if flood == 0 { 0 } else { 19 }, "who goes on is known");
            }
            assert!(sources.young.len() + sources.old.len() <= 102);
        }
        assert_eq!(see(&mut sources, 1, &sample(0, 9, 9)), Passed::default(), "the first were forgotten");
    }

    #[test]
    fn numbers_grow_across_the_wrap_and_begin_anew() {
        assert_eq!(grown(u32::MAX, 2), 3);
        assert_eq!(grown(900_000_000, 0), 0);
        assert_eq!(grown(7, 7), 0);
    }
}

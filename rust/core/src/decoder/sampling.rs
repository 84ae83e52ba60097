//! What an exporter said about its sampling.

use std::collections::HashMap;

/// Sampling intervals of one session: one for all, and one for each sampler.
#[derive(Debug, Default)]
pub struct Sampling {
    default: Option<u32>,
    by_sampler: HashMap<u64, u32>,
}

/// Samplers remembered for one session; v9 numbers them in one byte.
const MAXIMUM_SAMPLERS: usize = 256;

impl Sampling {
    /// Learn an interval from an options record.
    pub fn learn(&mut self, sampler: Option<u64>, interval: u32) {
        match sampler {
            Some(sampler) if self.by_sampler.len() < MAXIMUM_SAMPLERS || self.by_sampler.contains_key(&sampler) => {
                self.by_sampler.insert(sampler, interval);
                // A device with one sampler need not repeat its id in every record.
                self.default = (self.by_sampler.len() == 1).then_some(interval);
            }
            Some(_) => {}
            None => self.default = Some(interval),
        }
    }

    /// The interval of a sampler; that of the whole domain where the sampler is unknown.
    pub fn interval(&self, sampler: u64) -> Option<u32> {
        self.by_sampler.get(&sampler).copied().or(self.default)
    }

    /// The interval of the whole domain.
    pub fn default_interval(&self) -> Option<u32> {
        self.default
    }

    /// Whether samplers must be told apart.
    pub fn has_samplers(&self) -> bool {
        !self.by_sampler.is_empty()
    }
}

//! Looking at some packets only, by count: every n-th, or one at random out of each n (RFC 5475, section 5).

use std::hash::{BuildHasher, RandomState};

/// Which packets to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// One packet in so many.
    pub interval: u32,
    /// Any of them, or always the first: traffic with a beat of its own can be in step with the first.
    pub is_random: bool,
}

/// Picks packets.
pub struct Sampler {
    sampling: Sampling,
    /// Packets of the current stretch that have passed.
    position: u32,
    /// The one of the current stretch to pick.
    pick: u32,
    state: u64,
}

impl Sampler {
    /// Begin a stretch.
    pub fn new(sampling: Sampling) -> Self {
        let interval = sampling.interval.max(1);
        let state = RandomState::new().hash_one(0) | 1;
        let mut sampler = Self { sampling: Sampling { interval, ..sampling }, position: 0, pick: 0, state };
        sampler.choose();
        sampler
    }

    /// How many of the next `packets` to look at.
    #[inline]
    pub fn take(&mut self, packets: u32) -> u32 {
        let (mut left, mut taken) = (packets, 0);
        while left > 0 {
            let step = left.min(self.sampling.interval - self.position);
            let end = self.position + step;
            taken += u32::from((self.position..end).contains(&self.pick));
            left -= step;
            self.position = end;
            if end == self.sampling.interval {
                self.position = 0;
                self.choose();
            }
        }
        taken
    }

    fn choose(&mut self) {
        if self.sampling.is_random {
            // Marsaglia's xorshift: fair enough for counting, and no sender sees its state.
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            self.pick = ((u64::from((self.state >> 32) as u32) * u64::from(self.sampling.interval)) >> 32) as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nth_is_exactly_every_nth_however_they_come() {
        let mut sampler = Sampler::new(Sampling { interval: 10, is_random: false });
        let taken: Vec<u32> = (0..25).map(|_| sampler.take(1)).collect();
        assert_eq!((taken.iter().sum::<u32>(), taken[0], taken[10], taken[20]), (3, 1, 1, 1));
        assert_eq!(sampler.take(95), 9, "25 to 119 holds 30, 40 ... 110");
    }

    #[test]
    fn one_at_random_is_one_in_each_stretch_and_not_always_the_same() {
        let mut sampler = Sampler::new(Sampling { interval: 10, is_random: true });
        let mut places = [0; 10];
        for _ in 0..1_000 {
            let taken: Vec<u32> = (0..10).map(|_| sampler.take(1)).collect();
            assert_eq!(taken.iter().sum::<u32>(), 1);
            places[taken.iter().position(|&taken| taken == 1).unwrap()] += 1;
        }
        assert!(places.iter().all(|&count| (50..200).contains(&count)), "{places:?}");
    }
}

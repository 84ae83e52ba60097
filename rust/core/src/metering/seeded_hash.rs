//! A fast hash of flow keys that a sender cannot steer.
//!
//! Whoever sends packets chooses the keys; with a known hash he could make all flows collide. Each
//! table draws its own seed. One multiplication a word, folded, is several times as fast as the
//! standard library's hash, which protects longer secrets than ours.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Builds hashers with one secret seed.
pub struct SeededHash {
    seed: u64,
    multiplier: u64,
}

impl Default for SeededHash {
    fn default() -> Self {
        let random = RandomState::new();
        Self { seed: random.hash_one(0), multiplier: random.hash_one(1) | 1 }
    }
}

impl BuildHasher for SeededHash {
    type Hasher = FoldedHasher;

    #[inline]
    fn build_hasher(&self) -> FoldedHasher {
        FoldedHasher { state: self.seed, multiplier: self.multiplier }
    }
}

/// Folds each word into the state by a multiplication.
pub struct FoldedHasher {
    state: u64,
    multiplier: u64,
}

impl Hasher for FoldedHasher {
    #[inline]
    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * u128::from(self.multiplier);
        self.state = (product as u64 ^ (product >> 64) as u64).wrapping_add(self.multiplier);
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.state
    }
}

/// The bit by which the hashes of a flow and of its way back differ, nearly always; the other bits are the same.
pub const WAY_BACK: u32 = 1 << 31;

impl SeededHash {
    /// Hash both ends of a flow, each an address in two words and a port, with what they share. Each pair of words is
    /// multiplied beside the other, which a processor does at the same time.
    #[inline]
    pub fn hash_ends(&self, ends: [[u64; 3]; 2], shared: u64) -> u32 {
        let (seed, multiplier) = (self.seed, self.multiplier);
        let [src, dst] = ends.map(|[high, low, port]| fold(fold(high ^ seed, low ^ multiplier) ^ port, multiplier));
        let both = fold(src.wrapping_add(dst) ^ shared, multiplier.rotate_left(32));
        (both >> 32) as u32 & !WAY_BACK | u32::from(src > dst) << 31
    }
}

#[inline]
fn fold(one: u64, another: u64) -> u64 {
    let product = u128::from(one) * u128::from(another);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_words_spread_over_high_and_low_bits() {
        let hash = SeededHash::default();
        let hash_word = |word: u64| {
            let mut hasher = hash.build_hasher();
            hasher.write_u64(word);
            hasher.write_u64(0);
            hasher.finish()
        };
        for shift in [0, 57] {
            let mut seen = [0_u32; 128];
            (0..12_800).for_each(|word| seen[(hash_word(word) >> shift & 127) as usize] += 1);
            let fullest = seen.iter().max().unwrap();
            assert!(*fullest < 300, "100 of 12,800 belong into each of 128, one got {fullest}");
        }
    }

    #[test]
    fn ports_spread_as_well_and_the_way_back_differs_by_its_bit() {
        let hash = SeededHash::default();
        let mut seen = [0_u32; 128];
        for (src_port, dst_port) in (0..160).flat_map(|src_port| (0..80).map(move |dst_port| (src_port, dst_port))) {
            let (src, dst) = ([0, 7, src_port], [0, 8, dst_port]);
            let found = hash.hash_ends([src, dst], 6);
            assert_eq!(hash.hash_ends([dst, src], 6), found ^ WAY_BACK);
            seen[(found & 127) as usize] += 1;
        }
        assert!(seen.iter().all(|count| (40..200).contains(count)), "100 of 12,800 belong into each of 128: {seen:?}");
    }

    #[test]
    fn two_tables_hash_differently() {
        let hash = || SeededHash::default().hash_one(7_u64);
        assert_ne!(hash(), hash());
    }
}

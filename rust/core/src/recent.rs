//! The last answers to questions of which few make up most.

use std::array;

const PLACES: usize = 64;

/// Answers by key. Each key has one place, and takes it from whoever had it: nothing is searched, and nothing grows.
pub struct Recent<K, V> {
    places: [Option<(K, V)>; PLACES],
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { places: array::from_fn(|_| None) }
    }
}

impl<K: PartialEq, V> Recent<K, V> {
    /// The answer for a key; `mark` is a number of the key's own, more or less, which says its place.
    #[inline]
    pub fn get_or_make(&mut self, mark: u64, key: K, make: impl FnOnce(&K) -> V) -> &V {
        // Fibonacci hashing: the upper bits of the product depend on all bits of the mark.
        let place = (mark.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - PLACES.ilog2())) as usize;
        let place = &mut self.places[place];
        if place.as_ref().is_none_or(|(known, _)| *known != key) {
            let value = make(&key);
            *place = Some((key, value));
        }
        match place {
            Some((_, value)) => value,
            None => unreachable!("it was just made"),
        }
    }
}

/// So many bytes, or fewer, of one length are told apart by their mark.
pub const MARKED_BYTES: usize = 8;

/// A number of bytes' own, more or less, made of the first four and the last four.
#[inline]
pub fn mark(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) << 32 ^ u64::from(u32::from_le_bytes(*last)) ^ bytes.len() as u64
        }
        _ => bytes.iter().fold(0, |mark: u64, &byte| mark << 8 | u64::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_made_again_and_who_takes_a_place_has_it() {
        let (mut recent, mut made) = (Recent::default(), Vec::new());
        for key in ["a", "a", "b", "b", "a"] {
            let answer = *recent.get_or_make(7, key, |key| {
                made.push(*key);
                key.len() + made.len()
            });
            assert_eq!(answer, 1 + made.len());
        }
        assert_eq!(made, ["a", "b", "a"]);
    }

    #[test]
    fn keys_with_marks_of_their_own_do_not_disturb_each_other_much() {
        let (mut recent, mut made) = (Recent::default(), 0);
        for key in (0..100).flat_map(|_| [6, 17, 53, 443]) {
            recent.get_or_make(key, key, |_| made += 1);
        }
        assert!(made < 40, "{made}");
    }
}

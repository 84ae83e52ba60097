//! Each value of a column once, and a number for each row.

use std::hash::{BuildHasher, RandomState};

/// Whoever sends packets chooses addresses and ports; secrets keep him from making them collide.
#[derive(Clone, Copy)]
pub struct Secrets {
    seed: u64,
    multiplier: u64,
}

impl Secrets {
    fn draw() -> Self {
        let random = RandomState::new();
        Self { seed: random.hash_one(0), multiplier: random.hash_one(1) | 1 }
    }

    /// Fold another word into a hash.
    #[inline]
    pub fn fold(self, hash: u64, word: u64) -> u64 {
        let product = u128::from(self.seed ^ hash ^ word) * u128::from(self.multiplier);
        product as u64 ^ (product >> 64) as u64
    }
}

/// A value that a dictionary can hold.
pub trait Key: Copy + PartialEq {
    /// A hash that nobody can predict.
    fn hash(self, secrets: Secrets) -> u64;
}

/// Values in the order they were first seen.
pub struct Dictionary<T> {
    values: Vec<T>,
    /// Place of a value plus one, where its hash says or after it; 0 where there is none.
    slots: Vec<u32>,
    secrets: Secrets,
}

impl<T: Key> Dictionary<T> {
    /// An empty one.
    pub fn new() -> Self {
        const FEW: usize = 64;
        Self { values: Vec::new(), slots: vec![0; FEW], secrets: Secrets::draw() }
    }

    /// The values.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The number of a value, a new one where it is new.
    #[inline]
    pub fn number(&mut self, value: T) -> u32 {
        let mut slot = self.first_slot(value);
        loop {
            match self.slots[slot] {
                0 => return self.add(slot, value),
                known if self.values[known as usize - 1] == value => return known - 1,
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
    }

    #[inline]
    fn first_slot(&self, value: T) -> usize {
        value.hash(self.secrets) as usize & (self.slots.len() - 1)
    }

    fn add(&mut self, slot: usize, value: T) -> u32 {
        let number = self.values.len() as u32;
        self.values.push(value);
        self.slots[slot] = number + 1;
        if self.values.len() * 2 > self.slots.len() {
            self.grow();
        }
        number
    }

    #[cold]
    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 4];
        let mask = self.slots.len() - 1;
        for number in 0..self.values.len() {
            let mut slot = self.first_slot(self.values[number]);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = number as u32 + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_its_number_while_the_table_grows() {
        let mut dictionary = Dictionary::new();
        let numbers = |dictionary: &mut Dictionary<u64>| (0..5000).map(|value| dictionary.number(value * 7)).collect();
        let first: Vec<u32> = numbers(&mut dictionary);
        assert_eq!(first, (0..5000).collect::<Vec<u32>>());
        assert_eq!(numbers(&mut dictionary), first);
        assert_eq!(dictionary.values()[4999], 34_993);
    }
}

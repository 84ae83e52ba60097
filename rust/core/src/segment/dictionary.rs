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

    /// Fold two words into a hash at once.
    #[inline]
    pub fn fold_pair(self, one: u64, another: u64) -> u64 {
        let product = u128::from(self.seed ^ one) * u128::from(self.multiplier ^ another);
        product as u64 ^ (product >> 64) as u64
    }
}

/// A value that a dictionary can hold.
pub trait Key: Copy + PartialEq {
    /// How the number of a value is found.
    type Places: Places<Self>;

    /// A hash that nobody can predict.
    fn hash(self, secrets: Secrets) -> u64;
}

/// Finds the place of a value among those seen before.
pub trait Places<T> {
    /// None yet.
    fn new() -> Self;

    /// The place of a value in `values`, appended to them where it is new.
    fn number(&mut self, value: T, values: &mut Vec<T>) -> u32;
}

/// Values in the order they were first seen.
pub struct Dictionary<T: Key> {
    values: Vec<T>,
    places: T::Places,
}

impl<T: Key> Dictionary<T> {
    /// An empty one.
    pub fn new() -> Self {
        Self { values: Vec::new(), places: T::Places::new() }
    }

    /// The values.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The number of a value, a new one where it is new.
    #[inline]
    pub fn number(&mut self, value: T) -> u32 {
        self.places.number(value, &mut self.values)
    }
}

/// Places by the value itself, where there are no more than `N`.
pub struct Direct<const N: usize> {
    /// Place of a value plus one; 0 where there is none.
    slots: Vec<u32>,
}

impl<const N: usize, T: Copy + Into<usize>> Places<T> for Direct<N> {
    fn new() -> Self {
        Self { slots: vec![0; N] }
    }

    #[inline]
    fn number(&mut self, value: T, values: &mut Vec<T>) -> u32 {
        let slot = &mut self.slots[value.into()];
        if *slot == 0 {
            values.push(value);
            *slot = values.len() as u32;
        }
        *slot - 1
    }
}

/// Places by a hash.
pub struct Hashed {
    /// Place of a value plus one, where its hash says or after it; 0 where there is none.
    slots: Vec<u32>,
    secrets: Secrets,
}

impl<T: Key> Places<T> for Hashed {
    fn new() -> Self {
        const FEW: usize = 64;
        Self { slots: vec![0; FEW], secrets: Secrets::draw() }
    }

    #[inline]
    fn number(&mut self, value: T, values: &mut Vec<T>) -> u32 {
        let mut slot = self.first_slot(value);
        loop {
            match self.slots[slot] {
                0 => return self.add(slot, value, values),
                known if values[known as usize - 1] == value => return known - 1,
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
    }
}

impl Hashed {
    #[inline]
    fn first_slot<T: Key>(&self, value: T) -> usize {
        value.hash(self.secrets) as usize & (self.slots.len() - 1)
    }

    fn add<T: Key>(&mut self, slot: usize, value: T, values: &mut Vec<T>) -> u32 {
        values.push(value);
        self.slots[slot] = values.len() as u32;
        if values.len() * 2 > self.slots.len() {
            self.grow(values);
        }
        values.len() as u32 - 1
    }

    #[cold]
    fn grow<T: Key>(&mut self, values: &[T]) {
        self.slots = vec![0; self.slots.len() * 4];
        let mask = self.slots.len() - 1;
        for (number, &value) in values.iter().enumerate() {
            let mut slot = self.first_slot(value);
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

    #[test]
    fn short_values_are_numbered_as_they_come() {
        let mut dictionary = Dictionary::<u16>::new();
        assert_eq!([65_535, 0, 65_535, 7].map(|value| dictionary.number(value)), [0, 1, 0, 2]);
        assert_eq!(dictionary.values(), [65_535, 0, 7]);
    }
}

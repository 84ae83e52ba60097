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

/// Numbers that lie near zero, or whole steps from the first one: most columns have few others.
pub trait Near: Key {
    /// How many steps from the first of its column; more than can be where that is no whole number.
    fn distance(self, first: Self) -> usize;
}

/// Places by how near values are, and by a hash where they are not.
pub struct Nearest<T> {
    first: T,
    /// Place of a value plus one by its distance, as far as any has come; 0 where there is none.
    near: Vec<u32>,
    far: Hashed,
}

/// Farther away a table would be too large for the processor's cache.
const FARTHEST: usize = 1 << 16;

impl<T: Near + Default> Places<T> for Nearest<T> {
    fn new() -> Self {
        Self { first: T::default(), near: Vec::new(), far: Hashed::empty() }
    }

    #[inline]
    fn number(&mut self, value: T, values: &mut Vec<T>) -> u32 {
        match self.near.get(value.distance(self.first)) {
            Some(&known @ 1..) => known - 1,
            _ => self.number_elsewhere(value, values),
        }
    }
}

impl<T: Near> Nearest<T> {
    /// The number of a value that is new, or far away.
    #[inline(never)]
    fn number_elsewhere(&mut self, value: T, values: &mut Vec<T>) -> u32 {
        if values.is_empty() {
            self.first = value;
        }
        let distance = value.distance(self.first);
        if distance >= FARTHEST {
            return self.far.number(value, values);
        }
        if distance >= self.near.len() {
            self.near.resize((distance + 1).next_power_of_two(), 0);
        }
        values.push(value);
        self.near[distance] = values.len() as u32;
        values.len() as u32 - 1
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
        Self::empty()
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
    fn empty() -> Self {
        const FEW: usize = 64;
        Self { slots: vec![0; FEW], secrets: Secrets::draw() }
    }

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
        // There may be many more than stand here, of which we come to know only now.
        self.slots = vec![0; (values.len() * 4).next_power_of_two()];
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

    #[test]
    fn numbers_near_and_far_share_their_places() {
        let mut dictionary = Dictionary::<u64>::new();
        let mixed: Vec<u64> = (0..3000).flat_map(|number| [number * 11, number << 20, u64::MAX - number]).collect();
        let first: Vec<u32> = mixed.iter().map(|&value| dictionary.number(value)).collect();
        assert!(mixed.iter().zip(&first).all(|(&value, &number)| dictionary.values()[number as usize] == value));
        assert_eq!(mixed.iter().map(|&value| dictionary.number(value)).collect::<Vec<_>>(), first);
        assert_eq!(dictionary.values().len(), 3 * 3000 - 1, "0 is there twice");
    }

    #[test]
    fn the_first_far_number_may_come_after_many_near_ones() {
        let mut dictionary = Dictionary::<u32>::new();
        let values = || (0..5000).chain(u32::MAX - 5000..u32::MAX);
        assert!(values().map(|value| dictionary.number(value)).eq(0..10_000));
        assert!(values().map(|value| dictionary.number(value)).eq(0..10_000));
    }

    #[test]
    fn instants_are_told_apart_whatever_lies_between_them() {
        const FIRST: i64 = 1_700_000_000_000_000_123;
        let mut dictionary = Dictionary::<i64>::new();
        let instants = [0, 1_000_000, -1_000_000, 1, 999_999, i64::MIN, 70_000_000_000_000, -FIRST, i64::MAX - FIRST];
        let instants = instants.map(|after| FIRST.wrapping_add(after));
        assert_eq!(instants.map(|instant| dictionary.number(instant)), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(instants.map(|instant| dictionary.number(instant)), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(dictionary.values(), instants);
    }
}

//! Groups of flows that have a stretch of time, an observation point and a value in common.

use crate::segment::dictionary::Dictionary;

/// Of more groups of one field none are kept: it bounds memory, and so many are hardly fewer than flows.
const MOST_GROUPS: usize = 1 << 20;
/// A table of groups pays where there are so many flows for each group.
const FLOWS_FOR_A_GROUP: usize = 4;
/// So few groups always pay.
const FEW_GROUPS: usize = 1 << 12;

/// What the flows of a group, or the piece of a flow, come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Bytes and packets. Whoever counts all flows sees whether they fit.
    pub counters: [u64; 2],
    /// Flows that began in the stretch, those that lived at its begin already, and how many of each were clamped.
    pub flows: [u32; 4],
    /// Whether any flow told its bytes, and its packets.
    pub has: [bool; 2],
}

impl Sums {
    /// Add others.
    #[inline]
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in self.counters.iter_mut().zip(other.counters) {
            *sum = sum.wrapping_add(more);
        }
        for (count, more) in self.flows.iter_mut().zip(other.flows) {
            *count += more;
        }
        for (has, more) in self.has.iter_mut().zip(other.has) {
            *has |= more;
        }
    }
}

/// The groups of one field. Values are numbers, 0 for none; places say when and where.
pub struct Groups {
    /// Number of a group plus one, by place and value where both are small: most are, and need no hash.
    direct: Vec<u32>,
    hashed: Dictionary<u64>,
    /// Number of a group by its place in `hashed`.
    numbers: Vec<u32>,
    keys: Vec<u64>,
    sums: Vec<Sums>,
    most: usize,
    /// Whether there were too many, so that none are kept any more.
    pub is_over: bool,
}

const VALUE_BITS: u32 = 33;
const DIRECT_BITS: u32 = 17;
const DIRECT_PLACES: u32 = 4;

impl Groups {
    /// None yet, of so many flows.
    pub fn new(flows: usize) -> Self {
        let most = (flows / FLOWS_FOR_A_GROUP).clamp(FEW_GROUPS, MOST_GROUPS);
        let (hashed, numbers) = (Dictionary::new(), Vec::new());
        Self { direct: Vec::new(), hashed, numbers, keys: Vec::new(), sums: Vec::new(), most, is_over: false }
    }

    /// Add the piece of a flow.
    #[inline]
    pub fn add(&mut self, place: u32, value: u64, piece: &Sums) {
        let is_small = place < DIRECT_PLACES && value < 1 << DIRECT_BITS;
        let slot = (u64::from(place) << DIRECT_BITS | value) as usize;
        match self.direct.get(slot) {
            Some(&number) if is_small && number > 0 => self.sums[number as usize - 1].add(piece),
            _ => self.add_rare(place, value, is_small.then_some(slot), piece),
        }
    }

    /// Add the piece of a flow to a group that is new, or not found by its small numbers.
    fn add_rare(&mut self, place: u32, value: u64, slot: Option<usize>, piece: &Sums) {
        let key = u64::from(place) << VALUE_BITS | value;
        if let Some(slot) = slot {
            if self.direct.len() <= slot {
                self.direct.resize((place as usize + 1) << DIRECT_BITS, 0);
            }
            self.direct[slot] = self.push(key, piece) + 1;
            return;
        }
        let place = self.hashed.number(key) as usize;
        if place < self.numbers.len() {
            self.sums[self.numbers[place] as usize].add(piece);
        } else {
            let number = self.push(key, piece);
            self.numbers.push(number);
        }
    }

    fn push(&mut self, key: u64, piece: &Sums) -> u32 {
        self.keys.push(key);
        self.sums.push(*piece);
        self.keys.len() as u32 - 1
    }

    /// Give all groups up where they are too many to pay.
    pub fn limit(&mut self) {
        if self.sums.len() > self.most {
            self.give_up();
        }
    }

    /// Keep none.
    pub fn give_up(&mut self) {
        *self = Self { is_over: true, ..Self::new(0) };
    }

    /// Place, value and sums of each group.
    pub fn all(&self) -> impl Iterator<Item = (u32, u64, &Sums)> {
        let value = |key: u64| key & ((1 << VALUE_BITS) - 1);
        self.keys.iter().zip(&self.sums).map(move |(&key, sums)| ((key >> VALUE_BITS) as u32, value(key), sums))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(bytes: u64) -> Sums {
        Sums { counters: [bytes, 0], has: [true, false], flows: [1, 0, 0, 0] }
    }

    #[test]
    fn groups_of_a_place_and_a_value_add_up() {
        let mut groups = Groups::new(10);
        for (place, value, bytes) in [(0, 7, 1), (1, 7, 2), (0, 7, 4), (0, 1 << 32, 8), (70, 7, 16), (0, 1 << 32, 32)] {
            groups.add(place, value, &piece(bytes));
        }
        let found: Vec<_> =
            groups.all().map(|(place, value, sums)| (place, value, sums.counters[0], sums.flows[0])).collect();
        assert_eq!(found, [(0, 7, 5, 2), (1, 7, 2, 1), (0, 1 << 32, 40, 2), (70, 7, 16, 1)]);
    }

    #[test]
    fn more_groups_than_pay_are_given_up() {
        let mut groups = Groups::new(4 * 5000);
        (0..5001).for_each(|value| groups.add(0, value, &piece(1)));
        groups.limit();
        assert!(groups.is_over && groups.all().next().is_none());
    }
}

//! Numbers of flows by the hash of their keys.
//!
//! Open addressing, one word a place: the hash, and the number. Looking a flow up touches one place, nearly always, and
//! the flow itself; a table of keys would have been a third place in memory, and memory is what a meter waits for. The
//! hashes of both directions of a connection differ in one bit, by which they lie side by side.

use tidegauge_prefetch::prefetch;

const FEWEST_PLACES: usize = 1 << 10;

/// Number of nothing.
pub const NOWHERE: u32 = u32::MAX;

/// Places in which a number stands, nearly always: that of its hash and those behind.
const LIKELY_PLACES: usize = 4;

/// Places for each number: so many that most searches end among the likely ones.
const ROOM: usize = 4;

/// Numbers by hash; the keys are the caller's.
pub struct Index {
    /// A hash above, a number plus one below; 0 is an empty place.
    places: Vec<u64>,
    used: usize,
}

impl Default for Index {
    fn default() -> Self {
        Self { places: vec![0; FEWEST_PLACES], used: 0 }
    }
}

impl Index {
    /// Numbers in the table.
    pub fn len(&self) -> usize {
        self.used
    }

    /// The number of a hash that is the one looked for; it may be asked of numbers that are not in the table.
    #[inline]
    pub fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let (likely, is_alone) = self.glance(hash);
        match likely {
            NOWHERE if is_alone => None,
            _ if likely != NOWHERE && is_it(likely) => Some(likely),
            _ => self.search(hash, is_it),
        }
    }

    /// The number of a hash where it is among the first places that a search looks at, else [`NOWHERE`]; where several flows have
    /// the hash, which is seldom, any number.
    #[inline]
    pub fn likely(&self, hash: u32) -> u32 {
        self.glance(hash).0
    }

    /// The same, and whether there is none behind those places: a search ends at the first that is empty.
    ///
    /// Which place it is and whether there is one, nobody can guess: so all of them are looked at, without a branch.
    #[inline]
    fn glance(&self, hash: u32) -> (u32, bool) {
        let home = self.home(hash);
        let (found, gaps) = (0..LIKELY_PLACES).fold((0, 0), |(found, gaps), distance| {
            let place = self.places[(home + distance) & (self.places.len() - 1)];
            // By arithmetic, since compilers make branches of comparisons: all bits where nothing differs.
            let mask = (place >> 32 ^ u64::from(hash)).wrapping_sub(1) >> 32;
            (found | (place & mask) as u32, gaps | (place.wrapping_sub(1) & !place))
        });
        (found.wrapping_sub(1), gaps >> 63 != 0)
    }

    /// The number of a hash that is the one looked for, wherever it is.
    #[inline(never)]
    fn search(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mut at = self.home(hash);
        loop {
            let place = self.places[at];
            if place == 0 {
                return None;
            }
            if hash_of(place) == hash && is_it(number(place)) {
                return Some(number(place));
            }
            at = self.after(at);
        }
    }

    /// Fetch what a search will look at first.
    #[inline]
    pub fn foresee(&self, hash: u32) {
        prefetch(&self.places[self.home(hash)]);
    }

    /// Add a number that is not there yet.
    #[inline]
    pub fn insert(&mut self, hash: u32, number: u32) {
        if (self.used + 1) * ROOM > self.places.len() {
            self.grow();
        }
        self.used += 1;
        self.put(u64::from(hash) << 32 | (u64::from(number) + 1));
    }

    /// Take a number out that is there.
    pub fn remove(&mut self, hash: u32, removed: u32) {
        let mut hole = self.home(hash);
        while self.places[hole] == 0 || number(self.places[hole]) != removed {
            hole = self.after(hole);
        }
        // Move back what would not be found any more behind the hole.
        let mut next = self.after(hole);
        while self.places[next] != 0 {
            let mask = self.places.len() - 1;
            let from_home = next.wrapping_sub(self.home(hash_of(self.places[next]))) & mask;
            if from_home >= next.wrapping_sub(hole) & mask {
                self.places[hole] = self.places[next];
                hole = next;
            }
            next = self.after(next);
        }
        self.places[hole] = 0;
        self.used -= 1;
    }

    fn grow(&mut self) {
        let larger = vec![0; self.places.len() * 2];
        for place in std::mem::replace(&mut self.places, larger) {
            if place != 0 {
                self.put(place);
            }
        }
    }

    #[inline]
    fn put(&mut self, place: u64) {
        let mut at = self.home(hash_of(place));
        while self.places[at] != 0 {
            at = self.after(at);
        }
        self.places[at] = place;
    }

    /// Where a hash belongs: beside that of the way back, which differs in the highest bit.
    #[inline]
    fn home(&self, hash: u32) -> usize {
        hash.rotate_left(1) as usize & (self.places.len() - 1)
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.places.len() - 1)
    }
}

/// All bits, or none.
#[inline]
pub fn mask(is_set: bool) -> u32 {
    u32::from(is_set).wrapping_neg()
}

#[inline]
fn hash_of(place: u64) -> u32 {
    (place >> 32) as u32
}

#[inline]
fn number(place: u64) -> u32 {
    (place as u32).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn it_finds_what_a_map_finds_whatever_comes_and_goes() {
        let (mut index, mut map) = (Index::default(), HashMap::new());
        let mut state = 1_u64;
        for number in 0..60_000_u32 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Few hashes, so that many share one and places run into each other.
            let hash = (state >> 44) as u32;
            if state >> 20 & 1 == 0 {
                index.insert(hash, number);
                map.insert(number, hash);
            } else if let Some((&number, &hash)) = map.iter().next() {
                map.remove(&number);
                index.remove(hash, number);
                assert_eq!(index.find(hash, |found| found == number), None);
            }
        }
        assert_eq!(index.len(), map.len());
        for (&number, &hash) in &map {
            assert_eq!(index.find(hash, |found| found == number), Some(number));
        }
    }

    #[test]
    fn a_number_is_likely_where_few_stand_before_it() {
        let mut index = Index::default();
        let hashes: Vec<u32> = (0..9).map(|number| number << 16 | 7).collect();
        assert_eq!(index.likely(hashes[0]), NOWHERE);
        assert_eq!(index.likely(0), NOWHERE, "an empty place is no number");
        for (number, &hash) in hashes.iter().enumerate() {
            index.insert(hash, number as u32);
        }
        let likely: Vec<u32> = hashes.iter().map(|&hash| index.likely(hash)).collect();
        assert_eq!(likely[..LIKELY_PLACES], [0, 1, 2, 3]);
        assert_eq!(likely[LIKELY_PLACES..], [NOWHERE; 5], "these a search finds");
    }

    #[test]
    fn the_largest_number_is_a_number() {
        let mut index = Index::default();
        index.insert(7, u32::MAX - 1);
        assert_eq!(index.find(7, |_| true), Some(u32::MAX - 1));
    }
}

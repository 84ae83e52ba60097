//! What is looked for: rows of which one of some columns has one of some values.

/// A condition. Values are numbers: an address as the one that orders it.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The columns of which one has to have such a value.
    pub columns: Vec<String>,
    /// First and last values of ranges, in order, without overlap.
    ranges: Vec<(u128, u128)>,
}

/// Of more single values a filter of a row group is not asked: one would be there, or seem to be.
const FEW: usize = 16;

impl Condition {
    /// That one of some columns has a value in one of some ranges, both ends included.
    pub fn new(columns: Vec<String>, mut ranges: Vec<(u128, u128)>) -> Self {
        ranges.sort_unstable();
        let mut apart: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges.into_iter().filter(|(first, last)| first <= last) {
            match apart.last_mut() {
                Some(before) if first <= before.1 => before.1 = before.1.max(last),
                _ => apart.push((first, last)),
            }
        }
        Self { columns, ranges: apart }
    }

    /// Whether it is one of the values.
    #[inline]
    pub fn has(&self, value: u128) -> bool {
        match self.ranges[..] {
            [(first, last)] => first <= value && value <= last,
            _ => self.has_between(value, value),
        }
    }

    /// Whether any of the values is in a range.
    pub fn has_between(&self, low: u128, high: u128) -> bool {
        let place = self.ranges.partition_point(|&(_, last)| last < low);
        self.ranges.get(place).is_some_and(|&(first, _)| first <= high)
    }

    /// The values as addresses, where they are few.
    pub fn few(&self) -> Option<impl Iterator<Item = [u8; 16]>> {
        let are_few = self.ranges.len() <= FEW && self.ranges.iter().all(|(first, last)| first == last);
        are_few.then(|| self.ranges.iter().map(|(value, _)| value.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_may_overlap_and_come_in_any_order() {
        let condition = Condition::new(vec![], vec![(20, 29), (5, 5), (7, 6), (25, 40), (5, 5)]);
        let found: Vec<u128> = (0..50).filter(|&value| condition.has(value)).collect();
        assert_eq!(found, [5].into_iter().chain(20..=40).collect::<Vec<_>>());
        assert!(condition.has_between(0, 5) && condition.has_between(6, 20) && condition.has_between(21, 22));
        assert!(!condition.has_between(6, 19) && !condition.has_between(41, u128::MAX));
        assert!(condition.few().is_none());
    }

    #[test]
    fn few_single_values_can_be_asked_for() {
        let condition = Condition::new(vec![], vec![(1, 1), (0, 0)]);
        assert_eq!(condition.few().unwrap().map(|value| value[15]).collect::<Vec<_>>(), [0, 1]);
        let many = (0..100).map(|value| (2 * value, 2 * value)).collect();
        assert!(Condition::new(vec![], many).few().is_none());
    }
}

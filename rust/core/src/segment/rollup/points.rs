//! Where and when: observation points, and stretches of time at each of them.

use std::collections::HashMap;

use crate::{address::Address, segment::dictionary::Dictionary};

/// Exporter and observation domain.
pub type Point = (Option<Address>, Option<u32>);

/// Observation points by number.
#[derive(Default)]
pub struct Points {
    numbers: HashMap<Point, u32>,
    all: Vec<Point>,
    /// Rows of one point come together.
    last: Option<(Point, u32)>,
}

impl Points {
    /// The number of a point, a new one where it is new.
    #[inline]
    pub fn number(&mut self, point: Point) -> u32 {
        match self.last {
            Some((last, number)) if last == point => number,
            _ => self.look_up(point),
        }
    }

    /// The point of a number.
    pub fn point(&self, number: u32) -> Point {
        self.all[number as usize]
    }

    fn look_up(&mut self, point: Point) -> u32 {
        let number = *self.numbers.entry(point).or_insert_with(|| {
            self.all.push(point);
            self.all.len() as u32 - 1
        });
        self.last = Some((point, number));
        number
    }
}

/// Stretches of one length at the points, by number.
pub struct Places {
    keys: Dictionary<u64>,
    last: Option<(u64, u32)>,
}

impl Places {
    /// None yet.
    pub fn new() -> Self {
        Self { keys: Dictionary::new(), last: None }
    }

    /// The number of a stretch at a point, a new one where it is new.
    #[inline]
    pub fn number(&mut self, stretch: u32, point: u32) -> u32 {
        let key = u64::from(stretch) << 32 | u64::from(point);
        match self.last {
            Some((last, number)) if last == key => number,
            _ => {
                let number = self.keys.number(key);
                self.last = Some((key, number));
                number
            }
        }
    }

    /// Stretch and point of a number.
    pub fn place(&self, number: u32) -> (u32, u32) {
        let key = self.keys.values()[number as usize];
        ((key >> 32) as u32, key as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_and_places_keep_their_numbers() {
        let (mut points, mut places) = (Points::default(), Places::new());
        let (one, none) = ((Some([1; 16]), Some(7)), (None, None));
        assert_eq!([one, none, one, one].map(|point| points.number(point)), [0, 1, 0, 0]);
        assert_eq!(points.point(1), none);
        assert_eq!([(5, 0), (5, 1), (6, 0), (5, 0)].map(|(hour, point)| places.number(hour, point)), [0, 1, 2, 0]);
        assert_eq!(places.place(2), (6, 0));
    }
}

//! Parquet's `DELTA_BINARY_PACKED`, of which a few numbers are wanted: each is a sum of all before it.

use super::{
    cursor::Cursor,
    refusal::{Refusal, damaged},
};
use crate::segment::packing::{BLOCK as UNPACKED, unpack};

/// Differences of neighbours.
pub struct Deltas<'a> {
    bytes: Cursor<'a>,
    miniblocks: usize,
    miniblock: usize,
    /// The number at `place`, the next one to be told.
    number: i64,
    place: usize,
    count: usize,
}

impl<'a> Deltas<'a> {
    /// Read how they are laid out.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut bytes = Cursor(bytes);
        let mut size = || bytes.varint().and_then(|size| usize::try_from(size).map_err(|_| damaged("too many deltas")));
        let (block, miniblocks, count) = (size()?, size()?, size()?);
        let miniblock = block.checked_div(miniblocks).unwrap_or(0);
        if miniblock == 0 || miniblock % UNPACKED != 0 || block % miniblocks != 0 {
            return Err(damaged("deltas come in blocks that Parquet does not know"));
        }
        let number = bytes.zigzag()?;
        Ok(Self { bytes, miniblocks, miniblock, number, place: 0, count })
    }

    /// Take the numbers at some places, which are in order.
    pub fn at(mut self, mut places: &[u32], mut take: impl FnMut(i64)) -> Result<(), Refusal> {
        if places.last().is_some_and(|&last| last as usize >= self.count) {
            return Err(damaged("a page has fewer values than it says"));
        }
        if places.first() == Some(&0) {
            take(self.number);
            places = &places[1..];
        }
        while !places.is_empty() {
            let lowest = self.bytes.zigzag()?;
            for &width in self.bytes.take(self.miniblocks)? {
                if places.is_empty() {
                    break;
                }
                let packed = self.bytes.take(self.miniblock / 8 * usize::from(width))?;
                places = self.add(packed, u32::from(width), lowest, places, &mut take)?;
            }
        }
        Ok(())
    }

    /// Go through a miniblock; returns the places that are beyond it.
    fn add<'p>(
        &mut self,
        packed: &[u8],
        width: u32,
        lowest: i64,
        mut places: &'p [u32],
        take: &mut impl FnMut(i64),
    ) -> Result<&'p [u32], Refusal> {
        if width > u64::BITS {
            return Err(damaged("deltas of a page are too wide"));
        }
        let bytes = UNPACKED / 8 * width as usize;
        for block in 0..self.miniblock / UNPACKED {
            let above = unpack::<u64>(packed.get(block * bytes..).unwrap_or_default(), width);
            let beyond = self.place + UNPACKED;
            if places.first().is_none_or(|&place| place as usize > beyond) {
                let sum = above.iter().fold(0_u64, |sum, &delta| sum.wrapping_add(delta));
                let lowest = lowest.wrapping_mul(UNPACKED as i64);
                self.number = self.number.wrapping_add(sum as i64).wrapping_add(lowest);
            } else {
                for (place, delta) in above.into_iter().enumerate() {
                    self.number = self.number.wrapping_add(delta as i64).wrapping_add(lowest);
                    if places.first().is_some_and(|&wanted| wanted as usize == self.place + place + 1) {
                        take(self.number);
                        places = &places[1..];
                    }
                }
            }
            self.place = beyond;
        }
        Ok(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::delta::put_deltas;

    fn written(numbers: &[i64]) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_deltas(&mut bytes, numbers, |number| number, |one, next| next.wrapping_sub(one));
        bytes
    }

    fn taken(bytes: &[u8], places: &[u32]) -> Result<Vec<i64>, Refusal> {
        let mut taken = Vec::new();
        Deltas::new(bytes)?.at(places, |number| taken.push(number))?;
        Ok(taken)
    }

    #[test]
    fn numbers_are_taken_where_they_are_asked_for() {
        let numbers: Vec<i64> = (0..1000).map(|row: i64| row.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64)).collect();
        for count in [1, 2, 32, 33, 34, 129, 1000] {
            let bytes = written(&numbers[..count]);
            for step in [1, 2, 31, 32, 33, 500] {
                let places: Vec<u32> = (0..count as u32).step_by(step).collect();
                let expected: Vec<i64> = places.iter().map(|&place| numbers[place as usize]).collect();
                assert_eq!(taken(&bytes, &places).unwrap(), expected);
            }
            assert!(taken(&bytes, &[count as u32]).is_err());
        }
    }

    #[test]
    fn what_is_cut_off_is_damage() {
        let bytes = written(&[5, 1 << 40, -7, 12, i64::MAX]);
        assert_eq!(taken(&bytes, &[0, 4]).unwrap(), [5, i64::MAX]);
        for end in 0..bytes.len() - 32 {
            assert!(taken(&bytes[..end], &[4]).is_err());
        }
        assert!(taken(&[0, 0, 1, 0], &[0]).is_err(), "no miniblocks");
        assert!(taken(&[12, 4, 1, 0], &[0]).is_err(), "miniblocks of three");
    }
}

//! Numbers as Parquet's hybrid of runs and packed groups has them, read without unpacking all of them.

use super::{
    cursor::Cursor,
    refusal::{Refusal, damaged},
};
use crate::segment::packing::{BLOCK, unpack, unpack_one};

/// A sequence of numbers of a known width.
#[derive(Clone)]
pub struct Numbers<'a> {
    bytes: Cursor<'a>,
    width: u32,
    left: usize,
}

/// Numbers that come one after another, and how many there are.
enum Part<'a> {
    /// The same one each time.
    Run(usize, u32),
    /// Those packed in some bytes.
    Packed(usize, &'a [u8]),
}

/// Which numbers are looked for.
pub enum Wanted {
    /// One.
    One(u32),
    /// Those at whose place it says so.
    Some(Vec<bool>),
}

impl<'a> Numbers<'a> {
    /// So many numbers of `width` bits.
    pub fn new(bytes: &'a [u8], width: u32, count: usize) -> Result<Self, Refusal> {
        if width > u32::BITS {
            return Err(damaged("numbers of a page are too wide"));
        }
        Ok(Self { bytes: Cursor(bytes), width, left: count })
    }

    /// So many, after a byte that tells their width, as numbers into a dictionary are.
    pub fn of_dictionary(bytes: &'a [u8], count: usize) -> Result<Self, Refusal> {
        let (width, bytes) = bytes.split_first().unwrap_or((&0, bytes));
        Self::new(bytes, u32::from(*width), count)
    }

    /// Tell at which places those are that are wanted, in order.
    pub fn find(mut self, wanted: &Wanted, mut tell: impl FnMut(usize)) -> Result<(), Refusal> {
        let mut first = 0;
        while let Some(part) = self.part()? {
            match part {
                Part::Run(count, number) if wanted.has(number) => (first..first + count).for_each(&mut tell),
                Part::Run(..) => {}
                Part::Packed(count, bytes) => match wanted {
                    Wanted::One(one) => find(bytes, self.width, first, count, |number| number == *one, &mut tell),
                    Wanted::Some(_) => find(bytes, self.width, first, count, |number| wanted.has(number), &mut tell),
                },
            }
            first += part.count();
        }
        Ok(())
    }

    /// Take the numbers at some places, which are in order.
    pub fn at(mut self, places: &[u32], mut take: impl FnMut(u32)) -> Result<(), Refusal> {
        let (mut first, mut rest) = (0, places);
        while !rest.is_empty() {
            let part = self.part()?.ok_or_else(|| damaged("a page has fewer values than it says"))?;
            let here = rest.partition_point(|&place| (place as usize) < first + part.count());
            let (ours, others) = rest.split_at(here);
            match part {
                Part::Run(_, number) => ours.iter().for_each(|_| take(number)),
                Part::Packed(_, bytes) => {
                    for &place in ours {
                        take(unpack_one(bytes, self.width, place as usize - first));
                    }
                }
            }
            first += part.count();
            rest = others;
        }
        Ok(())
    }

    /// The next ones, until there are as many as there should be.
    fn part(&mut self) -> Result<Option<Part<'a>>, Refusal> {
        if self.left == 0 {
            return Ok(None);
        }
        let header = self.bytes.varint()?;
        let count = usize::try_from(header >> 1).unwrap_or(usize::MAX);
        let part = if header & 1 == 0 {
            let bytes = self.bytes.take(self.width.div_ceil(8) as usize)?;
            let number = bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte));
            Part::Run(count.min(self.left), number)
        } else {
            let bytes = self.bytes.take(count.saturating_mul(self.width as usize))?;
            Part::Packed(count.saturating_mul(8).min(self.left), bytes)
        };
        if part.count() == 0 {
            return Err(damaged("a page has an empty run"));
        }
        self.left -= part.count();
        Ok(Some(part))
    }
}

impl Part<'_> {
    fn count(&self) -> usize {
        let (Self::Run(count, _) | Self::Packed(count, _)) = self;
        *count
    }
}

impl Wanted {
    #[inline]
    fn has(&self, number: u32) -> bool {
        match self {
            Self::One(one) => *one == number,
            Self::Some(some) => some.get(number as usize) == Some(&true),
        }
    }
}

/// Tell which of some packed numbers are wanted: a block at a time, for nearly all have none.
#[inline]
fn find(
    bytes: &[u8],
    width: u32,
    first: usize,
    count: usize,
    is_wanted: impl Fn(u32) -> bool,
    tell: &mut impl FnMut(usize),
) {
    for block in (0..count).step_by(BLOCK) {
        let begin = block / 8 * width as usize;
        let numbers = unpack::<u32>(bytes.get(begin..).unwrap_or_default(), width);
        if numbers.iter().fold(false, |any, &number| any | is_wanted(number)) {
            let ours = numbers.iter().take(count - block).enumerate().filter(|&(_, &number)| is_wanted(number));
            ours.for_each(|(place, _)| tell(first + block + place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::packing::{put_numbers, put_run};

    fn numbers() -> (Vec<u8>, Vec<u32>) {
        let mut all: Vec<u32> = (0..100).map(|row| row * 7 % 13).collect();
        let mut bytes = vec![4];
        put_numbers(&mut bytes, 4, &all);
        // Groups are whole: what follows begins at a multiple of eight.
        all.resize(104, 0);
        put_run(&mut bytes, 4, 50, 3);
        all.resize(154, 3);
        (bytes, all)
    }

    #[test]
    fn all_that_are_wanted_are_found() {
        let (bytes, all) = numbers();
        let found = |wanted: &Wanted| {
            let mut places = Vec::new();
            Numbers::of_dictionary(&bytes, all.len()).unwrap().find(wanted, |place| places.push(place)).unwrap();
            places
        };
        let places = |wanted: &[u32]| (0..all.len()).filter(|&place| wanted.contains(&all[place])).collect::<Vec<_>>();
        assert_eq!(found(&Wanted::One(3)), places(&[3]));
        assert_eq!(found(&Wanted::One(12)), places(&[12]));
        let some = (0..13).map(|number| number == 0 || number == 11).collect();
        assert_eq!(found(&Wanted::Some(some)), places(&[0, 11]));
    }

    #[test]
    fn numbers_are_taken_where_they_are_asked_for() {
        let (bytes, all) = numbers();
        for step in [1, 3, 60, 153] {
            let places: Vec<u32> = (0..all.len() as u32).step_by(step).collect();
            let mut taken = Vec::new();
            Numbers::of_dictionary(&bytes, all.len()).unwrap().at(&places, |number| taken.push(number)).unwrap();
            assert_eq!(taken, places.iter().map(|&place| all[place as usize]).collect::<Vec<_>>());
        }
    }

    #[test]
    fn too_few_are_damage() {
        let (bytes, all) = numbers();
        for end in 0..bytes.len() {
            let short = |bytes| Numbers::of_dictionary(bytes, all.len());
            assert!(short(&bytes[..end]).unwrap().find(&Wanted::One(3), |_| {}).is_err());
            assert!(short(&bytes[..end]).unwrap().at(&[153], |_| {}).is_err());
        }
        assert!(Numbers::of_dictionary(&[33], 1).is_err(), "too wide");
        assert!(Numbers::new(&[0, 0], 1, 1).unwrap().at(&[0], |_| {}).is_err(), "a run of none");
        assert!(Numbers::new(&[0xff; 10], 1, 1).unwrap().at(&[0], |_| {}).is_err(), "a count that does not end");
    }

    #[test]
    fn constant_numbers_need_no_bits() {
        let mut taken = Vec::new();
        Numbers::new(&[1 << 1 | 1], 0, 8).unwrap().at(&[2, 7], |number| taken.push(number)).unwrap();
        assert_eq!(taken, [0, 0]);
    }
}

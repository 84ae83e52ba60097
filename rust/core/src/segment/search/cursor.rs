//! Bytes of a page, taken from the front.

use super::refusal::{Refusal, damaged};

/// What is left of some bytes.
#[derive(Clone, Copy)]
pub struct Cursor<'a>(pub &'a [u8]);

impl<'a> Cursor<'a> {
    /// The next so many.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(|| damaged("a page ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    /// A number of seven bits a byte, low ones first.
    pub fn varint(&mut self) -> Result<u64, Refusal> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(damaged("a number of a page does not end"))
    }

    /// A number of which small ones of either sign are short.
    pub fn zigzag(&mut self) -> Result<i64, Refusal> {
        let number = self.varint()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::packing::{put_varint, put_zigzag};

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for number in [0, 1, 127, 128, u64::MAX] {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, number);
            put_zigzag(&mut bytes, number as i64);
            let mut cursor = Cursor(&bytes);
            assert_eq!((cursor.varint().unwrap(), cursor.zigzag().unwrap()), (number, number as i64));
            assert!(cursor.varint().is_err());
        }
    }

    #[test]
    fn no_more_is_taken_than_there_is() {
        let mut cursor = Cursor(&[1, 2, 3]);
        assert_eq!(cursor.take(2).unwrap(), [1, 2]);
        assert!(cursor.take(2).is_err() && cursor.take(usize::MAX).is_err());
        assert!(Cursor(&[0xff; 11]).varint().is_err());
    }
}

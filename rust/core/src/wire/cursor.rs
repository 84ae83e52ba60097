//! The one place that takes bytes off a buffer, always within its bounds.

/// A position in untrusted bytes. Every read returns `None` instead of reading past the end.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Start at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes not taken yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Take the next `length` bytes.
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// Take one byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// Take two bytes, big-endian.
    pub fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// Take four bytes, big-endian.
    pub fn u32(&mut self) -> Option<u32> {
        self.take(4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// Take a value of variable length (RFC 7011, section 7): one length byte, or 255 and two more.
    pub fn variable(&mut self) -> Option<&'a [u8]> {
        let length = match self.u8()? {
            255 => usize::from(self.u16()?),
            short => usize::from(short),
        };
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_past_the_end_takes_nothing() {
        let mut cursor = Cursor::new(&[1, 2, 3]);
        assert_eq!(cursor.u32(), None);
        assert_eq!(cursor.u16(), Some(0x0102));
        assert_eq!(cursor.rest(), [3]);
    }

    #[test]
    fn a_long_length_may_hold_a_short_value() {
        let mut cursor = Cursor::new(&[255, 0, 2, 7, 8, 0]);
        assert_eq!(cursor.variable(), Some(&[7, 8][..]));
        assert_eq!(cursor.variable(), Some(&[][..]));
        assert_eq!(cursor.variable(), None);
    }
}

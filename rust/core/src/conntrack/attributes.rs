//! Attributes: a length, a type and a value, which may be attributes again.

use crate::wire::Cursor;

/// Flags of a type: that the value holds attributes, and that it is in network order.
const TYPE_FLAGS: u16 = 0xc000;
const HEADER_BYTES: usize = 4;
/// Every attribute begins on a multiple of this.
const ALIGNMENT: usize = 4;

/// The attributes of some bytes, until these end or contradict themselves.
pub struct Attributes<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Attributes<'a> {
    /// Start at the first attribute.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { cursor: Cursor::new(bytes) }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let [l0, l1, t0, t1] = *self.cursor.rest().first_chunk::<HEADER_BYTES>()?;
        let length = usize::from(u16::from_ne_bytes([l0, l1]));
        let attribute = self.cursor.take(length)?;
        let value = attribute.get(HEADER_BYTES..)?;
        // The last one may end without its padding.
        let padding = length.next_multiple_of(ALIGNMENT) - length;
        self.cursor.take(padding.min(self.cursor.rest().len()));
        Some((u16::from_ne_bytes([t0, t1]) & !TYPE_FLAGS, value))
    }
}

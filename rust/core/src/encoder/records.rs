//! Records of one length side by side, filled one column after the other.

/// Records that lie behind each other in a datagram, filled up to the same place. Bytes that nobody fills are zero.
pub struct Records<'a> {
    bytes: &'a mut [u8],
    length: usize,
    filled: usize,
}

impl<'a> Records<'a> {
    /// Append so many empty records.
    pub fn append(out: &'a mut Vec<u8>, length: usize, count: usize) -> Self {
        let start = out.len();
        out.resize(start + length * count, 0);
        Self { bytes: &mut out[start..], length, filled: 0 }
    }

    /// Leave so many bytes of each record as they are.
    pub fn leave(&mut self, length: usize) {
        self.filled += length;
    }

    /// Fill in the next value of each record.
    #[inline]
    pub fn fill<const N: usize>(&mut self, values: impl Iterator<Item = [u8; N]>) {
        let place = self.filled..self.filled + N;
        // Said once, so that it need not be asked for each record.
        assert!(place.end <= self.length);
        for (record, value) in self.bytes.chunks_exact_mut(self.length).zip(values) {
            record[place.clone()].copy_from_slice(&value);
        }
        self.filled += N;
    }

    /// Fill in so many bytes of each record; shorter values are followed by zeros.
    pub fn fill_bytes<'t>(&mut self, length: usize, values: impl Iterator<Item = &'t [u8]>) {
        for (record, value) in self.bytes.chunks_exact_mut(self.length).zip(values) {
            record[self.filled..self.filled + value.len()].copy_from_slice(value);
        }
        self.filled += length;
    }
}

//! The beginning of a stream, put together from pieces that come in any order and more than once.

/// Longest beginning that is put together; a ClientHello with post-quantum keys takes about 1,800 bytes.
pub const MAXIMUM_STREAM_BYTES: usize = 16 << 10;

/// Gaps that are kept track of; whoever makes more is not in a hurry to be understood.
const MAXIMUM_GAPS: usize = 32;

/// Bytes from the first on, with gaps where pieces are missing.
#[derive(Default)]
pub struct Stream {
    bytes: Vec<u8>,
    /// What is not there yet below the length of `bytes`: (from, to), in order.
    gaps: Vec<(usize, usize)>,
}

impl Stream {
    /// Put a piece in its place. Of two that say different things about a byte, the first is believed, as most
    /// receivers do. False when the piece lies too far out, and the rest can never be put together.
    pub fn put(&mut self, offset: usize, piece: &[u8]) -> bool {
        let end = offset.saturating_add(piece.len());
        if end > MAXIMUM_STREAM_BYTES || self.gaps.len() >= MAXIMUM_GAPS {
            return false;
        }
        let length = self.bytes.len();
        if end > length {
            if offset > length {
                self.gaps.push((length, offset));
                self.bytes.resize(offset, 0);
            }
            self.bytes.extend_from_slice(&piece[self.bytes.len() - offset..]);
        }
        if offset < length && !self.gaps.is_empty() {
            self.fill(offset, end, piece);
        }
        true
    }

    /// The bytes before the first gap.
    pub fn beginning(&self) -> &[u8] {
        let end = self.gaps.first().map_or(self.bytes.len(), |&(from, _)| from);
        &self.bytes[..end]
    }

    /// Bytes of memory it holds, about.
    pub fn held_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    fn fill(&mut self, offset: usize, end: usize, piece: &[u8]) {
        let mut left = Vec::new();
        for (from, to) in self.gaps.drain(..) {
            let (start, stop) = (from.max(offset), to.min(end));
            if start >= stop {
                left.push((from, to));
                continue;
            }
            self.bytes[start..stop].copy_from_slice(&piece[start - offset..stop - offset]);
            left.extend([(from, start), (stop, to)].into_iter().filter(|(from, to)| from < to));
        }
        self.gaps = left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_in_any_order_make_the_same_stream() {
        let whole: Vec<u8> = (0..100).collect();
        // All orders of four overlapping pieces.
        let pieces = [(0, 30), (20, 60), (55, 80), (70, 100)];
        for first in 0..24_usize {
            let (mut stream, mut order, mut number) = (Stream::default(), pieces.to_vec(), first);
            for left in (1..=4).rev() {
                let (from, to) = order.remove(number % left);
                number /= left;
                assert!(stream.put(from, &whole[from..to]));
            }
            assert_eq!(stream.beginning(), whole);
        }
    }

    #[test]
    fn only_what_has_no_gap_before_it_can_be_read() {
        let mut stream = Stream::default();
        assert!(stream.put(2, b"cd") && stream.put(6, b"gh"));
        assert_eq!(stream.beginning(), b"");
        assert!(stream.put(0, b"ab"));
        assert_eq!(stream.beginning(), b"abcd");
        assert!(stream.put(3, b"XefX"), "what was said first stays");
        assert_eq!(stream.beginning(), b"abcdefgh");
    }

    #[test]
    fn nobody_makes_it_hold_more_than_it_should() {
        let mut stream = Stream::default();
        assert!(!stream.put(usize::MAX, b"a"));
        assert!(!stream.put(MAXIMUM_STREAM_BYTES, b"a"));
        assert!((0..MAXIMUM_GAPS).all(|number| stream.put(2 * number + 1, b"a")));
        assert!(!stream.put(100, b"a"));
        assert!(stream.held_bytes() <= 2 * MAXIMUM_STREAM_BYTES);
    }
}

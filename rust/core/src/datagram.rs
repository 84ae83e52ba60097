//! A datagram as it arrived, and many of them in one piece of memory.

use crate::{address::Address, time::Instant};

/// Where a datagram comes from, or goes to.
pub type End = (Address, u16);

/// A datagram of an exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// What was sent.
    pub payload: &'a [u8],
    /// The exporter, and the port it sent from.
    pub sender: End,
    /// When it arrived.
    pub received: Instant,
}

/// Datagrams in order of arrival, copied one behind the other.
#[derive(Default)]
pub struct DatagramLot {
    bytes: Vec<u8>,
    marks: Vec<Mark>,
}

struct Mark {
    /// Where its bytes end; they begin where those of the one before end.
    end: usize,
    sender: End,
    received: Instant,
}

impl DatagramLot {
    /// Add a copy.
    pub fn push(&mut self, datagram: &Datagram<'_>) {
        self.bytes.extend_from_slice(datagram.payload);
        self.marks.push(Mark { end: self.bytes.len(), sender: datagram.sender, received: datagram.received });
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Bytes of all of them.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Forget them, and keep the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.marks.clear();
    }

    /// One of them.
    pub fn get(&self, position: usize) -> Option<Datagram<'_>> {
        let mark = self.marks.get(position)?;
        let begin = position.checked_sub(1).map_or(0, |before| self.marks[before].end);
        Some(Datagram { payload: &self.bytes[begin..mark.end], sender: mark.sender, received: mark.received })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Datagram<'_>> {
        (0..self.len()).filter_map(|position| self.get(position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_back_as_it_was() {
        let payloads = [&b"one"[..], b"", b"three"];
        let datagrams = payloads.map(|payload| Datagram { payload, sender: ([7; 16], 9), received: 5 });
        let mut lot = DatagramLot::default();
        for datagram in &datagrams {
            lot.push(datagram);
        }
        assert!(lot.iter().eq(datagrams));
        assert_eq!((lot.len(), lot.bytes(), lot.get(3)), (3, 8, None));
        lot.clear();
        assert!(lot.is_empty());
    }
}

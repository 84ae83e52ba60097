//! Of which connections the flow of one way only is being counted, as far as a hash tells, while they are not open yet.
//!
//! Whether a server's answer belongs to a connection that is known already, the flow of the client tells, which is far away
//! in memory. Mostly it does not, as few clients have to ask twice; this says so from a few kilobytes that a processor has at
//! hand. An answer that comes again after its connection was opened and its flow ended is left to what follows it.

use super::seeded_hash::WAY_BACK;

/// So many that while ten connections are one-way, one answer in a hundred is taken for theirs. Where thousands are, as where
/// packets of one way only pass, all are, and the flow of the client is looked for as it would be without this.
const COUNTS: usize = 1 << 10;

const _: () = assert!(COUNTS <= WAY_BACK as usize, "both ways have the same place");

/// How many connections are one-way, by the hash of either way.
pub struct OneWay(Box<[u32; COUNTS]>);

impl Default for OneWay {
    fn default() -> Self {
        Self(Box::new([0; COUNTS]))
    }
}

impl OneWay {
    /// Add a connection.
    #[inline]
    pub fn add(&mut self, hash: u32) {
        self.0[place(hash)] += 1;
    }

    /// Take one out that was added.
    #[inline]
    pub fn remove(&mut self, hash: u32) {
        self.0[place(hash)] -= 1;
    }

    /// Whether the connection may be one of them; `false` is certain.
    #[inline]
    pub fn may_have(&self, hash: u32) -> bool {
        self.0[place(hash)] > 0
    }

    /// Whether there are none.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|&count| count == 0)
    }
}

#[inline]
fn place(hash: u32) -> usize {
    hash as usize & (COUNTS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_known_by_the_hashes_of_both_ways_until_it_is_taken_out() {
        let mut one_way = OneWay::default();
        one_way.add(7 | WAY_BACK);
        one_way.add(7 + COUNTS as u32);
        one_way.remove(7);
        assert!(one_way.may_have(7) && one_way.may_have(7 | WAY_BACK), "another has the same place");
        one_way.remove(7 + COUNTS as u32);
        assert!(!one_way.may_have(7));
    }
}

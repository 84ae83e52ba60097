//! Copies of datagrams on their way from the thread that receives to one that may take its time with them.
//!
//! Putting them in never waits for whoever takes them out: what finds no room is counted and left out.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant as Monotonic},
};

use tidegauge_core::datagram::{Datagram, DatagramLot};

/// A place where copies wait.
pub struct Outbox {
    waiting: Mutex<Waiting>,
    ready: Condvar,
    /// Bytes that may wait.
    capacity: usize,
    /// So many bytes are worth waking somebody up for.
    worth_bytes: usize,
}

#[derive(Default)]
struct Waiting {
    lot: DatagramLot,
    dropped: u64,
    is_closed: bool,
}

impl Outbox {
    /// An empty one.
    pub fn new(capacity: usize, worth_bytes: usize) -> Self {
        Self { waiting: Mutex::default(), ready: Condvar::new(), capacity, worth_bytes }
    }

    /// Put copies in, as far as there is room.
    pub fn offer<'a>(&self, datagrams: impl Iterator<Item = Datagram<'a>>) {
        let mut waiting = self.waiting();
        let was_worth_it = self.is_worth_it(&waiting);
        for datagram in datagrams {
            if waiting.lot.bytes() + datagram.payload.len() > self.capacity || waiting.lot.len() >= self.capacity / 64 {
                waiting.dropped += 1;
            } else {
                waiting.lot.push(&datagram);
            }
        }
        if !was_worth_it && self.is_worth_it(&waiting) {
            self.ready.notify_all();
        }
    }

    /// Take all copies, waiting so long for enough of them; `false` when no more will come.
    pub fn take(&self, into: &mut DatagramLot, wait: Duration) -> bool {
        into.clear();
        let deadline = Monotonic::now() + wait;
        let mut waiting = self.waiting();
        loop {
            let rest = deadline.saturating_duration_since(Monotonic::now());
            if waiting.is_closed || rest.is_zero() || self.is_worth_it(&waiting) {
                std::mem::swap(into, &mut waiting.lot);
                return !waiting.is_closed || !into.is_empty();
            }
            waiting = self.ready.wait_timeout(waiting, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// No more will be put in.
    pub fn close(&self) {
        self.waiting().is_closed = true;
        self.ready.notify_all();
    }

    /// Copies that found no room.
    pub fn dropped(&self) -> u64 {
        self.waiting().dropped
    }

    fn is_worth_it(&self, waiting: &Waiting) -> bool {
        !waiting.lot.is_empty() && waiting.lot.bytes() >= self.worth_bytes
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(payload: &[u8]) -> Datagram<'_> {
        Datagram { payload, sender: ([0; 16], 1), received: 7 }
    }

    #[test]
    fn what_finds_no_room_is_counted_and_the_rest_is_taken() {
        let outbox = Outbox::new(1000, 1);
        outbox.offer([datagram(&[1; 600]), datagram(&[2; 600]), datagram(&[3; 300])].into_iter());
        let mut lot = DatagramLot::default();
        assert!(outbox.take(&mut lot, Duration::ZERO));
        assert_eq!(lot.iter().map(|each| each.payload[0]).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(outbox.dropped(), 1);
    }

    #[test]
    fn the_last_ones_are_taken_after_it_was_closed() {
        let outbox = Outbox::new(1000, 900);
        outbox.offer([datagram(b"last")].into_iter());
        outbox.close();
        let mut lot = DatagramLot::default();
        assert!(outbox.take(&mut lot, Duration::from_secs(60)));
        assert_eq!(lot.len(), 1);
        assert!(!outbox.take(&mut lot, Duration::from_secs(60)));
    }
}

//! Data sets that came before their template.

use std::collections::{BTreeMap, VecDeque};

use super::{Limits, SessionKey};
use crate::{
    address::Address,
    time::{Instant, SECOND},
    wire::ExportHeader,
};

/// A data set that waits.
pub struct Parked {
    /// The session it came in.
    pub key: SessionKey,
    /// The header of its message: times are relative to it.
    pub header: ExportHeader,
    /// Arrival of its message.
    pub received: Instant,
    /// Its records.
    pub body: Box<[u8]>,
}

/// Exporter, version, domain, template id, and last the port: the template may come from another one,
/// and then the sets of all ports lie side by side.
type ParkingKey = (Address, u8, u32, u16, u16);

/// All data sets that wait, bounded by bytes and age.
pub struct Parking {
    waiting: BTreeMap<ParkingKey, VecDeque<Parked>>,
    bytes: usize,
    /// When to look for what waited too long. A search costs as much as there is, so a flood of sets
    /// that come of age one by one must not ask for one each.
    due: Instant,
    limits: Limits,
}

/// What a parked set costs besides its bytes.
const OVERHEAD_BYTES: usize = size_of::<Parked>() + size_of::<ParkingKey>() + size_of::<VecDeque<Parked>>();
/// Shortest time between two searches for what waited too long.
const SEARCH_INTERVAL: Instant = SECOND;

impl Parking {
    /// Nothing waits.
    pub fn new(limits: Limits) -> Self {
        Self { waiting: BTreeMap::new(), bytes: 0, due: Instant::MAX, limits }
    }

    /// Park a set; `false` when there is no room.
    pub fn push(&mut self, template_id: u16, parked: Parked) -> bool {
        let size = size_of_parked(&parked);
        if self.bytes + size > self.limits.parked_bytes {
            return false;
        }
        self.bytes += size;
        self.due = self.due.min(parked.received.saturating_add(self.limits.parked_age));
        let sets = self.waiting.entry(parking_key(&parked.key, template_id));
        // Most wait alone: the growth of an empty queue would be four times what one set takes.
        sets.or_insert_with(|| VecDeque::with_capacity(1)).push_back(parked);
        true
    }

    /// Take what one session sent for a template id, in the order of arrival.
    pub fn take(&mut self, key: &SessionKey, template_id: u16) -> VecDeque<Parked> {
        let taken = self.waiting.remove(&parking_key(key, template_id)).unwrap_or_default();
        self.bytes -= taken.iter().map(size_of_parked).sum::<usize>();
        taken
    }

    /// Ports from which sets for a template id of this exporter, version and domain wait.
    pub fn ports(&self, key: &SessionKey, template_id: u16) -> Vec<u16> {
        let first = parking_key(&SessionKey { port: 0, ..*key }, template_id);
        let last = parking_key(&SessionKey { port: u16::MAX, ..*key }, template_id);
        self.waiting.range(first..=last).map(|(&(.., port), _)| port).collect()
    }

    /// Drop what came from one port of an exporter; returns the session of each set dropped.
    pub fn give_up(&mut self, exporter: Address, port: u16) -> Vec<SessionKey> {
        let mut dropped = Vec::new();
        self.waiting.retain(|&(address, .., from), sets| {
            let keep = (address, from) != (exporter, port);
            if !keep {
                dropped.extend(sets.iter().map(|parked| parked.key));
                self.bytes -= sets.iter().map(size_of_parked).sum::<usize>();
            }
            keep
        });
        dropped
    }

    /// Drop what waited too long; returns the session of each set dropped.
    pub fn expire(&mut self, now: Instant) -> Vec<SessionKey> {
        let mut dropped = Vec::new();
        if now < self.due {
            return dropped;
        }
        let deadline = now.saturating_sub(self.limits.parked_age);
        let mut oldest = None;
        self.waiting.retain(|_, sets| {
            sets.retain(|parked| {
                let keep = parked.received > deadline;
                if keep {
                    oldest = Some(oldest.map_or(parked.received, |oldest: Instant| oldest.min(parked.received)));
                } else {
                    dropped.push(parked.key);
                    self.bytes -= size_of_parked(parked);
                }
                keep
            });
            !sets.is_empty()
        });
        self.due = oldest.map_or(Instant::MAX, |oldest| {
            oldest.saturating_add(self.limits.parked_age).max(now.saturating_add(SEARCH_INTERVAL))
        });
        dropped
    }
}

fn size_of_parked(parked: &Parked) -> usize {
    parked.body.len() + OVERHEAD_BYTES
}

fn parking_key(key: &SessionKey, template_id: u16) -> ParkingKey {
    (key.exporter, key.version as u8, key.observation_domain, template_id, key.port)
}

//! Data sets that came before their template.

use std::collections::{BTreeMap, HashMap, VecDeque};

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
    /// Bytes of its message before its records.
    pub offset: u32,
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
    /// The part of it that each exporter has.
    by_exporter: HashMap<Address, usize>,
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
        Self { waiting: BTreeMap::new(), bytes: 0, by_exporter: HashMap::new(), due: Instant::MAX, limits }
    }

    /// Park a set; `false` when there is no room. Passers-by have half of it, so that a flood of them leaves the
    /// other half to exporters we know.
    pub fn push(&mut self, template_id: u16, parked: Parked, is_passer_by: bool) -> bool {
        let size = size_of_parked(&parked);
        let room = self.limits.parked_bytes / if is_passer_by { 2 } else { 1 };
        let own = self.by_exporter.get(&parked.key.exporter).copied().unwrap_or(0);
        if self.bytes + size > room || own + size > self.limits.parked_bytes_per_exporter {
            return false;
        }
        self.bytes += size;
        self.by_exporter.insert(parked.key.exporter, own + size);
        self.due = self.due.min(parked.received.saturating_add(self.limits.parked_age));
        let sets = self.waiting.entry(parking_key(&parked.key, template_id));
        // Most wait alone: the growth of an empty queue would be four times what one set takes.
        sets.or_insert_with(|| VecDeque::with_capacity(1)).push_back(parked);
        true
    }

    /// Take what one session sent for a template id, in the order of arrival.
    pub fn take(&mut self, key: &SessionKey, template_id: u16) -> VecDeque<Parked> {
        let taken = self.waiting.remove(&parking_key(key, template_id)).unwrap_or_default();
        for parked in &taken {
            self.free(parked.key.exporter, size_of_parked(parked));
        }
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
        self.drop_where(|parked| (parked.key.exporter, parked.key.port) == (exporter, port))
    }

    /// Drop what waited too long; returns the session of each set dropped.
    pub fn expire(&mut self, now: Instant) -> Vec<SessionKey> {
        if now < self.due {
            return Vec::new();
        }
        let deadline = now.saturating_sub(self.limits.parked_age);
        let dropped = self.drop_where(|parked| parked.received <= deadline);
        let oldest = self.waiting.values().flatten().map(|parked| parked.received).min();
        self.due = oldest.map_or(Instant::MAX, |oldest| {
            oldest.saturating_add(self.limits.parked_age).max(now.saturating_add(SEARCH_INTERVAL))
        });
        dropped
    }

    fn drop_where(&mut self, is_over: impl Fn(&Parked) -> bool) -> Vec<SessionKey> {
        let mut dropped = Vec::new();
        self.waiting.retain(|_, sets| {
            sets.retain(|parked| {
                let is_over = is_over(parked);
                if is_over {
                    dropped.push((parked.key, size_of_parked(parked)));
                }
                !is_over
            });
            !sets.is_empty()
        });
        for (key, size) in &dropped {
            self.free(key.exporter, *size);
        }
        dropped.into_iter().map(|(key, _)| key).collect()
    }

    fn free(&mut self, exporter: Address, size: usize) {
        self.bytes -= size;
        if let Some(own) = self.by_exporter.get_mut(&exporter) {
            *own -= size;
            if *own == 0 {
                self.by_exporter.remove(&exporter);
            }
        }
    }
}

fn size_of_parked(parked: &Parked) -> usize {
    parked.body.len() + OVERHEAD_BYTES
}

fn parking_key(key: &SessionKey, template_id: u16) -> ParkingKey {
    (key.exporter, key.version as u8, key.observation_domain, template_id, key.port)
}

//! Data sets that came before their template.

use std::collections::{HashMap, VecDeque};

use super::{Limits, SessionKey};
use crate::{
    address::Address,
    time::Instant,
    wire::{ExportHeader, ProtocolVersion},
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

/// Port-free: the template may come from another port of the same exporter.
type ParkingKey = (Address, ProtocolVersion, u32, u16);

/// All data sets that wait, bounded by bytes and age.
pub struct Parking {
    waiting: HashMap<ParkingKey, VecDeque<Parked>>,
    bytes: usize,
    oldest: Instant,
    limits: Limits,
}

/// What a parked set costs besides its bytes.
const OVERHEAD_BYTES: usize = size_of::<Parked>() + size_of::<ParkingKey>();

impl Parking {
    /// Nothing waits.
    pub fn new(limits: Limits) -> Self {
        Self { waiting: HashMap::new(), bytes: 0, oldest: Instant::MAX, limits }
    }

    /// Park a set; `false` when there is no room.
    pub fn push(&mut self, template_id: u16, parked: Parked) -> bool {
        let size = parked.body.len() + OVERHEAD_BYTES;
        if self.bytes + size > self.limits.parked_bytes {
            return false;
        }
        self.bytes += size;
        self.oldest = self.oldest.min(parked.received);
        self.waiting.entry(parking_key(&parked.key, template_id)).or_default().push_back(parked);
        true
    }

    /// Take what waits for a template id of an exporter and domain.
    pub fn take(&mut self, key: &SessionKey, template_id: u16) -> VecDeque<Parked> {
        let taken = self.waiting.remove(&parking_key(key, template_id)).unwrap_or_default();
        self.bytes -= taken.iter().map(|parked| parked.body.len() + OVERHEAD_BYTES).sum::<usize>();
        taken
    }

    /// Drop what waited too long; returns the session of each set dropped.
    pub fn expire(&mut self, now: Instant) -> Vec<SessionKey> {
        let deadline = now.saturating_sub(self.limits.parked_age);
        if self.oldest > deadline {
            return Vec::new();
        }
        let mut dropped = Vec::new();
        self.oldest = Instant::MAX;
        for sets in self.waiting.values_mut() {
            sets.retain(|parked| {
                let keep = parked.received > deadline;
                if keep {
                    self.oldest = self.oldest.min(parked.received);
                } else {
                    dropped.push(parked.key);
                    self.bytes -= parked.body.len() + OVERHEAD_BYTES;
                }
                keep
            });
        }
        self.waiting.retain(|_, sets| !sets.is_empty());
        dropped
    }
}

fn parking_key(key: &SessionKey, template_id: u16) -> ParkingKey {
    (key.exporter, key.version, key.observation_domain, template_id)
}

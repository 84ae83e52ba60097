//! Totals in a mapped file: what a killed collector had received is still there afterwards.
//!
//! Layout, little-endian: a header of 64 bytes (magic, counters per slot, slot capacity, slots in
//! use), then slots of a fixed stride. A slot is written by one thread and read by others after its
//! writer is gone, so no torn total matters longer than the next publication.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io,
    path::Path,
};

use memmap2::MmapMut;
use tidegauge_core::{
    decoder::{Decoder, Session, SessionKey},
    ledger::Account,
    schema::{COUNTERS, Counter},
    wire::ProtocolVersion,
};

const MAGIC: &[u8; 8] = b"TGCOUNT1";
const HEADER_BYTES: usize = 64;
const KEY_BYTES: usize = 40;
const STRIDE: usize = KEY_BYTES + 8 * COUNTERS.len();
const CAPACITY: usize = 16_385;
/// Set in the sequence word when the word holds a number.
const SEQUENCE_KNOWN: u64 = 1 << 32;

/// The mapped totals of one receiver.
pub struct CounterMap {
    map: MmapMut,
    /// Holds the lock that tells a living writer from a dead one.
    _file: File,
    slots: HashMap<Option<SessionKey>, Slot>,
}

#[derive(Clone, Copy)]
struct Slot {
    place: usize,
    /// Sums of earlier sessions of the same key, which were evicted and started again at zero.
    base: [u64; COUNTERS.len()],
    last: [u64; COUNTERS.len()],
}

impl CounterMap {
    /// Create the file and lock it.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        file.try_lock().map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
        file.set_len((HEADER_BYTES + CAPACITY * STRIDE) as u64)?;
        // SAFETY: the file is ours: it is locked, and nobody truncates it while the collector lives.
        let mut map = unsafe { MmapMut::map_mut(&file)? };
        map[8..12].copy_from_slice(&(COUNTERS.len() as u32).to_le_bytes());
        map[12..16].copy_from_slice(&(CAPACITY as u32).to_le_bytes());
        map[..8].copy_from_slice(MAGIC);
        Ok(Self { map, _file: file, slots: HashMap::new() })
    }

    /// Write the totals of the sessions that changed, and the listener's.
    pub fn publish(&mut self, decoder: &mut Decoder) {
        for key in decoder.take_touched() {
            if let Some(session) = decoder.session(&key) {
                self.publish_session(session);
            }
        }
        self.write(None, decoder.listener(), 0);
    }

    fn publish_session(&mut self, session: &Session) {
        let sequence = session.sequence.expected().map_or(0, |next| SEQUENCE_KNOWN | u64::from(next));
        self.write(Some(session.key), &session.account, sequence);
    }

    fn write(&mut self, key: Option<SessionKey>, account: &Account, sequence: u64) {
        let Some(slot) = self.slot(key) else { return };
        let totals = account.totals();
        if totals[Counter::Datagrams as usize] < slot.last[Counter::Datagrams as usize] {
            for (base, last) in slot.base.iter_mut().zip(slot.last) {
                *base += last;
            }
        }
        slot.last.copy_from_slice(totals);
        let Slot { place, base, last } = *slot;
        let words = self.map[place + KEY_BYTES..place + STRIDE].chunks_exact_mut(8);
        for (word, (base, total)) in words.zip(base.iter().zip(last)) {
            word.copy_from_slice(&(base + total).to_le_bytes());
        }
        self.map[place + 24..place + 32].copy_from_slice(&account.minute().to_le_bytes());
        self.map[place + 32..place + 40].copy_from_slice(&sequence.to_le_bytes());
    }

    /// The slot of a key, given out on first use; `None` when all are taken.
    fn slot(&mut self, key: Option<SessionKey>) -> Option<&mut Slot> {
        let used = self.slots.len();
        if !self.slots.contains_key(&key) {
            if used == CAPACITY {
                return None;
            }
            let place = HEADER_BYTES + used * STRIDE;
            self.write_key(place, key);
            self.slots.insert(key, Slot { place, base: [0; COUNTERS.len()], last: [0; COUNTERS.len()] });
            self.map[16..20].copy_from_slice(&(used as u32 + 1).to_le_bytes());
        }
        self.slots.get_mut(&key)
    }

    fn write_key(&mut self, place: usize, key: Option<SessionKey>) {
        let Some(key) = key else { return };
        self.map[place..place + 16].copy_from_slice(&key.exporter);
        self.map[place + 16..place + 20].copy_from_slice(&key.observation_domain.to_le_bytes());
        self.map[place + 20..place + 22].copy_from_slice(&key.port.to_le_bytes());
        self.map[place + 22] = key.version.number() as u8;
    }
}

/// Read where each session's sequence stood, from the map of a collector that is gone.
///
/// A file that is no such map holds nothing.
pub fn read_sequences(path: &Path) -> io::Result<Vec<(SessionKey, u32)>> {
    let bytes = std::fs::read(path)?;
    let word =
        |at: usize| bytes.get(at..at + 4).map_or(0, |word| u32::from_le_bytes(word.try_into().unwrap_or_default()));
    if !bytes.starts_with(MAGIC) || word(8) as usize != COUNTERS.len() {
        return Ok(Vec::new());
    }
    let slots = bytes[HEADER_BYTES..].chunks_exact(STRIDE).take(word(16) as usize);
    Ok(slots.filter_map(read_sequence).collect())
}

fn read_sequence(slot: &[u8]) -> Option<(SessionKey, u32)> {
    let key = SessionKey {
        exporter: slot[..16].try_into().ok()?,
        observation_domain: u32::from_le_bytes(slot[16..20].try_into().ok()?),
        port: u16::from_le_bytes(slot[20..22].try_into().ok()?),
        version: ProtocolVersion::from_number(u16::from(slot[22]))?,
    };
    let sequence = u64::from_le_bytes(slot[32..40].try_into().ok()?);
    (sequence & SEQUENCE_KNOWN != 0).then_some((key, sequence as u32))
}

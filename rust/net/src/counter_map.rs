//! Totals in a mapped file: what a killed collector had received is still there afterwards.
//!
//! Layout, little-endian: a header of 64 bytes (magic, counters per slot, slot capacity, slots in
//! use), then slots of a fixed stride. A slot is written by one thread at a time and read by others after its
//! writer is gone, so no torn total matters longer than the next publication.

use std::{
    array,
    collections::HashMap,
    fs::{File, OpenOptions},
    io,
    os::fd::AsRawFd,
    path::Path,
};

use memmap2::MmapMut;
use tidegauge_core::{
    decoder::{Decoder, Session, SessionKey},
    ledger::Account,
    schema::COUNTERS,
    time::Instant,
    wire::ProtocolVersion,
};

const MAGIC: &[u8; 8] = b"TGCOUNT1";
const HEADER_BYTES: usize = 64;
const KEY_BYTES: usize = 40;
const STRIDE: usize = KEY_BYTES + 8 * COUNTERS.len();
const CAPACITY: usize = 16_385;
/// Set in the sequence word when the word holds a number.
const SEQUENCE_KNOWN: u64 = 1 << 32;

type Totals = [u64; COUNTERS.len()];

/// The mapped totals of one listener.
pub struct CounterMap {
    map: MmapMut,
    /// Holds the lock that tells a living writer from a dead one.
    _file: File,
    slots: HashMap<Option<SessionKey>, Slot>,
    /// What belongs to no exporter, as each receiver counted it; their sum has one slot.
    listeners: Vec<Totals>,
}

#[derive(Clone, Copy)]
struct Slot {
    place: usize,
    /// Serial of the session counted in `last`.
    serial: u64,
    /// Sums of earlier sessions of the same key, which were evicted and started again at zero.
    base: Totals,
    last: Totals,
}

impl CounterMap {
    /// Create the file and lock it.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        file.try_lock().map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
        allocate(&file, HEADER_BYTES + CAPACITY * STRIDE)?;
        // SAFETY: the file is ours: it is locked, and nobody truncates it while the collector lives.
        let mut map = unsafe { MmapMut::map_mut(&file)? };
        map[8..12].copy_from_slice(&(COUNTERS.len() as u32).to_le_bytes());
        map[12..16].copy_from_slice(&(CAPACITY as u32).to_le_bytes());
        map[..8].copy_from_slice(MAGIC);
        Ok(Self { map, _file: file, slots: HashMap::new(), listeners: Vec::new() })
    }

    /// Write the totals of the sessions that changed, and the listener's. `receiver` numbers the decoders of one map.
    pub fn publish(&mut self, decoder: &mut Decoder, receiver: usize) {
        for key in decoder.take_touched() {
            // A slot is kept for good, so a sender of nothing but noise gets none.
            if let Some(session) = decoder.session(&key).filter(|session| session.was_understood()) {
                self.publish_session(session);
            }
        }
        self.publish_listener(decoder.listener(), receiver);
    }

    fn publish_listener(&mut self, account: &Account, receiver: usize) {
        if self.listeners.len() <= receiver {
            self.listeners.resize(receiver + 1, [0; COUNTERS.len()]);
        }
        self.listeners[receiver] = *account.totals();
        let sums = array::from_fn(|counter| self.listeners.iter().map(|totals| totals[counter]).sum());
        self.write(None, 0, &sums, account.minute(), 0);
    }

    fn publish_session(&mut self, session: &Session) {
        let sequence = session.sequence.expected().map_or(0, |next| SEQUENCE_KNOWN | u64::from(next));
        let account = &session.account;
        self.write(Some(session.key), session.serial, account.totals(), account.minute(), sequence);
    }

    fn write(&mut self, key: Option<SessionKey>, serial: u64, totals: &Totals, minute: Instant, sequence: u64) {
        let Some(slot) = self.slot(key, serial) else { return };
        if serial != slot.serial {
            for (base, last) in slot.base.iter_mut().zip(slot.last) {
                *base += last;
            }
            slot.serial = serial;
        }
        slot.last = *totals;
        let Slot { place, base, last, .. } = *slot;
        let words = self.map[place + KEY_BYTES..place + STRIDE].chunks_exact_mut(8);
        for (word, (base, total)) in words.zip(base.iter().zip(last)) {
            word.copy_from_slice(&(base + total).to_le_bytes());
        }
        self.map[place + 24..place + 32].copy_from_slice(&minute.to_le_bytes());
        self.map[place + 32..place + 40].copy_from_slice(&sequence.to_le_bytes());
    }

    /// The slot of a key, given out on first use; `None` when all are taken.
    fn slot(&mut self, key: Option<SessionKey>, serial: u64) -> Option<&mut Slot> {
        let used = self.slots.len();
        if !self.slots.contains_key(&key) {
            if used == CAPACITY {
                return None;
            }
            let place = HEADER_BYTES + used * STRIDE;
            self.write_key(place, key);
            self.slots.insert(key, Slot { place, serial, base: [0; COUNTERS.len()], last: [0; COUNTERS.len()] });
            self.map[16..20].copy_from_slice(&(used as u32 + 1).to_le_bytes());
        }
        self.slots.get_mut(&key)
    }

    fn write_key(&mut self, place: usize, key: Option<SessionKey>) {
        let Some(key) = key else { return };
        self.map[place..place + 16].copy_from_slice(&key.exporter);
        self.map[place + 16..place + 20].copy_from_slice(&key.observation_domain.to_le_bytes());
        self.map[place + 20..place + 22].copy_from_slice(&key.port.to_le_bytes());
        self.map[place + 22] = key.version.mark();
    }
}

/// Give a file its blocks now: a page of a sparse file that is first written on a full disk kills the process.
fn allocate(file: &File, bytes: usize) -> io::Result<()> {
    // SAFETY: the descriptor is that of a live file; the call takes no pointer.
    match unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, bytes as libc::off_t) } {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
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
        version: ProtocolVersion::from_mark(slot[22])?,
    };
    let sequence = u64::from_le_bytes(slot[32..40].try_into().ok()?);
    (sequence & SEQUENCE_KNOWN != 0).then_some((key, sequence as u32))
}

#[cfg(test)]
mod tests {
    use tidegauge_core::{decoder::Limits, schema::Counter};

    use super::*;

    const RECORD: [u8; 48] = [1; 48];

    fn netflow_v5(sequence: u8) -> Vec<u8> {
        let mut datagram = vec![0, 5, 0, 1, 0, 0, 0, 9, 0x65, 0, 0, 0];
        datagram.resize(24, 0);
        datagram[19] = sequence;
        [datagram, RECORD.to_vec()].concat()
    }

    fn map(name: &str) -> (CounterMap, std::path::PathBuf) {
        let path = std::env::temp_dir().join(format!("tidegauge-{name}-{}", std::process::id()));
        (CounterMap::create(&path).unwrap(), path)
    }

    fn records(path: &Path) -> u64 {
        let bytes = std::fs::read(path).unwrap();
        let used = u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize;
        let at = |slot: usize| HEADER_BYTES + slot * STRIDE + KEY_BYTES + 8 * Counter::Records as usize;
        (0..used).map(|slot| u64::from_le_bytes(bytes[at(slot)..at(slot) + 8].try_into().unwrap())).sum()
    }

    #[test]
    fn a_session_that_was_evicted_and_came_back_counts_on() {
        let (mut map, path) = map("evicted");
        let mut decoder = Decoder::new(Limits { sessions: 1, ..Limits::default() }, String::new(), false);
        for turn in 0..6 {
            decoder.feed(&netflow_v5(turn), [1; 16], u16::from(turn % 2), 0);
            map.publish(&mut decoder, 0);
        }
        assert_eq!(records(&path), 6);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn noise_takes_no_slot() {
        let (mut map, path) = map("noise");
        let mut decoder = Decoder::new(Limits::default(), String::new(), false);
        for port in 0..100 {
            decoder.feed(&[&[0, 9][..], &[0xff; 30]].concat(), [1; 16], port, 0);
            map.publish(&mut decoder, 0);
        }
        assert_eq!(map.slots.len(), 1, "the listener's own");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn what_receivers_count_apart_has_one_slot() {
        let (mut map, path) = map("receivers");
        let mut decoders = [1, 2].map(|_| Decoder::new(Limits::default(), String::new(), false));
        for (receiver, decoder) in decoders.iter_mut().enumerate() {
            decoder.kernel_dropped(receiver as u64 + 1, 0);
            decoder.feed(&netflow_v5(0), [receiver as u8; 16], 1, 0);
            map.publish(decoder, receiver);
        }
        decoders[0].kernel_dropped(5, 0);
        map.publish(&mut decoders[0], 0);
        assert_eq!((map.slots.len(), records(&path)), (3, 2));
        let listener = map.slots[&None].place + KEY_BYTES + 8 * Counter::LostKernel as usize;
        assert_eq!(map.map[listener..listener + 8], 8_u64.to_le_bytes());
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn every_block_of_the_file_is_there_from_the_start() {
        use std::os::unix::fs::MetadataExt;
        let (_map, path) = map("blocks");
        let status = std::fs::metadata(&path).unwrap();
        assert!(status.blocks() * 512 >= status.len(), "{} of {} bytes", status.blocks() * 512, status.len());
        std::fs::remove_file(path).unwrap();
    }
}

//! Packs records into sets and sets into datagrams, for NetFlow v9 and IPFIX.

use md5::{Digest as _, Md5};

use super::clock::uptime_from_instant;
use crate::{
    time::{Instant, SECOND},
    wire::ProtocolVersion,
};

const SET_HEADER_BYTES: usize = 4;
const CHECKSUM_BYTES: usize = 16;
/// An options template (256 + 255) of messageScope and messageMD5Checksum, and a record whose sum is not known yet.
const CHECKSUM_SETS: [u8; 39] = [
    0, 3, 0, 18, 1, 255, 0, 2, 0, 1, 1, 7, 0, 1, 1, 6, 0, 16, //
    1, 255, 0, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];
/// NetFlow v9 wants sets to end on a multiple of this (RFC 3954, section 5.3).
const NETFLOW_V9_ALIGNMENT: usize = 4;

/// The datagrams of one exporter, the last one still open.
pub struct Datagrams {
    version: ProtocolVersion,
    observation_domain: u32,
    boot_time: Instant,
    maximum_bytes: usize,
    /// Whether each message tells a checksum of itself (RFC 5655, section 8.1.1).
    has_checksums: bool,
    export_time: Instant,
    /// Datagrams sent (v9) or data records sent (IPFIX) before the open one.
    sequence: u32,
    open: Vec<u8>,
    /// Where the open set begins, and its id.
    set: Option<(usize, u16)>,
    /// Length of the last record.
    record_length: usize,
    records: u16,
    data_records: u32,
    closed: Vec<Vec<u8>>,
    closed_ever: u64,
}

impl Datagrams {
    /// Start at sequence number 0.
    pub fn new(version: ProtocolVersion, observation_domain: u32, boot_time: Instant, maximum_bytes: usize) -> Self {
        Self {
            version,
            observation_domain,
            boot_time,
            maximum_bytes,
            has_checksums: false,
            export_time: 0,
            sequence: 0,
            open: Vec::new(),
            set: None,
            record_length: 0,
            records: 0,
            data_records: 0,
            closed: Vec::new(),
            closed_ever: 0,
        }
    }

    /// Let each message tell a checksum of itself from now on.
    pub fn seal(&mut self) {
        self.has_checksums = true;
    }

    /// Stamp the datagrams to come.
    pub fn begin(&mut self, export_time: Instant) {
        self.export_time = export_time;
    }

    /// Begin a new session at sequence number 0; returns the number the session before had come to.
    pub fn restart(&mut self) -> u32 {
        std::mem::take(&mut self.sequence)
    }

    /// The sequence number of the next datagram.
    pub fn sequence(&self) -> u32 {
        self.sequence
    }

    /// Send the data records of a finished message again, in this session.
    pub fn repeat(&mut self, sets: &[u8], data_records: u32) {
        self.cut();
        self.open.resize(self.header_length(), 0);
        self.open.extend_from_slice(sets);
        self.data_records = data_records;
        self.close();
    }

    /// Datagrams finished since the beginning.
    pub fn closed_ever(&self) -> u64 {
        self.closed_ever
    }

    /// Append a record of `length` bytes to a set, opening what has to be opened.
    ///
    /// A record that is alone too long for a datagram still gets one of its own.
    #[inline]
    pub fn append(&mut self, set_id: u16, length: usize, write: impl FnOnce(&mut Vec<u8>)) {
        self.append_all(set_id, length, 1, write);
    }

    /// How many records of `length` bytes may be appended at once. The first of a datagram comes alone: with it, templates
    /// may be due.
    pub fn room(&self, set_id: u16, length: usize) -> usize {
        if self.open.is_empty() || self.is_full(set_id, length) {
            return 1;
        }
        let most = self.maximum_bytes / NETFLOW_V9_ALIGNMENT * NETFLOW_V9_ALIGNMENT;
        (most.saturating_sub(self.end(set_id)) / length.max(1)).max(1)
    }

    /// Append so many records of the same length; there has to be room for them.
    #[inline]
    pub fn append_all(&mut self, set_id: u16, length: usize, count: usize, write: impl FnOnce(&mut Vec<u8>)) {
        if self.is_full(set_id, length) {
            self.close();
        }
        if !self.is_open(set_id) {
            self.open_set(set_id);
        }
        write(&mut self.open);
        self.record_length = length;
        self.records += count as u16;
        self.data_records += if set_id >= 256 { count as u32 } else { 0 };
    }

    /// Where the next record of a set begins in the open datagram.
    #[inline]
    fn end(&self, set_id: u16) -> usize {
        self.open.len() + if self.is_open(set_id) { 0 } else { SET_HEADER_BYTES }
    }

    /// Whether a record is too long for what is left of the open datagram.
    #[inline]
    fn is_full(&self, set_id: u16, length: usize) -> bool {
        let end = self.end(set_id) + length;
        self.records > 0 && end.next_multiple_of(NETFLOW_V9_ALIGNMENT) > self.maximum_bytes
    }

    /// Close the open datagram and take all.
    pub fn take(&mut self) -> Vec<Vec<u8>> {
        self.cut();
        std::mem::take(&mut self.closed)
    }

    /// Close the open datagram, if there is one.
    pub fn cut(&mut self) {
        if self.records > 0 {
            self.close();
        }
    }

    #[inline]
    fn is_open(&self, set_id: u16) -> bool {
        self.set.is_some_and(|(_, open_id)| open_id == set_id)
    }

    fn open_set(&mut self, id: u16) {
        self.close_set();
        if self.open.is_empty() {
            self.open.reserve(self.maximum_bytes);
            self.open.resize(self.header_length(), 0);
            if self.has_checksums {
                // With its template each time: a reader who lost one message to damage can still check the next.
                self.open.extend_from_slice(&CHECKSUM_SETS);
                self.data_records += 1;
            }
        }
        self.set = Some((self.open.len(), id));
        self.open.extend_from_slice(&id.to_be_bytes());
        self.open.extend_from_slice(&[0, 0]);
    }

    fn close_set(&mut self) {
        let Some((start, _)) = self.set.take() else { return };
        let padded = self.open.len().next_multiple_of(NETFLOW_V9_ALIGNMENT);
        // Padding as long as a record would be read as one.
        if self.version == ProtocolVersion::NetflowV9 && padded - self.open.len() < self.record_length {
            self.open.resize(padded, 0);
        }
        let length = (self.open.len() - start) as u16;
        self.open[start + 2..start + 4].copy_from_slice(&length.to_be_bytes());
    }

    fn close(&mut self) {
        self.close_set();
        let header = self.header();
        self.open[..header.len()].copy_from_slice(&header);
        if self.has_checksums {
            let end = header.len() + CHECKSUM_SETS.len();
            let sum: [u8; CHECKSUM_BYTES] = Md5::digest(&self.open).into();
            self.open[end - CHECKSUM_BYTES..end].copy_from_slice(&sum);
        }
        self.closed.push(std::mem::take(&mut self.open));
        self.closed_ever += 1;
        let sent = if self.version == ProtocolVersion::Ipfix { self.data_records } else { 1 };
        self.sequence = self.sequence.wrapping_add(sent);
        (self.records, self.data_records) = (0, 0);
    }

    fn header_length(&self) -> usize {
        if self.version == ProtocolVersion::Ipfix { 16 } else { 20 }
    }

    /// RFC 7011, section 3.1, and RFC 3954, section 5.1.
    fn header(&self) -> Vec<u8> {
        let seconds = self.export_time.div_euclid(SECOND);
        let mut header = self.version.number().to_be_bytes().to_vec();
        if self.version == ProtocolVersion::Ipfix {
            header.extend((self.open.len() as u16).to_be_bytes());
        } else {
            header.extend(self.records.to_be_bytes());
            // The uptime of the whole second that the header names, not of the moment of sending: readers
            // place flow times by the difference, which would be wrong by the fraction.
            header.extend(uptime_from_instant(seconds * SECOND, self.boot_time).to_be_bytes());
        }
        for word in [seconds as u32, self.sequence, self.observation_domain] {
            header.extend(word.to_be_bytes());
        }
        header
    }
}

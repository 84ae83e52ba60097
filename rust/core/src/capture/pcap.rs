//! The classic pcap file: one header, then records (draft-ietf-opsawg-pcap).

use std::io::Read;

use super::{CaptureError, Frame, MAXIMUM_RECORD_BYTES, byte_order::ByteOrder, window::Window};
use crate::time::SECOND;

const MICROSECOND_MAGIC: u32 = 0xa1b2_c3d4;
const NANOSECOND_MAGIC: u32 = 0xa1b2_3c4d;
const FILE_HEADER_BYTES: usize = 24;
const RECORD_HEADER_BYTES: usize = 16;

/// What the file's header says.
pub struct Pcap {
    order: ByteOrder,
    nanoseconds_per_unit: i64,
    link_type: u32,
}

impl Pcap {
    /// Take the file's header.
    pub fn open<R: Read>(window: &mut Window<R>) -> Result<Self, CaptureError> {
        let magic = window.peek(4)?;
        let (order, nanoseconds_per_unit) = [ByteOrder::Little, ByteOrder::Big]
            .into_iter()
            .find_map(|order| match order.u32(magic, 0) {
                MICROSECOND_MAGIC => Some((order, 1_000)),
                NANOSECOND_MAGIC => Some((order, 1)),
                _ => None,
            })
            .ok_or(CaptureError::UnknownFormat)?;
        let header = window.take(FILE_HEADER_BYTES)?;
        // The upper half tells the length of the frame check sequence, not the link.
        let link_type = order.u32(header, 20) & 0xffff;
        Ok(Self { order, nanoseconds_per_unit, link_type })
    }

    /// Whether a whole record lies at the beginning of these bytes.
    #[inline]
    pub fn is_whole(&self, bytes: &[u8]) -> bool {
        bytes.len() >= RECORD_HEADER_BYTES && bytes.len() - RECORD_HEADER_BYTES >= self.order.u32(bytes, 8) as usize
    }

    /// Take the next record; `None` at the end of the file.
    pub fn next<'a, R: Read>(&mut self, window: &'a mut Window<R>) -> Result<Option<Frame<'a>>, CaptureError> {
        if window.at_end() {
            return Ok(None);
        }
        let header = window.peek(RECORD_HEADER_BYTES)?;
        let field = |at| self.order.u32(header, at);
        let (seconds, fraction, length, original_length) = (field(0), field(4), field(8) as usize, field(12));
        if length > MAXIMUM_RECORD_BYTES {
            return Err(CaptureError::Malformed("a packet is longer than 16 MiB"));
        }
        let record = window.take(RECORD_HEADER_BYTES + length)?;
        let timestamp = i64::from(seconds) * SECOND + i64::from(fraction) * self.nanoseconds_per_unit;
        let data = &record[RECORD_HEADER_BYTES..];
        Ok(Some(Frame { timestamp, link_type: self.link_type, data, original_length }))
    }
}

//! The classic pcap file: one header, then records (draft-ietf-opsawg-pcap).

use std::io::Read;

use super::{CaptureError, Frame, MAXIMUM_RECORD_BYTES, Span, byte_order::ByteOrder, window::Window};
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

    /// Find the record at an offset; `None` where it does not lie whole in these bytes.
    #[inline]
    pub fn find(&self, bytes: &[u8], at: usize) -> Option<Span> {
        let header: &[u8; RECORD_HEADER_BYTES] = bytes.get(at..)?.first_chunk()?;
        let field = |at| self.order.u32(header, at);
        let (seconds, fraction, length, original_length) = (field(0), field(4), field(8) as usize, field(12));
        let start = at + RECORD_HEADER_BYTES;
        let is_whole = bytes.len() - start >= length;
        let timestamp = i64::from(seconds) * SECOND + i64::from(fraction) * self.nanoseconds_per_unit;
        is_whole.then_some(Span { timestamp, link_type: self.link_type, start, length, original_length })
    }

    /// Take the next record; `None` at the end of the file.
    pub fn next<'a, R: Read>(&mut self, window: &'a mut Window<R>) -> Result<Option<Frame<'a>>, CaptureError> {
        if window.at_end() {
            return Ok(None);
        }
        let length = self.order.u32(window.peek(RECORD_HEADER_BYTES)?, 8) as usize;
        if length > MAXIMUM_RECORD_BYTES {
            return Err(CaptureError::Malformed("a packet is longer than 16 MiB"));
        }
        let record = window.take(RECORD_HEADER_BYTES + length)?;
        Ok(self.find(record, 0).map(|span| span.frame(record)))
    }
}

//! pcapng: blocks in sections, each section with a byte order and interfaces of its own
//! (draft-ietf-opsawg-pcapng). Blocks that hold no packet are skipped.

use std::io::Read;

use super::{CaptureError, Frame, MAXIMUM_RECORD_BYTES, byte_order::ByteOrder, window::Window};
use crate::time::{Instant, SECOND};

/// Block type of a section header; a palindrome, so it reads the same in both byte orders.
pub const SECTION_HEADER: u32 = 0x0a0d_0d0a;
pub const INTERFACE_DESCRIPTION: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
pub const ENHANCED_PACKET: u32 = 6;
pub const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Type, length, and the length once more at the end.
pub const BLOCK_OVERHEAD: usize = 12;
const MAXIMUM_INTERFACES: usize = 1 << 16;

const OPTION_TIMESTAMP_RESOLUTION: u16 = 9;
const OPTION_TIMESTAMP_OFFSET: u16 = 14;

/// How an interface counts time.
#[derive(Clone, Copy)]
enum Resolution {
    Decimal(u32),
    Binary(u32),
}

impl Resolution {
    fn nanoseconds(self, ticks: u64) -> i128 {
        let ticks = i128::from(ticks);
        match self {
            Self::Decimal(digits @ 0..=9) => ticks * 10_i128.pow(9 - digits),
            Self::Decimal(digits) => 10_i128.checked_pow(digits - 9).map_or(0, |divisor| ticks / divisor),
            Self::Binary(bits) => (ticks * i128::from(SECOND)) >> bits,
        }
    }
}

#[derive(Clone, Copy)]
struct Interface {
    link_type: u32,
    /// Longest capture; 0 is no limit.
    snap_length: u32,
    resolution: Resolution,
    offset_seconds: i64,
}

impl Interface {
    fn parse(order: ByteOrder, body: &[u8]) -> Option<Self> {
        if body.len() < 8 {
            return None;
        }
        let mut interface = Self {
            link_type: u32::from(order.u16(body, 0)),
            snap_length: order.u32(body, 4),
            resolution: Resolution::Decimal(6),
            offset_seconds: 0,
        };
        let mut options = &body[8..];
        while options.len() >= 4 {
            let (code, length) = (order.u16(options, 0), order.u16(options, 2) as usize);
            let Some(value) = options.get(4..4 + length).filter(|_| code != 0) else { break };
            interface.set(order, code, value);
            options = options.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
        }
        Some(interface)
    }

    fn set(&mut self, order: ByteOrder, code: u16, value: &[u8]) {
        match (code, value.len()) {
            (OPTION_TIMESTAMP_RESOLUTION, 1) => {
                let exponent = u32::from(value[0] & 0x7f);
                let is_binary = value[0] & 0x80 != 0;
                self.resolution = if is_binary { Resolution::Binary(exponent) } else { Resolution::Decimal(exponent) };
            }
            (OPTION_TIMESTAMP_OFFSET, 8) => {
                let words = [order.u32(value, 0), order.u32(value, 4)].map(u64::from);
                self.offset_seconds = match order {
                    ByteOrder::Little => words[1] << 32 | words[0],
                    ByteOrder::Big => words[0] << 32 | words[1],
                } as i64;
            }
            _ => {}
        }
    }

    fn instant(&self, high: u32, low: u32) -> Instant {
        let ticks = u64::from(high) << 32 | u64::from(low);
        let nanoseconds = self.resolution.nanoseconds(ticks) + i128::from(self.offset_seconds) * i128::from(SECOND);
        nanoseconds.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }
}

/// The section being read.
pub struct Pcapng {
    order: ByteOrder,
    interfaces: Vec<Interface>,
    last_timestamp: Instant,
}

impl Default for Pcapng {
    fn default() -> Self {
        Self { order: ByteOrder::Little, interfaces: Vec::new(), last_timestamp: 0 }
    }
}

/// Where a packet lies in its block.
struct Place {
    interface: usize,
    timestamp: Option<(u32, u32)>,
    data: usize,
    length: usize,
    original_length: u32,
}

impl Pcapng {
    /// Whether a whole block with a packet lies at the beginning of these bytes.
    pub fn is_whole(&self, bytes: &[u8]) -> bool {
        bytes.len() >= BLOCK_OVERHEAD
            && matches!(self.order.u32(bytes, 0), ENHANCED_PACKET | SIMPLE_PACKET | OBSOLETE_PACKET)
            && bytes.len() >= self.order.u32(bytes, 4) as usize
    }

    /// Take blocks up to the next packet; `None` at the end of the file.
    pub fn next<'a, R: Read>(&mut self, window: &'a mut Window<R>) -> Result<Option<Frame<'a>>, CaptureError> {
        let (place, length) = loop {
            if window.at_end() {
                return Ok(None);
            }
            let (block_type, length) = self.block_header(window)?;
            let block = window.peek(length)?;
            if self.order.u32(block, length - 4) as usize != length {
                return Err(CaptureError::Malformed("the two lengths of a block differ"));
            }
            let body = &block[8..length - 4];
            match self.read_block(block_type, body)? {
                Some(place) => break (place, length),
                None => window.take(length)?,
            };
        };
        self.frame(&place, &window.take(length)?[8..])
    }

    fn block_header<R: Read>(&mut self, window: &mut Window<R>) -> Result<(u32, usize), CaptureError> {
        let header = window.peek(BLOCK_OVERHEAD)?;
        let block_type = self.order.u32(header, 0);
        if block_type == SECTION_HEADER {
            self.order = [ByteOrder::Little, ByteOrder::Big]
                .into_iter()
                .find(|order| order.u32(header, 8) == BYTE_ORDER_MAGIC)
                .ok_or(CaptureError::Malformed("a section has no byte order"))?;
        }
        let length = self.order.u32(header, 4) as usize;
        if !(BLOCK_OVERHEAD..=MAXIMUM_RECORD_BYTES).contains(&length) {
            return Err(CaptureError::Malformed("a block is shorter than 12 bytes or longer than 16 MiB"));
        }
        Ok((block_type, length))
    }

    fn read_block(&mut self, block_type: u32, body: &[u8]) -> Result<Option<Place>, CaptureError> {
        match block_type {
            SECTION_HEADER => self.interfaces.clear(),
            INTERFACE_DESCRIPTION => {
                let interface = Interface::parse(self.order, body)
                    .filter(|_| self.interfaces.len() < MAXIMUM_INTERFACES)
                    .ok_or(CaptureError::Malformed("an interface description is too short, or the 65537th"))?;
                self.interfaces.push(interface);
            }
            ENHANCED_PACKET | OBSOLETE_PACKET => return self.packet(block_type, body).map(Some),
            SIMPLE_PACKET => return self.simple_packet(body).map(Some),
            _ => {}
        }
        Ok(None)
    }

    fn packet(&self, block_type: u32, body: &[u8]) -> Result<Place, CaptureError> {
        if body.len() < 20 {
            return Err(CaptureError::Malformed("a packet block is shorter than its header"));
        }
        let word = |at| self.order.u32(body, at);
        let interface = if block_type == OBSOLETE_PACKET { u32::from(self.order.u16(body, 0)) } else { word(0) };
        let length = word(12) as usize;
        if length > body.len() - 20 {
            return Err(CaptureError::Malformed("a packet is longer than its block"));
        }
        let timestamp = Some((word(4), word(8)));
        Ok(Place { interface: interface as usize, timestamp, data: 20, length, original_length: word(16) })
    }

    fn simple_packet(&self, body: &[u8]) -> Result<Place, CaptureError> {
        if body.len() < 4 {
            return Err(CaptureError::Malformed("a packet block is shorter than its header"));
        }
        let original_length = self.order.u32(body, 0);
        let snap_length = self.interfaces.first().map_or(0, |interface| interface.snap_length);
        let limit = if snap_length == 0 { u32::MAX } else { snap_length };
        let length = (original_length.min(limit) as usize).min(body.len() - 4);
        Ok(Place { interface: 0, timestamp: None, data: 4, length, original_length })
    }

    fn frame<'a>(&mut self, place: &Place, body: &'a [u8]) -> Result<Option<Frame<'a>>, CaptureError> {
        let interface = self
            .interfaces
            .get(place.interface)
            .ok_or(CaptureError::Malformed("a packet names an interface that was not described"))?;
        if let Some((high, low)) = place.timestamp {
            self.last_timestamp = interface.instant(high, low);
        }
        Ok(Some(Frame {
            timestamp: self.last_timestamp,
            link_type: interface.link_type,
            data: &body[place.data..place.data + place.length],
            original_length: place.original_length,
        }))
    }
}

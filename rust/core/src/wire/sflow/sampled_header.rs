//! The structure that holds a packet's own headers.

use super::{sample::padded, structure::Value};
use crate::wire::Cursor;

/// The first bytes of a packet.
#[derive(Clone, Copy, Debug)]
pub struct SampledHeader<'a> {
    /// What the bytes begin with, as sFlow numbers it.
    pub protocol: u32,
    /// Bytes of the frame on the wire, with those that were stripped.
    pub frame_length: u32,
    /// Bytes taken off before these: a checksum at the end, tags at the front.
    pub stripped: u32,
    /// The bytes.
    pub bytes: &'a [u8],
}

impl<'a> SampledHeader<'a> {
    /// The structure's tag.
    pub const TAG: u32 = 1;
    /// The name of the bytes.
    pub const BYTES: &'static str = "sampled_header.header";

    /// Read it; `None` when it is cut off.
    pub fn read(body: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        Some(Self {
            protocol: cursor.u32()?,
            frame_length: cursor.u32()?,
            stripped: cursor.u32()?,
            bytes: padded(&mut cursor)?,
        })
    }

    /// Visit each field, in wire order.
    pub fn each_field(&self, mut visit: impl FnMut(&'static str, Value<'a>, &[u8])) {
        let numbers = [
            ("sampled_header.protocol", self.protocol),
            ("sampled_header.frame_length", self.frame_length),
            ("sampled_header.stripped", self.stripped),
        ];
        for (name, number) in numbers {
            visit(name, Value::Number(number.into()), &number.to_be_bytes());
        }
        visit(Self::BYTES, Value::Bytes(self.bytes), self.bytes);
    }
}

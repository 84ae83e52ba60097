//! The structure that holds a packet's own headers.

use super::{
    sample::padded,
    structure::{Form, Structure, StructureField, Value},
};
use crate::wire::Cursor;

const fn field(name: &'static str, form: Form) -> StructureField {
    StructureField { name, form, column: None, fills_gap: false, is_scope: false }
}

/// How it is laid out.
pub static SAMPLED_HEADER: Structure = Structure {
    tag: SampledHeader::TAG,
    fields: &[
        field("sampled_header.protocol", Form::U32),
        field("sampled_header.frame_length", Form::U32),
        field("sampled_header.stripped", Form::U32),
        field(SampledHeader::BYTES, Form::Bytes),
    ],
};

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
        for (field, number) in SAMPLED_HEADER.fields.iter().zip([self.protocol, self.frame_length, self.stripped]) {
            visit(field.name, Value::Number(number.into()), &number.to_be_bytes());
        }
        visit(Self::BYTES, Value::Bytes(self.bytes), self.bytes);
    }
}

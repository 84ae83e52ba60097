//! The samples of sFlow, structure by structure and field by field.

use super::{Dissection, json::Json, offset_in};
use crate::wire::{
    Cursor,
    sflow::{SAMPLE_HEADS, Structure, Tagged, find_structure, read_value, structure_in},
};

/// Bytes in front of a structure: its tag and its length.
const TAG_BYTES: usize = 8;
/// Bits of a tag that number the structure; those above are whose it is.
const FORMAT_BITS: u32 = 12;

impl Dissection {
    /// The samples of a datagram: its body begins at an offset.
    pub fn samples(&mut self, body: &[u8], body_at: usize, count: u16) {
        self.message.open_list("samples");
        let mut text = String::new();
        let mut end = 0;
        for (tag, raw) in Tagged::of(body, u32::from(count)).map_while(Result::ok) {
            let at = offset_in(body, raw);
            end = at + raw.len();
            begin_structure(&mut self.message, tag, raw, body_at + at);
            match find_structure(SAMPLE_HEADS, tag) {
                Some(head) => write_sample(&mut self.message, head, raw, body_at + at, &mut text),
                None => self.message.bytes("raw", raw),
            }
            self.message.close();
        }
        self.message.close_list();
        self.trailing(body_at + end, &body[end..]);
    }
}

/// What a sample says of itself, and the structures in it. Its bytes begin at an offset.
fn write_sample(json: &mut Json, head: &'static Structure, raw: &[u8], at: usize, text: &mut String) {
    let mut rest = write_fields(json, head, raw, at, text);
    json.open_list("structures");
    for (tag, body) in Tagged::read(Cursor::new(rest)).into_iter().flatten().map_while(Result::ok) {
        let within = offset_in(raw, body);
        begin_structure(json, tag, body, at + within);
        match structure_in(head.tag, tag) {
            Some(structure) => {
                let rest = write_fields(json, structure, body, at + within, text);
                write_rest(json, at + within + offset_in(body, rest), rest);
            }
            None => json.bytes("raw", body),
        }
        json.close();
        rest = &raw[within + body.len()..];
    }
    json.close_list();
    write_rest(json, at + offset_in(raw, rest), rest);
}

/// What follows the fields of a structure, or the structures of a sample.
fn write_rest(json: &mut Json, at: usize, rest: &[u8]) {
    if !rest.is_empty() {
        json.name("rest");
        json.span(at, rest);
    }
}

/// The tag and the place of a structure whose body begins at an offset.
fn begin_structure(json: &mut Json, tag: u32, body: &[u8], at: usize) {
    json.open();
    json.number("offset", (at - TAG_BYTES) as u64);
    json.number("length", (TAG_BYTES + body.len()) as u64);
    json.number("enterprise", tag >> FORMAT_BITS);
    json.number("format", tag & ((1 << FORMAT_BITS) - 1));
}

/// The fields of a structure, as far as they were sent; returns what follows them.
fn write_fields<'a>(
    json: &mut Json,
    structure: &'static Structure,
    body: &'a [u8],
    at: usize,
    text: &mut String,
) -> &'a [u8] {
    json.text("name", structure.name());
    json.open_list("fields");
    let mut cursor = Cursor::new(body);
    for field in structure.fields {
        let before = cursor.rest();
        let Some((value, _)) = read_value(field.form, &mut cursor) else {
            cursor = Cursor::new(before);
            break;
        };
        let raw = &before[..before.len() - cursor.rest().len()];
        json.open();
        json.number("offset", (at + offset_in(body, raw)) as u64);
        json.number("length", raw.len() as u64);
        json.text("name", field.name);
        json.text("value", value.text(text));
        json.bytes("raw", raw);
        json.close();
    }
    json.close_list();
    cursor.rest()
}

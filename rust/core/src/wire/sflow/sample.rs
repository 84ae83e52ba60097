//! Samples, and the structures in them.

use super::{
    counter_structures::COUNTER_STRUCTURES,
    flow_structures::FLOW_STRUCTURES,
    sample_structures::SAMPLE_HEADS,
    sampled_header::{SAMPLED_HEADER, SampledHeader},
    structure::{Structure, StructureField, Value, find_structure, read_value},
};
use crate::wire::{Cursor, Malformed};

const COUNTER_SAMPLE: u32 = 2;
const EXPANDED_FLOW_SAMPLE: u32 = 3;
const EXPANDED_COUNTER_SAMPLE: u32 = 4;
const DISCARDED_PACKET: u32 = 5;

/// The structure that a tag stands for among the records of a sample with another.
pub fn structure_in(sample: u32, tag: u32) -> Option<&'static Structure> {
    match (sample, tag) {
        (COUNTER_SAMPLE | EXPANDED_COUNTER_SAMPLE, _) => find_structure(COUNTER_STRUCTURES, tag),
        (_, SampledHeader::TAG) => Some(&SAMPLED_HEADER),
        _ => find_structure(FLOW_STRUCTURES, tag),
    }
}

/// What a sample was taken of: one of an agent's interfaces, its VLANs, its physical or logical parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// 0 an interface, 1 a VLAN, 2 a part of the device.
    pub class: u32,
    /// Which of them; of interfaces the SNMP index.
    pub index: u32,
}

/// Where a sampled packet came in, or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// By one interface, of this SNMP index.
    Index(u32),
    /// Nobody says.
    Unknown,
    /// From or to the device itself.
    Own,
    /// Nowhere: it was discarded, for this reason.
    Discarded(u32),
    /// To so many interfaces; 0 where nobody counted them.
    Several(u32),
    /// Something that version 5 does not define.
    Undefined(u32, u32),
}

impl Interface {
    const OWN: u32 = 0x3fff_ffff;

    fn of(format: u32, value: u32) -> Self {
        match (format, value) {
            (0, 0) => Self::Unknown,
            // The expanded form has room for an own number, but agents keep to the one of the compact form.
            (0, Self::OWN | u32::MAX) => Self::Own,
            (0, index) => Self::Index(index),
            (1, reason) => Self::Discarded(reason),
            (2, count) => Self::Several(count),
            _ => Self::Undefined(format, value),
        }
    }

    fn of_compact(word: u32) -> Self {
        Self::of(word >> 30, word & Self::OWN)
    }
}

/// A packet that was looked at.
#[derive(Clone, Debug)]
pub struct FlowSample<'a> {
    /// Number of the sample at its source.
    pub sequence: u32,
    /// Where it was taken.
    pub source: Source,
    /// One packet in how many is looked at; `None` of discarded packets, which are not sampled.
    pub sampling_interval: Option<u32>,
    /// Packets that could have been looked at, in all; `None` of discarded packets.
    pub pool: Option<u32>,
    /// Samples that the agent dropped, in all.
    pub drops: u32,
    /// Where the packet came in.
    pub input: Interface,
    /// Where it went.
    pub output: Interface,
    /// Why the packet was discarded, where that is what the sample tells.
    pub discard_reason: Option<u32>,
    /// All of this as it was written.
    pub head: Head<'a>,
    /// What is told of the packet.
    pub records: Tagged<'a>,
}

/// What something has counted.
#[derive(Clone, Debug)]
pub struct CounterSample<'a> {
    /// Number of the sample at its source.
    pub sequence: u32,
    /// Who counted.
    pub source: Source,
    /// All of this as it was written.
    pub head: Head<'a>,
    /// The counters.
    pub records: Tagged<'a>,
}

/// One sample of a datagram.
#[derive(Clone, Debug)]
pub enum Sample<'a> {
    /// Of a packet.
    Flow(FlowSample<'a>),
    /// Of counters.
    Counters(CounterSample<'a>),
    /// Of a kind that nobody told us of: enterprise and number in one, and its bytes.
    Unknown(u32, &'a [u8]),
}

/// What a sample says before its records, as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    structure: &'static Structure,
    bytes: &'a [u8],
}

impl<'a> Head<'a> {
    /// Visit each field, in wire order.
    pub fn each_field(self, mut visit: impl FnMut(&'static StructureField, Value<'a>, &'a [u8])) {
        let mut cursor = Cursor::new(self.bytes);
        for field in self.structure.fields {
            let Some((value, raw)) = read_value(field.form, &mut cursor) else { return };
            visit(field, value, raw);
        }
    }

    fn is_expanded(self) -> bool {
        matches!(self.structure.tag, EXPANDED_FLOW_SAMPLE | EXPANDED_COUNTER_SAMPLE | DISCARDED_PACKET)
    }
}

/// Walks the samples of a datagram.
pub struct Samples<'a>(Tagged<'a>);

impl<'a> Samples<'a> {
    /// Start behind the header.
    pub fn new(count: u16, body: &'a [u8]) -> Self {
        Self(Tagged::of(body, u32::from(count)))
    }
}

impl<'a> Iterator for Samples<'a> {
    /// A sample that is wrong is passed over: the next is where its length says.
    type Item = Result<Sample<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let Ok((tag, body)) = self.0.next()? else { return Some(Err(Malformed::TruncatedRecord)) };
        let Some(structure) = find_structure(SAMPLE_HEADS, tag) else { return Some(Ok(Sample::Unknown(tag, body))) };
        let cursor = Cursor::new(body);
        let head = Head { structure, bytes: body };
        let sample = match tag {
            COUNTER_SAMPLE | EXPANDED_COUNTER_SAMPLE => counter_sample(cursor, head).map(Sample::Counters),
            DISCARDED_PACKET => discarded_packet(cursor, head).map(Sample::Flow),
            _ => flow_sample(cursor, head).map(Sample::Flow),
        };
        Some(sample.ok_or(Malformed::BadSample))
    }
}

/// Walks tagged structures: samples of a datagram, records of a sample.
#[derive(Clone, Debug)]
pub struct Tagged<'a> {
    cursor: Cursor<'a>,
    /// How many are announced and did not come yet. Each takes eight bytes at least, so bytes end this first.
    left: u32,
}

impl<'a> Tagged<'a> {
    /// Start at so many structures.
    pub fn of(bytes: &'a [u8], count: u32) -> Self {
        Self { cursor: Cursor::new(bytes), left: count }
    }

    /// Start at a count, and behind it the structures.
    pub fn read(mut cursor: Cursor<'a>) -> Option<Self> {
        let left = cursor.u32()?;
        Some(Self { cursor, left })
    }
}

impl<'a> Iterator for Tagged<'a> {
    type Item = Result<(u32, &'a [u8]), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let tagged = (|| {
            let tag = self.cursor.u32()?;
            Some((tag, padded(&mut self.cursor)?))
        })();
        if tagged.is_none() {
            self.left = 0;
        }
        Some(tagged.ok_or(Malformed::BadSample))
    }
}

/// Take a length, so many bytes, and what fills up to a multiple of four as far as it is there.
pub(super) fn padded<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = cursor.u32()? as usize;
    let bytes = cursor.take(length)?;
    cursor.take((length.next_multiple_of(4) - length).min(cursor.rest().len()))?;
    Some(bytes)
}

fn source(cursor: &mut Cursor<'_>, is_expanded: bool) -> Option<Source> {
    let word = cursor.u32()?;
    if is_expanded {
        return Some(Source { class: word, index: cursor.u32()? });
    }
    Some(Source { class: word >> 24, index: word & 0x00ff_ffff })
}

fn interface(cursor: &mut Cursor<'_>, is_expanded: bool) -> Option<Interface> {
    let word = cursor.u32()?;
    if is_expanded { Some(Interface::of(word, cursor.u32()?)) } else { Some(Interface::of_compact(word)) }
}

fn flow_sample<'a>(mut cursor: Cursor<'a>, head: Head<'a>) -> Option<FlowSample<'a>> {
    let is_expanded = head.is_expanded();
    Some(FlowSample {
        sequence: cursor.u32()?,
        source: source(&mut cursor, is_expanded)?,
        sampling_interval: Some(cursor.u32()?),
        pool: Some(cursor.u32()?),
        drops: cursor.u32()?,
        input: interface(&mut cursor, is_expanded)?,
        output: interface(&mut cursor, is_expanded)?,
        discard_reason: None,
        head,
        records: Tagged::read(cursor)?,
    })
}

fn discarded_packet<'a>(mut cursor: Cursor<'a>, head: Head<'a>) -> Option<FlowSample<'a>> {
    let sequence = cursor.u32()?;
    let source = source(&mut cursor, true)?;
    let drops = cursor.u32()?;
    let (input, output) = (cursor.u32()?, cursor.u32()?);
    Some(FlowSample {
        sequence,
        source,
        sampling_interval: None,
        pool: None,
        drops,
        input: Interface::of(0, input),
        output: Interface::of(0, output),
        discard_reason: Some(cursor.u32()?),
        head,
        records: Tagged::read(cursor)?,
    })
}

fn counter_sample<'a>(mut cursor: Cursor<'a>, head: Head<'a>) -> Option<CounterSample<'a>> {
    Some(CounterSample {
        sequence: cursor.u32()?,
        source: source(&mut cursor, head.is_expanded())?,
        head,
        records: Tagged::read(cursor)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves F4.
    #[test]
    fn the_top_bits_of_an_interface_say_what_the_others_mean() {
        let words = [7, 0, 0x3fff_ffff, 0x4000_0100, 0x8000_0003, 0xc000_0001];
        let found: Vec<_> = words.into_iter().map(Interface::of_compact).collect();
        let expected = [
            Interface::Index(7),
            Interface::Unknown,
            Interface::Own,
            Interface::Discarded(256),
            Interface::Several(3),
            Interface::Undefined(3, 1),
        ];
        assert_eq!(found, expected);
        assert_eq!(Interface::of(0, 1 << 30), Interface::Index(1 << 30), "the expanded form has room for it");
    }

    #[test]
    fn more_structures_than_bytes_end_with_the_bytes() {
        let one = [0, 0, 0, 9, 0, 0, 0, 4, 1, 2, 3, 4];
        let tagged = Tagged { cursor: Cursor::new(&one), left: u32::MAX };
        assert_eq!(tagged.collect::<Vec<_>>(), [Ok((9, &one[8..])), Err(Malformed::BadSample)]);
    }
}

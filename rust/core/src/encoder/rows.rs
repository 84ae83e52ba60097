//! Rows of a batch, sorted by which columns they have a value in.
//!
//! Each group becomes a template of its own, so that a value a row has not is absent on the wire too
//! and never a zero.

use std::collections::HashMap;

use arrow_array::{RecordBatch, cast::AsArray};
use arrow_buffer::NullBuffer;

use super::{
    announced::Layout,
    applications::Numbers,
    clock::Clock,
    element::{ELEMENTS, Element, SERVER_NAME},
    records::Records,
    source::Source,
    widths::Widths,
};
use crate::{recent::Recent, schema::Field, templates::FieldSpecifier, time::Instant, wire::ProtocolVersion};

/// Bits of a row's key that say that its addresses need 16 bytes, and that it is an event; lower bits are columns.
const WIDE: u64 = 1 << 63;
const EVENT: u64 = 1 << 62;

/// The columns of a batch that have values and can travel.
pub struct Columns<'a> {
    present: Vec<(Element, Source<'a>)>,
    rows: usize,
    clock: Clock,
    events: Option<Events>,
}

/// What tells an event of address translation from a flow: it has counted nothing and happened at one moment, which is
/// told once (RFC 8158). Columns by their bits.
struct Events {
    event: u64,
    counters: u64,
    start: usize,
    end: usize,
}

impl Events {
    /// `None` when no row can be an event.
    fn of(columns: &[(Field, Element, Source)]) -> Option<Self> {
        let place = |field| columns.iter().position(|&(present, ..)| present == field);
        let bit = |field| place(field).map_or(0, |place| 1 << place);
        let counters = [Field::Packets, Field::Bytes, Field::ReversePackets, Field::ReverseBytes];
        Some(Self {
            event: 1 << place(Field::NatEvent)?,
            counters: counters.into_iter().map(bit).sum(),
            start: place(Field::Start)?,
            end: place(Field::End)?,
        })
    }

    /// The key of an event's row.
    fn key(&self, key: u64, row: usize, present: &[(Element, Source)]) -> Option<u64> {
        let needed = self.event | 1 << self.start | 1 << self.end;
        let time = |column: usize| present[column].1.time(row);
        let is_event = key & needed == needed && key & self.counters == 0 && time(self.start) == time(self.end);
        is_event.then_some((key | EVENT) & !(1 << self.end))
    }
}

/// Rows with the same columns.
pub struct Group {
    key: u64,
    /// Row numbers in the batch.
    pub rows: Vec<u32>,
}

impl<'a> Columns<'a> {
    /// Look at a batch.
    pub fn of(
        batch: &'a RecordBatch,
        numbers: &Numbers,
        version: ProtocolVersion,
        boot_time: Instant,
        widths: &mut Widths,
    ) -> Self {
        let columns: Vec<(Field, Element, Source)> = ELEMENTS
            .iter()
            .filter(|(_, element)| element.exists_in(version))
            .filter_map(|&(field, element)| {
                let source = Source::of(batch, field, version, widths)?;
                Some((field, element, as_element(source, batch, numbers, field, element)?))
            })
            .collect();
        let clock = match version {
            ProtocolVersion::Ipfix if columns.iter().all(|(.., source)| source.is_whole_milliseconds()) => {
                Clock::Milliseconds
            }
            ProtocolVersion::Ipfix => Clock::Ntp,
            _ => Clock::Uptime { boot_time },
        };
        let events = Events::of(&columns);
        let present = columns.into_iter().map(|(_, element, source)| (element, source)).collect();
        Self { present, rows: batch.num_rows(), clock, events }
    }

    /// Sort the rows into groups, in order of first appearance. Rows without any value are left out.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let (mut numbers, mut recent) = (HashMap::new(), Recent::default());
        for (row, mut key) in self.keys().into_iter().enumerate() {
            if let Some(events) = &self.events {
                key = events.key(key, row, &self.present).unwrap_or(key);
            }
            let number = *recent.get_or_make(key, key, |&key| {
                *numbers.entry(key).or_insert_with(|| {
                    groups.push(Group { key, rows: Vec::new() });
                    groups.len() - 1
                })
            });
            groups[number].rows.push(row as u32);
        }
        groups.retain(|group| group.key != 0);
        groups
    }

    /// What each row has: a bit for each column.
    fn keys(&self) -> Vec<u64> {
        let mut full = 0;
        // What is known of a connection is known together: most of these columns have their nulls in the same rows.
        let mut partial: Vec<(&NullBuffer, u64)> = Vec::new();
        for (bit, source) in self.numbered() {
            match source.nulls() {
                None => full |= 1 << bit,
                Some(nulls) => match partial.iter_mut().find(|(known, _)| *known == nulls) {
                    Some((_, bits)) => *bits |= 1 << bit,
                    None => partial.push((nulls, 1 << bit)),
                },
            }
        }
        let mut keys = vec![full; self.rows];
        for (nulls, bits) in partial {
            mark_valid(nulls, bits, &mut keys);
        }
        for (_, source) in self.numbered() {
            source.mark_wide(WIDE, &mut keys);
        }
        keys
    }

    /// The template of a group.
    pub fn layout(&self, group: &Group) -> Layout {
        let (clock, is_wide) = (self.clock_of(group), group.is_wide());
        let fields = self
            .of_group(group)
            .map(|(element, source)| element.specifier(clock, is_wide, source.length(clock, is_wide)))
            .collect();
        Layout { scopes: 0, fields }
    }

    /// A writer of a group's records.
    pub fn writer(&self, group: &Group) -> RecordWriter<'_> {
        let (clock, is_wide) = (self.clock_of(group), group.is_wide());
        let sources: Vec<_> = self.of_group(group).map(|(_, source)| source).collect();
        let lengths = sources.iter().map(|source| source.length(clock, is_wide));
        let length =
            lengths.clone().all(|length| length != FieldSpecifier::VARIABLE).then(|| lengths.map(usize::from).sum());
        RecordWriter { sources, clock, is_wide, length }
    }

    fn clock_of(&self, group: &Group) -> Clock {
        if group.key & EVENT == 0 { self.clock } else { self.clock.of_moments() }
    }

    fn numbered(&self) -> impl Iterator<Item = (usize, &Source<'a>)> {
        self.present.iter().enumerate().map(|(bit, (_, source))| (bit, source))
    }

    fn of_group(&self, group: &Group) -> impl Iterator<Item = &(Element, Source<'a>)> {
        let key = group.key;
        self.present.iter().enumerate().filter(move |(bit, _)| key >> bit & 1 != 0).map(|(_, column)| column)
    }
}

/// Set bits in the keys of rows that are not null.
fn mark_valid(nulls: &NullBuffer, bits: u64, keys: &mut [u64]) {
    for (keys, valid) in keys.chunks_mut(64).zip(nulls.inner().bit_chunks().iter_padded()) {
        match valid {
            0 => {}
            u64::MAX => keys.iter_mut().for_each(|key| *key |= bits),
            _ => keys.iter_mut().enumerate().for_each(|(row, key)| *key |= bits & (valid >> row & 1).wrapping_neg()),
        }
    }
}

/// The rows of a column that travel as an element.
fn as_element<'a>(
    source: Source<'a>,
    batch: &'a RecordBatch,
    numbers: &Numbers,
    field: Field,
    element: Element,
) -> Option<Source<'a>> {
    match (field, element) {
        (Field::Application, Element::ApplicationId { length }) => return source.numbered(numbers, length),
        (Field::Application, _) => return source.named(numbers),
        (Field::Site, _) => {}
        _ => return Some(source),
    }
    let is_server_name = element == SERVER_NAME;
    let told = batch.column_by_name("site_source")?.as_string::<i32>();
    let shown = told.iter().map(|word| (word == Some("sni")) == is_server_name).collect();
    source.only(&NullBuffer::new(shown))
}

impl Group {
    fn is_wide(&self) -> bool {
        self.key & WIDE != 0
    }
}

/// Writes the records of one group.
pub struct RecordWriter<'a> {
    sources: Vec<&'a Source<'a>>,
    clock: Clock,
    is_wide: bool,
    /// The same for every row unless there is text.
    length: Option<usize>,
}

impl RecordWriter<'_> {
    /// Bytes of a row's record.
    #[inline]
    pub fn length(&self, row: usize) -> usize {
        self.length.unwrap_or_else(|| {
            self.sources.iter().map(|source| source.written_length(row, self.clock, self.is_wide)).sum()
        })
    }

    /// Whether all records have the same length, and can be written at once.
    pub fn is_fixed(&self) -> bool {
        self.length.is_some()
    }

    /// Append the records of rows, all of them of `length` bytes.
    pub fn write(&self, rows: &[u32], length: usize, out: &mut Vec<u8>) {
        let mut records = Records::append(out, length, rows.len());
        for source in &self.sources {
            source.fill(rows, self.clock, self.is_wide, &mut records);
        }
    }
}

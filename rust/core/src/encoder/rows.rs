//! Rows of a batch, sorted by which columns are to be told of them.
//!
//! Each group becomes a template of its own, so that a value a row has not is absent on the wire too
//! and never a zero.

use std::collections::HashMap;

use arrow_array::{RecordBatch, cast::AsArray};
use arrow_buffer::NullBuffer;

use super::{
    alike::Alike,
    announced::Layout,
    applications::Numbers,
    clock::Clock,
    element::{ELEMENTS, Element, SERVER_NAME},
    records::Records,
    source::Source,
    widths::Widths,
};
use crate::{recent::Recent, schema::Field, templates::FieldSpecifier, time::Instant, wire::ProtocolVersion};

/// Bits of a row's key that say that its addresses need 16 bytes, and that it is an event; lower bits are patterns.
const WIDE: u64 = 1 << 63;
const EVENT: u64 = 1 << 62;
const MAXIMUM_PATTERNS: usize = 62;

/// A column that has values and can travel.
struct Column<'a> {
    field: Field,
    element: Element,
    source: Source<'a>,
    /// The bit of the rows that have a value; 0 where all have.
    bit: u64,
}

/// The columns of a batch that have values and can travel.
pub struct Columns<'a> {
    present: Vec<Column<'a>>,
    /// Which rows have a value, for each bit: what is known of a connection is known together, so that most columns that have
    /// nulls have them in the same rows as another.
    patterns: Vec<NullBuffer>,
    rows: usize,
    clock: Clock,
    events: Option<Events>,
}

/// What tells an event of address translation from a flow: it has counted nothing and happened at one moment, which is
/// told once (RFC 8158).
struct Events {
    /// Bits of what every event has, and of what only flows have.
    needed: u64,
    counters: u64,
    /// Columns.
    start: usize,
    end: usize,
}

impl Events {
    /// `None` when no row can be an event.
    fn of(present: &[Column]) -> Option<Self> {
        let place = |field| present.iter().position(|column| column.field == field);
        let bit = |place: usize| present[place].bit;
        let (start, end) = (place(Field::Start)?, place(Field::End)?);
        let counters = [Field::Packets, Field::Bytes, Field::ReversePackets, Field::ReverseBytes];
        let counters: Vec<u64> = counters.into_iter().filter_map(place).map(bit).collect();
        (!counters.contains(&0)).then_some(Self {
            needed: bit(place(Field::NatEvent)?) | bit(start) | bit(end),
            counters: counters.iter().fold(0, |bits, bit| bits | bit),
            start,
            end,
        })
    }

    /// The key of an event's row.
    fn key(&self, key: u64, row: usize, present: &[Column]) -> Option<u64> {
        let time = |column: usize| present[column].source.time(row);
        let is_event =
            key & self.needed == self.needed && key & self.counters == 0 && time(self.start) == time(self.end);
        is_event.then_some(key | EVENT)
    }
}

/// Rows with the same columns.
pub struct Group {
    key: u64,
    /// Row numbers in the batch.
    pub rows: Vec<u32>,
}

impl<'a> Columns<'a> {
    /// Look at a batch; `None` where it has more kinds of rows than are told apart.
    pub fn of(
        batch: &'a RecordBatch,
        numbers: &Numbers,
        version: ProtocolVersion,
        boot_time: Instant,
        widths: &mut Widths,
    ) -> Option<Self> {
        let alike = Alike::of(batch);
        let (mut present, mut patterns) = (Vec::new(), Vec::new());
        for &(field, element) in ELEMENTS.iter().filter(|(_, element)| element.exists_in(version)) {
            let source = Source::of(batch, field, version, widths)
                .and_then(|source| as_element(source, batch, numbers, field, element))
                .and_then(|source| alike.told(source, field, element));
            let Some(source) = source else { continue };
            let bit = source.nulls().map_or(0, |nulls| 1 << place_of(nulls, &mut patterns));
            present.push(Column { field, element, source, bit });
            if patterns.len() > MAXIMUM_PATTERNS {
                return None;
            }
        }
        let clock = match version {
            ProtocolVersion::Ipfix if present.iter().all(|column| column.source.is_whole_milliseconds()) => {
                Clock::Milliseconds
            }
            ProtocolVersion::Ipfix => Clock::Ntp,
            _ => Clock::Uptime { boot_time },
        };
        let events = Events::of(&present);
        Some(Self { present, patterns, rows: batch.num_rows(), clock, events })
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
        groups.retain(|group| self.of_group(group).next().is_some());
        groups
    }

    /// What each row has: a bit for each pattern.
    fn keys(&self) -> Vec<u64> {
        let mut keys = vec![0; self.rows];
        for (place, pattern) in self.patterns.iter().enumerate() {
            mark_valid(pattern, 1 << place, &mut keys);
        }
        for column in &self.present {
            column.source.mark_wide(WIDE, &mut keys);
        }
        keys
    }

    /// The template of a group.
    pub fn layout(&self, group: &Group) -> Layout {
        let (clock, is_wide) = (self.clock_of(group), group.is_wide());
        let fields = self
            .of_group(group)
            .map(|column| column.element.specifier(clock, is_wide, column.source.length(clock, is_wide)))
            .collect();
        Layout { scopes: 0, fields }
    }

    /// A writer of a group's records.
    pub fn writer(&self, group: &Group) -> RecordWriter<'_> {
        let (clock, is_wide) = (self.clock_of(group), group.is_wide());
        let sources: Vec<_> = self.of_group(group).map(|column| &column.source).collect();
        let lengths = sources.iter().map(|source| source.length(clock, is_wide));
        let length =
            lengths.clone().all(|length| length != FieldSpecifier::VARIABLE).then(|| lengths.map(usize::from).sum());
        RecordWriter { sources, clock, is_wide, length }
    }

    fn clock_of(&self, group: &Group) -> Clock {
        if group.key & EVENT == 0 { self.clock } else { self.clock.of_moments() }
    }

    /// What the rows of a group have, but for the end of what has only one moment.
    fn of_group(&self, group: &Group) -> impl Iterator<Item = &Column<'a>> {
        let key = group.key;
        let left_out = self.events.as_ref().filter(|_| key & EVENT != 0).map(|events| events.end);
        let columns = self.present.iter().enumerate();
        columns
            .filter(move |&(place, column)| column.bit & !key == 0 && left_out != Some(place))
            .map(|(_, column)| column)
    }
}

/// The place of a pattern among those that were seen.
fn place_of(pattern: &NullBuffer, patterns: &mut Vec<NullBuffer>) -> usize {
    patterns.iter().position(|known| known == pattern).unwrap_or_else(|| {
        patterns.push(pattern.clone());
        patterns.len() - 1
    })
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

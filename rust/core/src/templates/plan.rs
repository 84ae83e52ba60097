//! The plan of a template: which bytes of a record go to which column.

use super::{Elements, FieldSpecifier, Layout, SamplingFields, SectionFields, StatisticsFields, TypeFields, canonical};
use crate::{
    schema::{ElementType, FIELDS, Field, Kind, SOURCES, WORDS, kind_of},
    wire::ProtocolVersion,
};

/// How a time is said on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeForm {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// 64 bits in NTP's format.
    Ntp,
    /// The same, of which the lowest eleven mean nothing.
    NtpMicroseconds,
    /// Microseconds before the header's export time.
    DeltaMicroseconds,
    /// Milliseconds since the exporter booted.
    Uptime,
}

/// How bytes become a column's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// A big-endian number of any width.
    Unsigned,
    /// The same, of bits that add to those in the column.
    MoreBits,
    /// Four bytes.
    Ipv4,
    /// Sixteen bytes.
    Ipv6,
    /// Six bytes.
    Mac,
    /// UTF-8.
    Text,
    /// An engine and its number for an application, as text.
    ApplicationId,
    /// A time.
    Time(TimeForm),
}

/// One column filled from one field.
#[derive(Clone, Copy, Debug)]
pub struct ColumnRead {
    /// Column.
    pub field: Field,
    /// Place of the field in the template.
    pub index: usize,
    /// Conversion.
    pub read: Read,
    /// Use the value only where the column holds nothing yet: templates with both families of an
    /// address send zeros in the one that does not apply, and names are empty where none was seen.
    pub only_unspecified: bool,
}

/// One element kept by name.
#[derive(Clone, Debug)]
pub struct ElementRead {
    /// Name, or `enterprise:id` where we know none.
    pub name: String,
    /// Place of the field in the template.
    pub index: usize,
    /// How to say its value; unknown elements have none.
    pub element_type: Option<ElementType>,
}

/// One word that a field says of a column by having a value.
#[derive(Clone, Copy, Debug)]
pub struct WordRead {
    /// Column.
    pub field: Field,
    /// Place of the field in the template.
    pub index: usize,
    /// Word.
    pub word: &'static str,
}

/// What to do with the records of a template.
#[derive(Debug)]
pub struct Plan {
    /// Where each field of a record lies.
    pub layout: Layout,
    /// Columns to fill.
    pub columns: Vec<ColumnRead>,
    /// Words that follow from which fields have values, the most trusted first.
    pub words: Vec<WordRead>,
    /// Scope elements (options only).
    pub scope: Vec<ElementRead>,
    /// Elements kept by name.
    pub others: Vec<ElementRead>,
    /// Times since boot, kept by name while nobody said when that was (IPFIX).
    pub uptimes: Vec<ElementRead>,
    /// Whether flow times are told as distances, from the header's time or from when the exporter booted.
    pub has_distances: bool,
    /// Whether a handshake's round trip is told in parts only.
    pub has_parts: bool,
    /// What they say about sampling.
    pub sampling: SamplingFields,
    /// What they say about elements.
    pub types: Option<TypeFields>,
    /// Lists whose records may say more of the flow.
    pub lists: Vec<(usize, ElementType)>,
    /// First bytes of packets, which fill what the record leaves empty.
    pub sections: Option<SectionFields>,
    /// What they say the exporter counted.
    pub statistics: StatisticsFields,
    /// When the exporter booted, milliseconds since 1970.
    pub system_init: Option<usize>,
    /// Whether the template is an options template.
    pub is_options: bool,
    /// What was known of elements when it was made.
    pub serial: (u32, u32),
}

/// Set by no field but dropped by every reader: filler.
const PADDING_OCTETS: u16 = 210;

impl Plan {
    /// Compile the fields of a template.
    pub fn compile(
        version: ProtocolVersion,
        scopes: usize,
        fields: &[FieldSpecifier],
        verbatim: bool,
        elements: Elements<'_>,
    ) -> Self {
        let mut plan = Self {
            layout: Layout::of(fields),
            columns: Vec::new(),
            words: Vec::new(),
            scope: Vec::new(),
            others: Vec::new(),
            uptimes: Vec::new(),
            has_distances: false,
            has_parts: false,
            sampling: SamplingFields::of(version, scopes, fields),
            types: TypeFields::of(fields),
            lists: Vec::new(),
            sections: if verbatim || scopes > 0 { None } else { SectionFields::of(fields) },
            statistics: StatisticsFields::of(version, scopes, fields),
            system_init: system_init(fields),
            is_options: scopes > 0,
            serial: elements.serial(),
        };
        let sources: Vec<Source> = fields.iter().map(|&field| Source::of(field, elements)).collect();
        if !verbatim && scopes == 0 {
            plan.words = words_of(&sources);
        }
        let best = best_sources(&sources);
        for (index, source) in sources.iter().enumerate() {
            if index < scopes {
                plan.scope.push(scope_read(version, source, index));
            } else if verbatim || scopes > 0 || !plan.fill_column(&sources, index, &best) {
                plan.keep(source, index, verbatim);
            }
        }
        // Reads that only fill gaps come after those that write the column, the most trusted first.
        plan.columns.sort_by_key(|column| (column.only_unspecified, sources[column.index].rank(column.field)));
        plan.has_distances = plan.columns.iter().any(|column| is_distance(column.read));
        let is_told = |field| plan.columns.iter().any(|column| column.field == field);
        plan.has_parts = is_told(Field::TcpRttServer) && is_told(Field::TcpRttClient) && !is_told(Field::TcpRtt);
        plan
    }

    /// Bytes of memory it takes beyond itself, about.
    pub fn held_bytes(&self) -> usize {
        let spans = match &self.layout {
            Layout::Fixed { fields, .. } => size_of_val(&fields[..]),
            Layout::Variable { lengths, .. } => size_of_val(&lengths[..]),
        };
        let elements = self.scope.iter().chain(&self.others).chain(&self.uptimes);
        let elements: usize = elements.map(|read| size_of_val(read) + read.name.capacity()).sum();
        spans + elements + size_of_val(&self.columns[..]) + self.statistics.held_bytes()
    }

    /// Fill a column from the field, if it is the one to do so.
    fn fill_column(&mut self, sources: &[Source], index: usize, best: &BestSources) -> bool {
        let source = &sources[index];
        let mut used = false;
        for (field, rank) in source.columns() {
            let (Some(read), Some((best_rank, best))) = (source.read(field), best[field as usize]) else { continue };
            let only_unspecified = best != index;
            let (read, fills_gaps) = match read {
                Read::Ipv4 | Read::Ipv6 => (read, source.is_other_family(&sources[best])),
                Read::Text | Read::ApplicationId => (read, true),
                // Who tells the first packet's apart tells those of the others, too.
                Read::Unsigned if is_bits(field) && best_rank > 0 && rank > best_rank => (Read::MoreBits, true),
                _ => (read, false),
            };
            if only_unspecified && !fills_gaps {
                continue;
            }
            self.columns.push(ColumnRead { field, index, read, only_unspecified });
            if read == Read::Time(TimeForm::Uptime) {
                self.uptimes.push(source.element_read(index));
            }
            // A number that may not fit its column is kept whole beside it, and so is a name that may lose, a part of
            // bits, and a distance from a header of whole seconds, which is finer than the time it makes.
            used = usize::from(source.specifier.length) <= width_of(kind_of(field))
                && !(only_unspecified && kind_of(field) == Kind::Text)
                && !(is_bits(field) && rank > 0)
                && read != Read::Time(TimeForm::DeltaMicroseconds);
        }
        used
    }

    fn keep(&mut self, source: &Source, index: usize, verbatim: bool) {
        if source.key == (0, PADDING_OCTETS) && !verbatim {
            return;
        }
        self.others.push(source.element_read(index));
        match source.element_type {
            Some(list) if list.is_list() && !verbatim => self.lists.push((index, list)),
            _ => {}
        }
    }
}

/// A field of a template, and what is known of its element.
struct Source {
    specifier: FieldSpecifier,
    /// Enterprise and id, as the columns know it.
    key: (u32, u16),
    name: String,
    element_type: Option<ElementType>,
}

impl Source {
    fn of(specifier: FieldSpecifier, elements: Elements<'_>) -> Self {
        let (name, element_type) = elements.name(specifier);
        Self { specifier, key: canonical(specifier), name: name.into_owned(), element_type }
    }

    fn element_read(&self, index: usize) -> ElementRead {
        ElementRead { name: self.name.clone(), index, element_type: self.element_type }
    }

    /// Columns that the element may fill, each with how much it is trusted there.
    fn columns(&self) -> impl Iterator<Item = (Field, u8)> {
        let key = self.key;
        let of_element = move |&&(enterprise, id, ..): &&(u32, u16, Field, u8)| (enterprise, id) == key;
        SOURCES.iter().filter(of_element).map(|&(.., field, rank)| (field, rank))
    }

    fn rank(&self, field: Field) -> Option<u8> {
        self.columns().find_map(|(filled, rank)| (filled == field).then_some(rank))
    }

    /// How to read the field into a column; `None` when its length makes no sense there.
    fn read(&self, field: Field) -> Option<Read> {
        let length = self.specifier.length;
        let read = match (kind_of(field), self.element_type?) {
            (Kind::Instant, _) => Read::Time(self.time_form()?),
            (Kind::Address, ElementType::Ipv4Address) if length == 4 => Read::Ipv4,
            (Kind::Address, ElementType::Ipv6Address) if length == 16 => Read::Ipv6,
            (Kind::Mac, _) if length == 6 => Read::Mac,
            (Kind::Text, ElementType::ApplicationId) => Read::ApplicationId,
            (Kind::Text, ElementType::String) => Read::Text,
            (Kind::U8 | Kind::U16 | Kind::U32 | Kind::U64 | Kind::I64, _) => Read::Unsigned,
            _ => return None,
        };
        match read {
            Read::Time(_) => (1..=8).contains(&length).then_some(read),
            // Some send numbers in more bytes than any of them needs.
            Read::Unsigned => {
                let is_number = (1..=MAXIMUM_NUMBER_BYTES).contains(&length) || length == FieldSpecifier::VARIABLE;
                is_number.then_some(read)
            }
            _ => Some(read),
        }
    }

    fn time_form(&self) -> Option<TimeForm> {
        const START_UPTIME: (u32, u16) = (0, 22);
        const END_UPTIME: (u32, u16) = (0, 21);
        const START_DELTA: (u32, u16) = (0, 158);
        const END_DELTA: (u32, u16) = (0, 159);
        match (self.key, self.element_type?) {
            (START_UPTIME | END_UPTIME, _) => Some(TimeForm::Uptime),
            (START_DELTA | END_DELTA, _) => Some(TimeForm::DeltaMicroseconds),
            (_, ElementType::DateTimeSeconds) => Some(TimeForm::Seconds),
            (_, ElementType::DateTimeMilliseconds) => Some(TimeForm::Milliseconds),
            (_, ElementType::DateTimeMicroseconds) if self.specifier.length == 8 => Some(TimeForm::NtpMicroseconds),
            (_, ElementType::DateTimeNanoseconds) if self.specifier.length == 8 => Some(TimeForm::Ntp),
            _ => None,
        }
    }

    /// Whether another field is the same element for IPv4 and IPv6.
    fn is_other_family(&self, other: &Self) -> bool {
        let family_free = |name: &str| name.replace("IPv4", "IP").replace("IPv6", "IP");
        self.specifier != other.specifier && family_free(&self.name) == family_free(&other.name)
    }
}

/// Whether a column holds what several elements tell a part of.
fn is_bits(field: Field) -> bool {
    matches!(field, Field::TcpFlags | Field::ReverseTcpFlags)
}

/// Bytes of the longest number that is read.
const MAXIMUM_NUMBER_BYTES: u16 = 32;

/// Bytes a column of numbers can take; others take whatever their element has.
fn width_of(kind: Kind) -> usize {
    match kind {
        Kind::U8 => 1,
        Kind::U16 => 2,
        Kind::U32 => 4,
        Kind::U64 | Kind::I64 => 8,
        _ => usize::MAX,
    }
}

/// For each column the rank and place of the field that fills it.
type BestSources = [Option<(u8, usize)>; FIELDS.len()];

/// Found in one pass: a template of a thousand fields comes in four kilobytes, as often as its sender likes.
fn best_sources(sources: &[Source]) -> BestSources {
    let mut best: BestSources = [None; FIELDS.len()];
    for (index, source) in sources.iter().enumerate() {
        for (field, rank) in source.columns().filter(|&(field, _)| source.read(field).is_some()) {
            let place = &mut best[field as usize];
            *place = Some(place.map_or((rank, index), |known| known.min((rank, index))));
        }
    }
    best
}

/// Words said by fields, in the order in which the columns believe them.
fn words_of(sources: &[Source]) -> Vec<WordRead> {
    let mut words: Vec<_> = sources
        .iter()
        .enumerate()
        .filter_map(|(index, source)| {
            let is_said = |&&(enterprise, id, ..): &&(u32, u16, Field, &str)| (enterprise, id) == source.key;
            WORDS.iter().find(is_said).map(|&(.., field, word)| WordRead { field, index, word })
        })
        .collect();
    words.sort_by_key(|read| sources[read.index].columns().map(|(_, rank)| rank).min());
    words
}

fn is_distance(read: Read) -> bool {
    matches!(read, Read::Time(TimeForm::Uptime | TimeForm::DeltaMicroseconds))
}

fn system_init(fields: &[FieldSpecifier]) -> Option<usize> {
    const SYSTEM_INIT_MILLISECONDS: u16 = 160;
    let is_it = |field: &FieldSpecifier| field.enterprise == 0 && field.id == SYSTEM_INIT_MILLISECONDS;
    fields.iter().position(|field| is_it(field) && (1..=8).contains(&field.length))
}

/// NetFlow v9 numbers its scopes apart from elements (RFC 3954, section 6.1).
fn scope_read(version: ProtocolVersion, source: &Source, index: usize) -> ElementRead {
    const V9_SCOPES: [&str; 5] = ["system", "interface", "lineCard", "cache", "template"];
    let v9_name = V9_SCOPES.get(usize::from(source.specifier.id).wrapping_sub(1));
    match (version, v9_name) {
        (ProtocolVersion::NetflowV9, Some(name)) => {
            ElementRead { name: (*name).to_string(), index, element_type: Some(ElementType::Unsigned64) }
        }
        _ => source.element_read(index),
    }
}

//! The plan of a template: which bytes of a record go to which column.

use super::{FieldSpecifier, Layout, SamplingFields, element_name};
use crate::{
    schema::{ELEMENTS, ElementType, FIELDS, Field, Kind, REVERSE_ENTERPRISE, SOURCES, WORDS, kind_of},
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
    /// Name, or `enterprise/id` where we know none.
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
    /// What they say about sampling.
    pub sampling: SamplingFields,
    /// When the exporter booted, milliseconds since 1970.
    pub system_init: Option<usize>,
    /// Whether the template is an options template.
    pub is_options: bool,
}

/// Set by no field but dropped by every reader: filler.
const PADDING_OCTETS: u16 = 210;

impl Plan {
    /// Compile the fields of a template.
    pub fn compile(version: ProtocolVersion, scopes: usize, fields: &[FieldSpecifier], verbatim: bool) -> Self {
        let mut plan = Self {
            layout: Layout::of(fields),
            columns: Vec::new(),
            words: if verbatim || scopes > 0 { Vec::new() } else { words_of(fields) },
            scope: Vec::new(),
            others: Vec::new(),
            uptimes: Vec::new(),
            has_distances: false,
            sampling: SamplingFields::of(version, scopes, fields),
            system_init: system_init(fields),
            is_options: scopes > 0,
        };
        let best = best_sources(fields);
        for (index, &field) in fields.iter().enumerate() {
            if index < scopes {
                plan.scope.push(scope_read(version, field, index));
            } else if verbatim || scopes > 0 || !plan.fill_column(fields, index, &best) {
                plan.keep(field, index, verbatim);
            }
        }
        // Reads that only fill gaps come after those that write the column, the most trusted first.
        plan.columns.sort_by_key(|column| (column.only_unspecified, rank_of(fields[column.index], column.field)));
        plan.has_distances = plan.columns.iter().any(|column| is_distance(column.read));
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
        spans + elements + size_of_val(&self.columns[..])
    }

    /// Fill a column from the field, if it is the one to do so.
    fn fill_column(&mut self, fields: &[FieldSpecifier], index: usize, best: &BestSources) -> bool {
        let specifier = fields[index];
        let mut used = false;
        for (field, _) in columns_of(specifier) {
            let (Some(read), Some((_, best))) = (read_of(specifier, field), best[field as usize]) else { continue };
            let only_unspecified = best != index;
            let fills_gaps = match read {
                Read::Ipv4 | Read::Ipv6 => is_other_family(fields[best], specifier),
                Read::Text | Read::ApplicationId => true,
                _ => false,
            };
            if only_unspecified && !fills_gaps {
                continue;
            }
            self.columns.push(ColumnRead { field, index, read, only_unspecified });
            if read == Read::Time(TimeForm::Uptime) {
                self.uptimes.push(element_read(specifier, index));
            }
            // A number that may not fit its column is kept whole beside it, and so is a name that may lose, and a
            // distance from a header of whole seconds, which is finer than the time it makes.
            used = usize::from(specifier.length) <= width_of(kind_of(field))
                && !(only_unspecified && kind_of(field) == Kind::Text)
                && read != Read::Time(TimeForm::DeltaMicroseconds);
        }
        used
    }

    fn keep(&mut self, field: FieldSpecifier, index: usize, verbatim: bool) {
        if field.id == PADDING_OCTETS && field.enterprise == 0 && !verbatim {
            return;
        }
        self.others.push(element_read(field, index));
    }
}

fn element_read(field: FieldSpecifier, index: usize) -> ElementRead {
    let (name, element_type) = element_name(field);
    ElementRead { name, index, element_type }
}

/// Bytes a column of numbers can take; others take whatever their element has.
fn width_of(kind: Kind) -> usize {
    match kind {
        Kind::U8 => 1,
        Kind::U16 => 2,
        Kind::U32 => 4,
        _ => usize::MAX,
    }
}

/// For each column the rank and place of the field that fills it.
type BestSources = [Option<(u8, usize)>; FIELDS.len()];

/// Found in one pass: a template of a thousand fields comes in four kilobytes, as often as its sender likes.
fn best_sources(fields: &[FieldSpecifier]) -> BestSources {
    let mut best: BestSources = [None; FIELDS.len()];
    for (index, &specifier) in fields.iter().enumerate() {
        for (field, rank) in columns_of(specifier).filter(|&(field, _)| read_of(specifier, field).is_some()) {
            let place = &mut best[field as usize];
            *place = Some(place.map_or((rank, index), |known| known.min((rank, index))));
        }
    }
    best
}

/// Columns that an element may fill, each with how much it is trusted there.
fn columns_of(specifier: FieldSpecifier) -> impl Iterator<Item = (Field, u8)> {
    let of_element =
        move |&&(enterprise, id, ..): &&(u32, u16, Field, u8)| (enterprise, id) == (specifier.enterprise, specifier.id);
    SOURCES.iter().filter(of_element).map(|&(.., field, rank)| (field, rank))
}

/// Words said by fields, in the order in which the columns believe them.
fn words_of(fields: &[FieldSpecifier]) -> Vec<WordRead> {
    let mut words: Vec<_> = fields
        .iter()
        .enumerate()
        .filter_map(|(index, specifier)| {
            let is_said = |(enterprise, id, ..): &&(u32, u16, Field, &str)| {
                (*enterprise, *id) == (specifier.enterprise, specifier.id)
            };
            WORDS.iter().find(is_said).map(|&(.., field, word)| WordRead { field, index, word })
        })
        .collect();
    words.sort_by_key(|read| columns_of(fields[read.index]).map(|(_, rank)| rank).min());
    words
}

fn rank_of(specifier: FieldSpecifier, field: Field) -> Option<u8> {
    columns_of(specifier).find_map(|(filled, rank)| (filled == field).then_some(rank))
}

/// How to read a field into a column; `None` when its length makes no sense there.
fn read_of(specifier: FieldSpecifier, field: Field) -> Option<Read> {
    let (_, element_type) = element_name(specifier);
    let read = match (kind_of(field), element_type?) {
        (Kind::Instant, _) => Read::Time(time_form(specifier)?),
        (Kind::Address, ElementType::Ipv4Address) if specifier.length == 4 => Read::Ipv4,
        (Kind::Address, ElementType::Ipv6Address) if specifier.length == 16 => Read::Ipv6,
        (Kind::Mac, _) if specifier.length == 6 => Read::Mac,
        (Kind::Text, ElementType::ApplicationId) => Read::ApplicationId,
        (Kind::Text, _) => Read::Text,
        (Kind::U8 | Kind::U16 | Kind::U32 | Kind::U64 | Kind::I64, _) => Read::Unsigned,
        _ => return None,
    };
    let is_number = matches!(read, Read::Unsigned | Read::Time(_));
    (!is_number || (1..=8).contains(&specifier.length)).then_some(read)
}

fn is_distance(read: Read) -> bool {
    matches!(read, Read::Time(TimeForm::Uptime | TimeForm::DeltaMicroseconds))
}

fn time_form(specifier: FieldSpecifier) -> Option<TimeForm> {
    const START_UPTIME: u16 = 22;
    const END_UPTIME: u16 = 21;
    const START_DELTA: u16 = 158;
    const END_DELTA: u16 = 159;
    match specifier.id {
        START_UPTIME | END_UPTIME => Some(TimeForm::Uptime),
        START_DELTA | END_DELTA => Some(TimeForm::DeltaMicroseconds),
        _ => match element_name(specifier).1? {
            ElementType::DateTimeSeconds => Some(TimeForm::Seconds),
            ElementType::DateTimeMilliseconds => Some(TimeForm::Milliseconds),
            ElementType::DateTimeMicroseconds | ElementType::DateTimeNanoseconds if specifier.length == 8 => {
                Some(TimeForm::Ntp)
            }
            _ => None,
        },
    }
}

/// Whether two fields are the same element for IPv4 and IPv6.
fn is_other_family(one: FieldSpecifier, another: FieldSpecifier) -> bool {
    let family_free = |field| element_name(field).0.replace("IPv4", "IP").replace("IPv6", "IP");
    one != another && family_free(one) == family_free(another)
}

fn system_init(fields: &[FieldSpecifier]) -> Option<usize> {
    const SYSTEM_INIT_MILLISECONDS: u16 = 160;
    let is_it = |field: &FieldSpecifier| field.enterprise == 0 && field.id == SYSTEM_INIT_MILLISECONDS;
    fields.iter().position(|field| is_it(field) && (1..=8).contains(&field.length))
}

/// NetFlow v9 numbers its scopes apart from elements (RFC 3954, section 6.1).
fn scope_read(version: ProtocolVersion, field: FieldSpecifier, index: usize) -> ElementRead {
    const V9_SCOPES: [&str; 5] = ["system", "interface", "lineCard", "cache", "template"];
    let v9_name = V9_SCOPES.get(usize::from(field.id).wrapping_sub(1));
    match (version, v9_name) {
        (ProtocolVersion::NetflowV9, Some(name)) => {
            ElementRead { name: (*name).to_string(), index, element_type: Some(ElementType::Unsigned64) }
        }
        _ => element_read(field, index),
    }
}

/// Look an element up, the reverse ones of RFC 5103 included.
pub(super) fn registered(field: FieldSpecifier) -> Option<(&'static str, ElementType)> {
    let enterprise = if field.enterprise == REVERSE_ENTERPRISE { 0 } else { field.enterprise };
    let place =
        ELEMENTS.binary_search_by_key(&(enterprise, field.id), |&(enterprise, id, ..)| (enterprise, id)).ok()?;
    let (.., name, element_type) = ELEMENTS[place];
    Some((name, element_type))
}

//! Where the fields of each record of a set lie.

use super::FieldSpecifier;
use crate::wire::{Cursor, Malformed};

/// A value's place in a set: offset and length.
pub type Span = (u32, u32);

/// How records of a template follow one another.
#[derive(Debug)]
pub enum Layout {
    /// Every record has the same length.
    Fixed {
        /// Place of each field in a record.
        fields: Vec<Span>,
        /// Bytes of a record.
        length: usize,
    },
    /// Some values say their own length.
    Variable {
        /// Bytes of each field; [`FieldSpecifier::VARIABLE`] where the value says.
        lengths: Vec<u16>,
        /// The shortest possible record.
        minimum: usize,
    },
}

impl Layout {
    /// The layout of a template's fields.
    pub fn of(fields: &[FieldSpecifier]) -> Self {
        if fields.iter().any(|field| field.length == FieldSpecifier::VARIABLE) {
            let lengths: Vec<u16> = fields.iter().map(|field| field.length).collect();
            let shortest = |&length: &u16| if length == FieldSpecifier::VARIABLE { 1 } else { usize::from(length) };
            return Self::Variable { minimum: lengths.iter().map(shortest).sum(), lengths };
        }
        let mut length = 0;
        let place = |field: &FieldSpecifier| {
            let span = (length, u32::from(field.length));
            length += span.1;
            span
        };
        let fields = fields.iter().map(place).collect();
        Self::Fixed { fields, length: length as usize }
    }

    /// Whether no record can hold anything (all fields of length 0): such a template decodes nothing.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Fixed { length: 0, .. })
    }
}

/// The records of one data set.
pub struct Records<'a> {
    body: &'a [u8],
    layout: &'a Layout,
    spans: &'a [Span],
    count: usize,
}

impl<'a> Records<'a> {
    /// Find the records of a set. `spans` is working memory, reused from set to set.
    ///
    /// What is left over at the end is padding when it is shorter than a record; a
    /// variable-length value that reaches past the set ends it and is reported beside the records
    /// found before it.
    pub fn find(layout: &'a Layout, body: &'a [u8], spans: &'a mut Vec<Span>) -> (Self, Option<Malformed>) {
        spans.clear();
        let mut malformed = None;
        let count = match layout {
            Layout::Fixed { length: 0, .. } => 0,
            Layout::Fixed { length, .. } => body.len() / length,
            Layout::Variable { lengths, minimum } => {
                let (count, whole) = find_variable(lengths, *minimum, body, spans);
                malformed = (!whole).then_some(Malformed::BadVariableLength);
                count
            }
        };
        (Self { body, layout, spans, count }, malformed)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Where the first so many of them end.
    pub fn end(&self, count: usize) -> usize {
        match self.layout {
            Layout::Fixed { length, .. } => count * length,
            Layout::Variable { lengths, .. } => match (count * lengths.len()).checked_sub(1) {
                Some(last) => (self.spans[last].0 + self.spans[last].1) as usize,
                None => 0,
            },
        }
    }

    /// Bytes of one field of one record.
    #[inline]
    pub fn value(&self, record: usize, index: usize) -> &'a [u8] {
        let (offset, length) = match self.layout {
            Layout::Fixed { fields, length } => {
                let (offset, width) = fields[index];
                (record * length + offset as usize, width as usize)
            }
            Layout::Variable { lengths, .. } => {
                let (offset, width) = self.spans[record * lengths.len() + index];
                (offset as usize, width as usize)
            }
        };
        &self.body[offset..offset + length]
    }

    /// One field of every record, in order.
    #[inline]
    pub fn values(&self, index: usize) -> impl Iterator<Item = &'a [u8]> + '_ {
        (0..self.count).map(move |record| self.value(record, index))
    }

    /// One field of every record, in order, where it has the same place and `N` bytes in each.
    #[inline]
    pub fn arrays<const N: usize>(&self, index: usize) -> Option<impl Iterator<Item = [u8; N]> + 'a> {
        let Layout::Fixed { fields, length } = self.layout else { return None };
        let (offset, width) = fields[index];
        let from = offset as usize;
        let value = move |record: &'a [u8]| *record[from..].first_chunk().expect("a field lies inside its record");
        (width as usize == N).then(|| self.body.chunks_exact(*length).map(value))
    }
}

fn find_variable(lengths: &[u16], minimum: usize, body: &[u8], spans: &mut Vec<Span>) -> (usize, bool) {
    let mut cursor = Cursor::new(body);
    let mut count = 0;
    while cursor.rest().len() >= minimum {
        let begin = spans.len();
        for &length in lengths {
            let value = match length {
                FieldSpecifier::VARIABLE => cursor.variable(),
                fixed => cursor.take(usize::from(fixed)),
            };
            let Some(value) = value else {
                spans.truncate(begin);
                return (count, false);
            };
            let offset = body.len() - cursor.rest().len() - value.len();
            spans.push((offset as u32, value.len() as u32));
        }
        count += 1;
    }
    (count, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specifier(length: u16) -> FieldSpecifier {
        FieldSpecifier { enterprise: 0, id: 1, length }
    }

    #[test]
    fn a_remainder_shorter_than_a_record_is_padding() {
        let layout = Layout::of(&[specifier(2), specifier(1)]);
        let mut spans = Vec::new();
        let (records, malformed) = Records::find(&layout, &[1, 2, 3, 4, 5, 6, 7, 8], &mut spans);
        assert_eq!((records.count(), malformed), (2, None));
        assert_eq!(records.value(1, 0), [4, 5]);
    }

    #[test]
    fn each_variable_value_says_its_length() {
        let layout = Layout::of(&[specifier(1), specifier(FieldSpecifier::VARIABLE)]);
        let mut spans = Vec::new();
        let (records, malformed) = Records::find(&layout, &[9, 2, 7, 7, 8, 0, 5, 3, 1], &mut spans);
        assert_eq!((records.count(), malformed), (2, Some(Malformed::BadVariableLength)));
        assert_eq!(records.values(1).collect::<Vec<_>>(), [&[7, 7][..], &[]]);
    }

    #[test]
    fn records_without_bytes_are_never_counted() {
        let layout = Layout::of(&[specifier(0)]);
        assert!(layout.is_empty());
        let mut spans = Vec::new();
        let (records, _) = Records::find(&layout, &[1, 2, 3], &mut spans);
        assert_eq!(records.count(), 0);
    }
}

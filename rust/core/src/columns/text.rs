//! A growing column of UTF-8.

use std::borrow::Cow;

use arrow_array::StringArray;
use arrow_buffer::{OffsetBuffer, ScalarBuffer};

use super::column::{Validity, room_for};

/// Text values, null where nothing was written.
pub struct TextColumn {
    offsets: Vec<i32>,
    bytes: Vec<u8>,
    validity: Validity,
}

impl Default for TextColumn {
    fn default() -> Self {
        Self { offsets: vec![0], bytes: Vec::new(), validity: Validity::default() }
    }
}

impl TextColumn {
    /// Rows so far, nulls included.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether no row was written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fill up to `rows` with nulls.
    pub fn pad_to(&mut self, rows: usize) {
        let length = self.len();
        let missing = rows.saturating_sub(length);
        if missing > 0 {
            self.validity.append(length, missing, false);
            self.offsets.resize(rows + 1, self.bytes.len() as i32);
        }
    }

    /// Write the next row.
    #[inline]
    pub fn push(&mut self, text: Option<&str>) {
        self.validity.append(self.len(), 1, text.is_some());
        self.bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
        self.offsets.push(self.bytes.len() as i32);
    }

    /// Give the rows from `row` on that are null what `value` says; it is asked by place behind `row`.
    ///
    /// Whatever stands behind a gap has to move, so the rows are written anew.
    pub fn fill_nulls<'a>(&mut self, row: usize, value: impl Fn(usize) -> Option<Cow<'a, str>>) {
        let written = self.offsets[row] as usize;
        let bytes = self.bytes.split_off(written);
        let offsets = self.offsets.split_off(row + 1);
        let mut start = 0;
        for (place, end) in offsets.into_iter().enumerate() {
            let end = end as usize - written;
            if self.validity.is_valid(row + place) {
                self.bytes.extend_from_slice(&bytes[start..end]);
            } else if let Some(text) = value(place) {
                self.validity.set(row + place);
                self.bytes.extend_from_slice(text.as_bytes());
            }
            self.offsets.push(self.bytes.len() as i32);
            start = end;
        }
    }

    /// Bytes of text held, to know when a batch is full.
    pub fn text_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Take everything as Arrow wants it, padded to `rows`.
    pub fn take(&mut self, rows: usize) -> StringArray {
        self.pad_to(rows);
        let mut offsets = Vec::with_capacity(room_for(self.offsets.len()));
        offsets.push(0);
        let offsets = std::mem::replace(&mut self.offsets, offsets);
        let bytes = Vec::with_capacity(room_for(self.bytes.len()));
        let bytes = std::mem::replace(&mut self.bytes, bytes);
        StringArray::new(OffsetBuffer::new(ScalarBuffer::from(offsets)), bytes.into(), self.validity.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_and_nothing_else_moves() {
        let mut column = TextColumn::default();
        for text in [None, Some("first"), None, Some("é"), None] {
            column.push(text);
        }
        let asked = [Some("never"), Some("second"), Some("never"), None];
        column.fill_nulls(1, |place| asked[place].map(Cow::from));
        column.push(Some("last"));
        let taken: Vec<Option<String>> = column.take(6).iter().map(|text| text.map(str::to_string)).collect();
        let expected = [None, Some("first"), Some("second"), Some("é"), None, Some("last")];
        assert_eq!(taken, expected.map(|text| text.map(str::to_string)));
    }
}

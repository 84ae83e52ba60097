//! A growing column of UTF-8.

use arrow_array::StringArray;
use arrow_buffer::{OffsetBuffer, ScalarBuffer};

use super::column::Validity;

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
    pub fn push(&mut self, text: Option<&str>) {
        self.validity.append(self.len(), 1, text.is_some());
        self.bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
        self.offsets.push(self.bytes.len() as i32);
    }

    /// Write the next row from bytes that ought to be UTF-8; trailing NULs are padding.
    pub fn push_lossy(&mut self, raw: &[u8]) {
        let end = raw.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        if end == 0 {
            self.push(None);
        } else {
            self.push(Some(&String::from_utf8_lossy(&raw[..end])));
        }
    }

    /// Bytes of text held, to know when a batch is full.
    pub fn text_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Take everything as Arrow wants it, padded to `rows`.
    pub fn take(&mut self, rows: usize) -> StringArray {
        self.pad_to(rows);
        let taken = std::mem::take(self);
        let mut validity = taken.validity;
        StringArray::new(OffsetBuffer::new(ScalarBuffer::from(taken.offsets)), taken.bytes.into(), validity.take())
    }
}

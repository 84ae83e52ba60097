//! A growing column of element lists: every element that has no column of its own.
//!
//! A list, not a map: a template may carry an element twice and the order on the wire means
//! something.

use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, ListArray, StructArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field as ArrowField, Fields};

use super::{TextColumn, column::Validity};

/// Lists of (element, value, raw), null where a row has none.
pub struct ElementsColumn {
    offsets: Vec<i32>,
    validity: Validity,
    element: TextColumn,
    value: TextColumn,
    raw_offsets: Vec<i32>,
    raw: Vec<u8>,
}

impl Default for ElementsColumn {
    fn default() -> Self {
        Self {
            offsets: vec![0],
            validity: Validity::default(),
            element: TextColumn::default(),
            value: TextColumn::default(),
            raw_offsets: vec![0],
            raw: Vec::new(),
        }
    }
}

impl ElementsColumn {
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
            self.offsets.resize(rows + 1, self.element.len() as i32);
        }
    }

    /// Add an element to the row being written.
    pub fn push(&mut self, element: &str, value: Option<&str>, raw: &[u8]) {
        self.element.push(Some(element));
        self.value.push(value);
        self.raw.extend_from_slice(raw);
        self.raw_offsets.push(self.raw.len() as i32);
    }

    /// End the row being written; without elements it is null.
    pub fn end_row(&mut self) {
        let end = self.element.len() as i32;
        let filled = self.offsets.last() != Some(&end);
        self.validity.append(self.len(), 1, filled);
        self.offsets.push(end);
    }

    /// Bytes of text and raw values held, to know when a batch is full.
    pub fn held_bytes(&self) -> usize {
        self.element.text_bytes() + self.value.text_bytes() + self.raw.len()
    }

    /// Take everything as Arrow wants it, padded to `rows`.
    pub fn take(&mut self, rows: usize) -> ListArray {
        self.pad_to(rows);
        let mut taken = std::mem::take(self);
        let items = taken.element.len();
        let raw = BinaryArray::new(OffsetBuffer::new(ScalarBuffer::from(taken.raw_offsets)), taken.raw.into(), None);
        let columns: Vec<ArrayRef> =
            vec![Arc::new(taken.element.take(items)), Arc::new(taken.value.take(items)), Arc::new(raw)];
        let items = StructArray::new(element_fields(), columns, None);
        ListArray::new(
            Arc::new(list_item()),
            OffsetBuffer::new(ScalarBuffer::from(taken.offsets)),
            Arc::new(items),
            taken.validity.take(),
        )
    }
}

fn element_fields() -> Fields {
    Fields::from(vec![
        ArrowField::new("element", DataType::Utf8, false),
        ArrowField::new("value", DataType::Utf8, true),
        ArrowField::new("raw", DataType::Binary, false),
    ])
}

fn list_item() -> ArrowField {
    ArrowField::new("element", DataType::Struct(element_fields()), false)
}

/// The Arrow type of such a column.
pub fn elements_type() -> DataType {
    DataType::List(Arc::new(list_item()))
}

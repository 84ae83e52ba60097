//! A growing column of fixed-width values, null where nothing was written.

use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer};

/// Which rows hold a value. Free of cost while every row does.
#[derive(Default)]
pub struct Validity {
    bits: Option<BooleanBufferBuilder>,
}

impl Validity {
    /// Note `count` more rows after `length` existing ones.
    pub fn append(&mut self, length: usize, count: usize, valid: bool) {
        if valid && self.bits.is_none() {
            return;
        }
        self.bits_after(length).append_n(count, valid);
    }

    /// Turn one existing row into a value.
    pub fn set(&mut self, row: usize) {
        if let Some(bits) = &mut self.bits {
            bits.set_bit(row, true);
        }
    }

    /// Turn some of `length` existing rows into nulls.
    fn clear(&mut self, rows: &[usize], length: usize) {
        let bits = self.bits_after(length);
        for &row in rows {
            bits.set_bit(row, false);
        }
    }

    fn bits_after(&mut self, length: usize) -> &mut BooleanBufferBuilder {
        self.bits.get_or_insert_with(|| {
            let mut bits = BooleanBufferBuilder::new(length);
            bits.append_n(length, true);
            bits
        })
    }

    /// Whether a row holds a value.
    pub fn is_valid(&self, row: usize) -> bool {
        self.bits.as_ref().is_none_or(|bits| bits.get_bit(row))
    }

    /// Take the bits for Arrow; `None` when every row holds a value.
    pub fn take(&mut self) -> Option<NullBuffer> {
        let bits: BooleanBuffer = self.bits.take()?.finish();
        Some(NullBuffer::new(bits))
    }
}

/// Values of one width.
pub struct Column<T> {
    values: Vec<T>,
    validity: Validity,
    /// Rows of one call that are null, kept for its room.
    nulls: Vec<usize>,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self { values: Vec::new(), validity: Validity::default(), nulls: Vec::new() }
    }
}

impl<T: Copy + Default> Column<T> {
    /// Rows so far, nulls included.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether no row was written yet.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Fill up to `rows` with nulls.
    pub fn pad_to(&mut self, rows: usize) {
        let missing = rows.saturating_sub(self.values.len());
        if missing > 0 {
            self.validity.append(self.values.len(), missing, false);
            self.values.resize(rows, T::default());
        }
    }

    /// Write the same value to `count` rows from `row` on.
    pub fn fill(&mut self, row: usize, count: usize, value: T) {
        self.pad_to(row);
        self.validity.append(row, count, true);
        self.values.resize(row + count, value);
    }

    /// Write one value for each item from `row` on; `None` is a null.
    pub fn extend(&mut self, row: usize, values: impl Iterator<Item = Option<T>>) {
        self.pad_to(row);
        // Nulls are rare: noting them apart keeps the bitmap out of the loop, and mostly out of being.
        let nulls = &mut self.nulls;
        self.values.extend(values.enumerate().map(|(place, value)| {
            value.unwrap_or_else(|| {
                nulls.push(row + place);
                T::default()
            })
        }));
        let length = self.values.len();
        self.validity.append(row, length - row, true);
        if !self.nulls.is_empty() {
            self.validity.clear(&self.nulls, length);
            self.nulls.clear();
        }
    }

    /// Write one value for each item from `row` on, none of them null.
    pub fn extend_valid(&mut self, row: usize, values: impl Iterator<Item = T>) {
        self.pad_to(row);
        self.values.extend(values);
        self.validity.append(row, self.values.len() - row, true);
    }

    /// The value of a row, if it has one.
    pub fn get(&self, row: usize) -> Option<T> {
        let value = *self.values.get(row)?;
        self.validity.is_valid(row).then_some(value)
    }

    /// Replace the value of a row that exists.
    pub fn set(&mut self, row: usize, value: T) {
        self.values[row] = value;
        self.validity.set(row);
    }

    /// Take everything as Arrow wants it, padded to `rows`.
    pub fn take(&mut self, rows: usize) -> (Vec<T>, Option<NullBuffer>) {
        self.pad_to(rows);
        let capacity = self.values.len();
        let values = std::mem::replace(&mut self.values, Vec::with_capacity(capacity));
        (values, self.validity.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_nobody_wrote_are_null() {
        let mut column = Column::<u16>::default();
        column.extend_valid(2, [7, 8].into_iter());
        let (values, nulls) = column.take(5);
        assert_eq!(values, [0, 0, 7, 8, 0]);
        let nulls = nulls.unwrap();
        assert_eq!((0..5).map(|row| nulls.is_valid(row)).collect::<Vec<_>>(), [false, false, true, true, false]);
    }

    #[test]
    fn a_null_among_values_leaves_the_others() {
        let mut column = Column::<u32>::default();
        column.extend(0, [Some(1), None].into_iter());
        column.extend(2, [Some(3)].into_iter());
        assert_eq!((0..3).map(|row| column.get(row)).collect::<Vec<_>>(), [Some(1), None, Some(3)]);
    }

    #[test]
    fn a_full_column_has_no_bitmap() {
        let mut column = Column::<u8>::default();
        column.fill(0, 3, 9);
        assert_eq!(column.take(3), (vec![9, 9, 9], None));
    }
}

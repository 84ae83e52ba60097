//! A growing column of fixed-width values, null where nothing was written.

use std::mem;

use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};

use super::runs::Runs;

/// Bits of a word.
const WORD: usize = 64;

/// Which rows hold a value. Free of cost while every row does.
#[derive(Default)]
pub struct Validity(Option<Bits>);

/// A growing row of bits. Those of the last word behind the end are zeros.
#[derive(Default)]
struct Bits {
    words: Vec<u64>,
    length: usize,
}

impl Bits {
    /// Append so many of the lowest bits of a word, 64 at most.
    #[inline]
    fn push(&mut self, word: u64, count: usize) {
        if count == 0 {
            return;
        }
        let (word, used) = (word & u64::MAX >> (WORD - count), self.length % WORD);
        self.length += count;
        if used == 0 {
            return self.words.push(word);
        }
        if let Some(last) = self.words.last_mut() {
            *last |= word << used;
        }
        if used + count > WORD {
            self.words.push(word >> (WORD - used));
        }
    }

    fn push_same(&mut self, bit: bool, count: usize) {
        for start in (0..count).step_by(WORD) {
            self.push(if bit { u64::MAX } else { 0 }, WORD.min(count - start));
        }
    }
}

impl Validity {
    /// Note `count` more rows after `length` existing ones.
    #[inline]
    pub fn append(&mut self, length: usize, count: usize, valid: bool) {
        if valid && self.0.is_none() {
            return;
        }
        self.bits_after(length).push_same(valid, count);
    }

    /// Turn one existing row into a value.
    pub fn set(&mut self, row: usize) {
        if let Some(bits) = &mut self.0 {
            bits.words[row / WORD] |= 1 << (row % WORD);
        }
    }

    /// Note `count` more rows after `length` existing ones; bits of `nulls`, lowest first, say which are null.
    fn extend(&mut self, length: usize, nulls: &[u64], count: usize) {
        if self.0.is_none() && nulls.iter().all(|&word| word == 0) {
            return;
        }
        let bits = self.bits_after(length);
        for (word, start) in nulls.iter().zip((0..count).step_by(WORD)) {
            bits.push(!word, WORD.min(count - start));
        }
    }

    fn bits_after(&mut self, length: usize) -> &mut Bits {
        self.0.get_or_insert_with(|| {
            let mut bits = Bits::default();
            bits.push_same(true, length);
            bits
        })
    }

    /// Whether a row holds a value.
    pub fn is_valid(&self, row: usize) -> bool {
        self.0.as_ref().is_none_or(|bits| bits.words[row / WORD] >> (row % WORD) & 1 != 0)
    }

    /// Take the bits for Arrow; `None` when every row holds a value.
    pub fn take(&mut self) -> Option<NullBuffer> {
        let Bits { mut words, length } = self.0.take()?;
        // Arrow counts bits from the lowest of the first byte.
        for word in &mut words {
            *word = word.to_le();
        }
        Some(NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(words), 0, length)))
    }
}

/// Rows for which a column has room once it has many: what doubles is copied, and as all columns have the same rows they
/// would all be copied at once, for as long as a small receive buffer takes to overflow. Room that is not used costs
/// addresses, not memory.
pub const ROOM: usize = 1 << 18;

/// Up to so many rows a column doubles: their copy takes a fraction of a millisecond, and most batches have fewer.
const FEW: usize = 1 << 14;

/// How many values to make room for where so many are known of.
pub fn room_for(values: usize) -> usize {
    if FEW < values && values <= ROOM { ROOM } else { values.next_power_of_two() }
}

/// Values of one width.
pub struct Column<T> {
    /// What was written while all of it came in runs; then there are no `values`, and no nulls.
    runs: Runs<T>,
    values: Vec<T>,
    validity: Validity,
    /// Which rows of one call are null, kept for its room.
    nulls: Vec<u64>,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self { runs: Runs::default(), values: Vec::new(), validity: Validity::default(), nulls: Vec::new() }
    }
}

impl<T: Copy + Default + PartialEq> Column<T> {
    /// Rows so far, nulls included.
    pub fn len(&self) -> usize {
        self.values.len().max(self.runs.rows())
    }

    /// Whether no row was written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fill up to `rows` with nulls.
    pub fn pad_to(&mut self, rows: usize) {
        self.spread();
        let missing = rows.saturating_sub(self.values.len());
        if missing > 0 {
            self.make_room(missing);
            self.validity.append(self.values.len(), missing, false);
            self.values.resize(rows, T::default());
        }
    }

    /// Write runs row by row, before something comes that is none.
    #[inline]
    fn spread(&mut self) {
        if self.runs.rows() > 0 {
            self.spread_runs();
        }
    }

    #[cold]
    fn spread_runs(&mut self) {
        self.make_room(self.runs.rows());
        let (values, ends) = self.runs.take();
        for (value, end) in values.into_iter().zip(ends) {
            self.values.resize(end as usize, value);
        }
    }

    fn make_room(&mut self, count: usize) {
        let rows = self.values.len() + count;
        if rows > self.values.capacity() {
            // What begins with many rows is often written at once, and nothing follows.
            let room = if self.values.is_empty() { rows } else { room_for(rows) };
            self.values.reserve_exact(room - self.values.len());
        }
    }

    /// Write the same value to `count` rows from `row` on.
    pub fn fill(&mut self, row: usize, count: usize, value: T) {
        if self.values.is_empty() && self.runs.rows() == row && self.runs.extend(count, value) {
            return;
        }
        self.pad_to(row);
        self.make_room(count);
        self.validity.append(row, count, true);
        self.values.resize(row + count, value);
    }

    /// Write one value for each item from `row` on; `None` is a null.
    pub fn extend(&mut self, row: usize, values: impl Iterator<Item = Option<T>>) {
        self.pad_to(row);
        self.make_room(values.size_hint().0);
        // Bits of nulls, a word for every 64 rows: mostly they are all zero, and no bitmap comes into being.
        let (mut place, mut word) = (0, 0_u64);
        let nulls = &mut self.nulls;
        self.values.extend(values.map(|value| {
            word |= u64::from(value.is_none()) << (place % u64::BITS);
            place += 1;
            if place % u64::BITS == 0 {
                nulls.push(mem::take(&mut word));
            }
            value.unwrap_or_default()
        }));
        self.nulls.push(word);
        self.validity.extend(row, &self.nulls, place as usize);
        self.nulls.clear();
    }

    /// Write one value for each item from `row` on, null where the item has a bit in `nulls`, lowest first.
    pub fn extend_but(&mut self, row: usize, values: impl Iterator<Item = T>, nulls: &[u64]) {
        self.pad_to(row);
        self.make_room(values.size_hint().0);
        self.values.extend(values);
        let count = self.values.len() - row;
        self.validity.extend(row, &nulls[..count.div_ceil(64)], count);
    }

    /// Write one value for each item from `row` on, none of them null.
    pub fn extend_valid(&mut self, row: usize, values: impl Iterator<Item = T>) {
        self.pad_to(row);
        self.make_room(values.size_hint().0);
        self.values.extend(values);
        self.validity.append(row, self.values.len() - row, true);
    }

    /// The value of a row, if it has one.
    pub fn get(&self, row: usize) -> Option<T> {
        if self.values.is_empty() {
            return self.runs.get(row);
        }
        let value = *self.values.get(row)?;
        self.validity.is_valid(row).then_some(value)
    }

    /// Replace the value of a row that exists.
    pub fn set(&mut self, row: usize, value: T) {
        self.spread();
        self.values[row] = value;
        self.validity.set(row);
    }

    /// Where runs end that make up all of `rows`, if it is runs that were written. Their values are what is to be taken then, as
    /// many rows as there are runs.
    pub fn run_ends(&mut self, rows: usize) -> Option<Vec<i32>> {
        if self.runs.rows() < rows || rows == 0 {
            return None;
        }
        let (values, ends) = self.runs.take();
        self.values = values;
        Some(ends)
    }

    /// Take everything as Arrow wants it, padded to `rows`.
    pub fn take(&mut self, rows: usize) -> (Vec<T>, Option<NullBuffer>) {
        self.pad_to(rows);
        let room = room_for(self.values.len());
        let values = mem::replace(&mut self.values, Vec::with_capacity(room));
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
    fn nulls_said_by_bits_are_as_those_said_by_none() {
        let (mut said, mut column) = (Column::<u32>::default(), Column::default());
        for count in [3, 64, 100] {
            let nulls = [0x5555_5555_5555_5551, 0x2];
            let is_null = |place: u32| nulls[place as usize / 64] >> (place % 64) & 1 != 0;
            said.extend_but(said.len(), 0..count, &nulls);
            column.extend(column.len(), (0..count).map(|place| (!is_null(place)).then_some(place)));
        }
        let get = |column: &Column<u32>| (0..167).map(|row| column.get(row)).collect::<Vec<_>>();
        assert_eq!((said.len(), get(&said)), (167, get(&column)));
    }

    #[test]
    fn nulls_are_where_they_were_however_many_rows_come_at_once() {
        let mut column = Column::<u32>::default();
        column.extend_valid(0, [0, 1, 2].into_iter());
        for count in [1, 63, 64, 65, 200] {
            let row = column.len();
            column.extend(row, (row as u32..).take(count).map(|value| (value % 3 > 0).then_some(value)));
        }
        let rows = column.len() as u32;
        let expected: Vec<_> = (0..rows).map(|value| (value < 3 || value % 3 > 0).then_some(value)).collect();
        assert_eq!((0..rows).map(|row| column.get(row as usize)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_column_of_many_rows_has_room_for_a_full_batch() {
        let mut column = Column::<u64>::default();
        column.extend_valid(0, 0..FEW as u64);
        assert_eq!(column.values.capacity(), FEW);
        column.extend_valid(FEW, 0..1);
        assert_eq!(column.values.capacity(), ROOM);
        column.take(FEW + 1);
        assert_eq!(column.values.capacity(), ROOM, "what comes next is likely to be as much");
        column.extend_valid(0, 0..=ROOM as u64);
        assert_eq!(column.values.capacity(), ROOM + 1, "written at once");
        column.fill(ROOM + 1, 1, 1);
        assert_eq!(column.values.capacity(), 2 * ROOM, "one set may be longer than what was left");
    }

    #[test]
    fn a_full_column_has_no_bitmap() {
        let mut column = Column::<u8>::default();
        column.fill(0, 3, 9);
        assert_eq!(column.take(3), (vec![9, 9, 9], None));
    }

    #[test]
    fn what_was_filled_is_runs_until_something_else_comes() {
        let filled = || {
            let mut column = Column::<u16>::default();
            for (row, count, value) in [(0, 3, 7), (3, 2, 8), (5, 1, 8)] {
                column.fill(row, count, value);
            }
            column
        };
        let mut column = filled();
        assert_eq!((column.len(), column.get(2), column.get(5), column.get(6)), (6, Some(7), Some(8), None));
        assert_eq!((column.run_ends(6), column.take(2)), (Some(vec![3, 6]), (vec![7, 8], None)));
        let mut column = filled();
        assert_eq!((column.run_ends(7), column.take(7).0), (None, vec![7, 7, 7, 8, 8, 8, 0]));
        let mut column = filled();
        column.set(1, 9);
        column.extend(6, [None, Some(1)].into_iter());
        assert_eq!((0..8).map(|row| column.get(row).unwrap_or(0)).collect::<Vec<_>>(), [7, 9, 7, 8, 8, 8, 0, 1]);
    }
}

//! Values written to flow rows one at a time, where no plan fills whole columns.

use super::{AnyColumn, Column, FlowColumns};
use crate::{address::Address, schema::Field};

/// A value for one column of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// For columns of integers and instants.
    Number(u64),
    /// For columns of addresses.
    Address(Address),
    /// For columns of MAC addresses.
    Mac([u8; 6]),
    /// For columns of text.
    Text(&'a str),
}

impl FlowColumns {
    /// Write a value to the row `place` rows behind the finished ones, unless one stands there. Returns whether that
    /// value stands there now: a number may be too large for its column.
    pub fn fill_gap(&mut self, field: Field, place: usize, cell: Cell<'_>) -> bool {
        let row = self.rows() + place;
        match (self.column(field), cell) {
            (AnyColumn::U8(column), Cell::Number(number)) => fill_gap(column, row, u8::try_from(number).ok()),
            (AnyColumn::U16(column), Cell::Number(number)) => fill_gap(column, row, u16::try_from(number).ok()),
            (AnyColumn::U32(column), Cell::Number(number)) => fill_gap(column, row, u32::try_from(number).ok()),
            (AnyColumn::U64(column), Cell::Number(number)) => fill_gap(column, row, Some(number)),
            (AnyColumn::I64(column) | AnyColumn::Instant(column), Cell::Number(number)) => {
                fill_gap(column, row, Some(number as i64))
            }
            (AnyColumn::Address(column), Cell::Address(address)) => fill_gap(column, row, Some(address)),
            (AnyColumn::Mac(column), Cell::Mac(address)) => fill_gap(column, row, Some(address)),
            (AnyColumn::Text(column), Cell::Text(text)) if column.len() <= row => {
                column.pad_to(row);
                column.push(Some(text));
                true
            }
            _ => false,
        }
    }
}

fn fill_gap<T: Copy + Default + PartialEq>(column: &mut Column<T>, row: usize, value: Option<T>) -> bool {
    let Some(value) = value else { return false };
    if let Some(known) = column.get(row) {
        return known == value;
    }
    column.pad_to(row + 1);
    column.set(row, value);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_there_stays() {
        let mut flows = FlowColumns::default();
        assert!(flows.fill_gap(Field::SrcPort, 1, Cell::Number(7)));
        assert!(flows.fill_gap(Field::SrcPort, 1, Cell::Number(7)), "the same again is no loss");
        assert!(!flows.fill_gap(Field::SrcPort, 1, Cell::Number(8)));
        assert!(!flows.fill_gap(Field::SrcPort, 0, Cell::Number(70_000)), "it does not fit");
        assert!(flows.fill_gap(Field::Site, 1, Cell::Text("one")));
        assert!(!flows.fill_gap(Field::Site, 1, Cell::Text("two")));
        let AnyColumn::U16(ports) = flows.column(Field::SrcPort) else { panic!("ports have 16 bits") };
        assert_eq!((ports.get(0), ports.get(1)), (None, Some(7)));
    }
}

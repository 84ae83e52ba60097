//! The columns of the `flows` table.

use std::sync::{Arc, LazyLock};

use arrow_array::{
    ArrayRef, DictionaryArray, FixedSizeBinaryArray, Int32Array, Int64Array, RunArray, StringArray,
    TimestampNanosecondArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array, make_array, new_null_array,
    types::{Int32Type, UInt8Type},
};
use arrow_buffer::{Buffer, NullBuffer, ScalarBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType;

use super::{Column, ElementsColumn, TextColumn, column::ROOM};
use crate::{
    address::Address,
    batch::{Batch, Table},
    schema::{FIELDS, Field, Kind},
    wire::ProtocolVersion,
};

/// A column of any kind.
pub enum AnyColumn {
    /// 8 bits.
    U8(Column<u8>),
    /// 16 bits.
    U16(Column<u16>),
    /// 32 bits.
    U32(Column<u32>),
    /// 64 bits.
    U64(Column<u64>),
    /// 64 bits, signed.
    I64(Column<i64>),
    /// Nanoseconds since 1970.
    Instant(Column<i64>),
    /// 16 bytes.
    Address(Column<Address>),
    /// 6 bytes.
    Mac(Column<[u8; 6]>),
    /// A protocol version by its code, stored as a dictionary.
    Version(Column<u8>),
    /// UTF-8.
    Text(TextColumn),
    /// Lists of elements.
    Elements(ElementsColumn),
}

impl AnyColumn {
    /// An empty column for a field.
    pub fn of(field: Field, kind: Kind) -> Self {
        match kind {
            Kind::Instant => Self::Instant(Column::default()),
            Kind::Address => Self::Address(Column::default()),
            Kind::Mac => Self::Mac(Column::default()),
            Kind::U8 => Self::U8(Column::default()),
            Kind::U16 => Self::U16(Column::default()),
            Kind::U32 => Self::U32(Column::default()),
            Kind::U64 => Self::U64(Column::default()),
            Kind::I64 => Self::I64(Column::default()),
            Kind::Text if field == Field::ProtocolVersion => Self::Version(Column::default()),
            Kind::Text => Self::Text(TextColumn::default()),
            Kind::Elements => Self::Elements(ElementsColumn::default()),
        }
    }

    /// Rows so far, nulls included.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(column) | Self::Version(column) => column.len(),
            Self::U16(column) => column.len(),
            Self::U32(column) => column.len(),
            Self::U64(column) => column.len(),
            Self::I64(column) | Self::Instant(column) => column.len(),
            Self::Address(column) => column.len(),
            Self::Mac(column) => column.len(),
            Self::Text(column) => column.len(),
            Self::Elements(column) => column.len(),
        }
    }

    /// Whether no row was written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Take the column as an Arrow array of `rows`, in runs where it was written in runs.
    pub fn take_in_runs(&mut self, rows: usize) -> ArrayRef {
        let ends = match self {
            Self::U8(column) | Self::Version(column) => column.run_ends(rows),
            Self::U16(column) => column.run_ends(rows),
            Self::U32(column) => column.run_ends(rows),
            Self::U64(column) => column.run_ends(rows),
            Self::I64(column) | Self::Instant(column) => column.run_ends(rows),
            Self::Address(column) => column.run_ends(rows),
            Self::Mac(column) => column.run_ends(rows),
            Self::Text(_) | Self::Elements(_) => None,
        };
        let Some(ends) = ends else { return self.take(rows) };
        let values = self.take(ends.len());
        let runs = RunArray::<Int32Type>::try_new(&Int32Array::from(ends), &values);
        Arc::new(runs.expect("runs end one after the other, and each has a value"))
    }

    /// Take the column as an Arrow array of `rows`.
    pub fn take(&mut self, rows: usize) -> ArrayRef {
        match self {
            Self::U8(column) => scalar(column.take(rows), |values, nulls| Arc::new(UInt8Array::new(values, nulls))),
            Self::U16(column) => scalar(column.take(rows), |values, nulls| Arc::new(UInt16Array::new(values, nulls))),
            Self::U32(column) => scalar(column.take(rows), |values, nulls| Arc::new(UInt32Array::new(values, nulls))),
            Self::U64(column) => scalar(column.take(rows), |values, nulls| Arc::new(UInt64Array::new(values, nulls))),
            Self::I64(column) => scalar(column.take(rows), |values, nulls| Arc::new(Int64Array::new(values, nulls))),
            Self::Instant(column) => scalar(column.take(rows), |values, nulls| {
                Arc::new(TimestampNanosecondArray::new(values, nulls).with_timezone("UTC"))
            }),
            Self::Address(column) => {
                let (values, nulls) = column.take(rows);
                fixed_size(16, values.into_flattened(), nulls)
            }
            Self::Mac(column) => {
                let (values, nulls) = column.take(rows);
                fixed_size(6, values.into_flattened(), nulls)
            }
            Self::Version(column) => {
                let (values, nulls) = column.take(rows);
                let keys = UInt8Array::new(values.into(), nulls);
                let names = StringArray::from_iter_values(ProtocolVersion::ALL.iter().map(|version| version.name()));
                Arc::new(DictionaryArray::<UInt8Type>::new(keys, Arc::new(names)))
            }
            Self::Text(column) => Arc::new(column.take(rows)),
            Self::Elements(column) => Arc::new(column.take(rows)),
        }
    }
}

fn scalar<T: arrow_buffer::ArrowNativeType>(
    (values, nulls): (Vec<T>, Option<NullBuffer>),
    array: impl FnOnce(ScalarBuffer<T>, Option<NullBuffer>) -> ArrayRef,
) -> ArrayRef {
    array(ScalarBuffer::from(values), nulls)
}

fn fixed_size(width: i32, bytes: Vec<u8>, nulls: Option<NullBuffer>) -> ArrayRef {
    Arc::new(FixedSizeBinaryArray::new(width, Buffer::from_vec(bytes), nulls))
}

/// Flow rows being written.
pub struct FlowColumns {
    columns: Vec<AnyColumn>,
    nulls: Arc<Nulls>,
    rows: usize,
}

impl Default for FlowColumns {
    fn default() -> Self {
        Self {
            columns: FIELDS.iter().map(|&(field, _, kind)| AnyColumn::of(field, kind)).collect(),
            nulls: Nulls::of_a_batch(),
            rows: 0,
        }
    }
}

impl FlowColumns {
    /// Finished rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether another set should wait for the next batch: list and text offsets are 32 bits.
    pub fn is_full(&self) -> bool {
        // A set that begins in the last free row still has room, as a rule: what exceeds it is copied.
        const MAXIMUM_ROWS: usize = ROOM - (1 << 12);
        const MAXIMUM_TEXT_BYTES: usize = 64 << 20;
        let AnyColumn::Elements(other) = &self.columns[Field::Other as usize] else { return true };
        self.rows >= MAXIMUM_ROWS || other.held_bytes() >= MAXIMUM_TEXT_BYTES
    }

    /// The column of a field, to write the rows after [`Self::rows`].
    pub fn column(&mut self, field: Field) -> &mut AnyColumn {
        &mut self.columns[field as usize]
    }

    /// Write the same value to the next `count` rows.
    pub fn fill_u64(&mut self, field: Field, count: usize, value: u64) {
        let row = self.rows;
        match &mut self.columns[field as usize] {
            AnyColumn::U8(column) | AnyColumn::Version(column) => column.fill(row, count, value as u8),
            AnyColumn::U16(column) => column.fill(row, count, value as u16),
            AnyColumn::U32(column) => column.fill(row, count, value as u32),
            AnyColumn::U64(column) => column.fill(row, count, value),
            AnyColumn::I64(column) | AnyColumn::Instant(column) => column.fill(row, count, value as i64),
            _ => unreachable!("{field:?} is not an integer column"),
        }
    }

    /// Write the same address to the next `count` rows.
    pub fn fill_address(&mut self, field: Field, count: usize, value: Address) {
        let row = self.rows;
        match &mut self.columns[field as usize] {
            AnyColumn::Address(column) => column.fill(row, count, value),
            _ => unreachable!("{field:?} is not an address column"),
        }
    }

    /// Declare that `count` rows were written.
    pub fn end_rows(&mut self, count: usize) {
        self.rows += count;
    }

    /// Take all rows; `None` when there are none.
    pub fn take(&mut self) -> Option<Batch> {
        let rows = std::mem::take(&mut self.rows);
        if rows == 0 {
            return None;
        }
        if rows > self.nulls.rows {
            self.nulls = Arc::new(Nulls::new(rows.next_power_of_two()));
        }
        let taken = |(column, nulls): (&mut AnyColumn, &ArrayRef)| {
            if column.is_empty() { nulls.slice(0, rows) } else { column.take_in_runs(rows) }
        };
        let arrays = self.columns.iter_mut().zip(&self.nulls.arrays).map(taken).collect();
        Some(Batch::of_columns(Table::Flows, rows, arrays))
    }
}

/// For each column an array of nulls, shared by all batches in which no record has the field.
struct Nulls {
    rows: usize,
    arrays: Vec<ArrayRef>,
}

impl Nulls {
    /// So many that no batch of a decoder outgrows them: making them takes as long as reading some hundred datagrams.
    fn of_a_batch() -> Arc<Self> {
        static NULLS: LazyLock<Arc<Nulls>> = LazyLock::new(|| Arc::new(Nulls::new(ROOM)));
        NULLS.clone()
    }

    fn new(rows: usize) -> Self {
        let nulls = NullBuffer::new_null(rows);
        let widest = size_of::<Address>();
        let zeros = Buffer::from_vec(vec![0_u64; (rows * widest).div_ceil(size_of::<u64>())]);
        let schema = Table::Flows.schema();
        let arrays = schema.fields().iter().map(|field| null_array(field.data_type(), &zeros, &nulls)).collect();
        Self { rows, arrays }
    }
}

/// Arrow writes zeros for values that are null, for each column its own; nobody looks at them, so all have the same.
fn null_array(data_type: &DataType, zeros: &Buffer, nulls: &NullBuffer) -> ArrayRef {
    let has_values = matches!(data_type, DataType::FixedSizeBinary(_)) || data_type.primitive_width().is_some();
    if !has_values {
        return new_null_array(data_type, nulls.len());
    }
    let data = ArrayData::builder(data_type.clone()).len(nulls.len()).nulls(Some(nulls.clone()));
    make_array(data.add_buffer(zeros.clone()).build().expect("the buffer holds so many values"))
}

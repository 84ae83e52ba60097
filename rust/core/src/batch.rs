//! Finished rows of one lake table, as Arrow columns.

use std::sync::{Arc, LazyLock, OnceLock};

use arrow_array::{Array, ArrayRef, RecordBatch, RunArray, UInt32Array, types::Int32Type};
use arrow_schema::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit, extension::Uuid};
use arrow_select::take::take;

use crate::{
    columns::{AnyColumn, Column, FlowColumns, elements_type},
    schema::{COUNTERS, FIELDS, Kind},
};

/// A table of the lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// One row for each flow record.
    Flows,
    /// One row for each options data record.
    Options,
    /// One row for each second of each clock of an exporter that was heard.
    Sightings,
    /// One row for each minute, exporter, observation domain and protocol version with news.
    Ledger,
    /// One row for each group of flows that a rollup keeps.
    Rollups,
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 5] = [Self::Flows, Self::Options, Self::Sightings, Self::Ledger, Self::Rollups];

    /// The table's name in file names, SQL and Python.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flows => "flows",
            Self::Options => "options",
            Self::Sightings => "sightings",
            Self::Ledger => "ledger",
            Self::Rollups => "rollups",
        }
    }

    /// The table of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The Arrow schema of the table.
    pub fn schema(self) -> SchemaRef {
        static SCHEMAS: LazyLock<[SchemaRef; 5]> = LazyLock::new(|| {
            [flows_schema(), options_schema(), sightings_schema(), ledger_schema(), rollups_schema()]
                .map(|fields| Arc::new(Schema::new(fields)))
        });
        SCHEMAS[self as usize].clone()
    }
}

/// Rows of one table. Immutable.
#[derive(Clone)]
pub struct Batch {
    table: Table,
    rows: usize,
    columns: Vec<ArrayRef>,
    /// The same with each row written, once somebody wanted it so.
    records: OnceLock<RecordBatch>,
}

impl Batch {
    /// Name the table that rows belong to.
    pub fn new(table: Table, records: RecordBatch) -> Self {
        Self { table, rows: records.num_rows(), columns: records.columns().to_vec(), records: records.into() }
    }

    /// Name the table that columns belong to, which may be in runs.
    pub fn of_columns(table: Table, rows: usize, columns: Vec<ArrayRef>) -> Self {
        Self { table, rows, columns, records: OnceLock::new() }
    }

    /// Build flow rows from the bytes of each column: native-endian values of the column's width, or
    /// for text one line a row, empty for null. Columns left out are null.
    ///
    /// The error says which column does not fit and why.
    pub fn from_buffers(buffers: &[(String, Vec<u8>)]) -> Result<Self, String> {
        let mut rows = None;
        let mut columns = FlowColumns::default();
        for (name, bytes) in buffers {
            let &(field, ..) = FIELDS
                .iter()
                .find(|(_, known, kind)| known == name && *kind != Kind::Elements)
                .ok_or_else(|| format!("{name:?} is not a column that can be given as a buffer"))?;
            let count = fill_from_bytes(columns.column(field), bytes).map_err(|reason| format!("{name}: {reason}"))?;
            let expected = *rows.get_or_insert(count);
            if expected != count {
                return Err(format!("{name} has {count} rows where others have {expected}"));
            }
        }
        columns.end_rows(rows.unwrap_or(0));
        columns.take().ok_or_else(|| "a batch needs at least one row".to_string())
    }

    /// The table the rows belong to.
    pub fn table(&self) -> Table {
        self.table
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns; one whose values stay the same for many rows may be in runs.
    pub fn columns(&self) -> &[ArrayRef] {
        &self.columns
    }

    /// The rows.
    pub fn records(&self) -> &RecordBatch {
        self.records.get_or_init(|| {
            let columns = self.columns.iter().map(|column| each_row(column)).collect();
            RecordBatch::try_new(self.table.schema(), columns).expect("columns have the table's types")
        })
    }
}

/// A column with the value of each row, where it may be in runs.
pub fn each_row(column: &ArrayRef) -> ArrayRef {
    let Some(runs) = column.as_any().downcast_ref::<RunArray<Int32Type>>() else { return column.clone() };
    let mut places = Vec::with_capacity(runs.len());
    for (place, &end) in (0..).zip(runs.run_ends().values()) {
        places.resize(end as usize, place);
    }
    take(runs.values(), &UInt32Array::from(places), None).expect("each place is one of a run")
}

/// Fill an empty column; returns how many rows the bytes hold.
fn fill_from_bytes(column: &mut AnyColumn, bytes: &[u8]) -> Result<usize, String> {
    match column {
        AnyColumn::U8(column) => fill_items(column, bytes, u8::from_ne_bytes),
        AnyColumn::U16(column) => fill_items(column, bytes, u16::from_ne_bytes),
        AnyColumn::U32(column) => fill_items(column, bytes, u32::from_ne_bytes),
        AnyColumn::U64(column) => fill_items(column, bytes, u64::from_ne_bytes),
        AnyColumn::I64(column) | AnyColumn::Instant(column) => fill_items(column, bytes, i64::from_ne_bytes),
        AnyColumn::Address(column) => fill_items(column, bytes, |address: [u8; 16]| address),
        AnyColumn::Mac(column) => fill_items(column, bytes, |address: [u8; 6]| address),
        AnyColumn::Text(column) => {
            let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
            text.lines().for_each(|line| column.push((!line.is_empty()).then_some(line)));
            Ok(column.len())
        }
        AnyColumn::Version(_) | AnyColumn::Elements(_) => Err("cannot be given as a buffer".to_string()),
    }
}

fn fill_items<const N: usize, T: Copy + Default + PartialEq>(
    column: &mut Column<T>,
    bytes: &[u8],
    value: impl Fn([u8; N]) -> T,
) -> Result<usize, String> {
    let items = bytes.chunks_exact(N);
    if !items.remainder().is_empty() {
        return Err(format!("{} bytes are no whole number of {N}-byte values", bytes.len()));
    }
    column.extend_valid(0, items.map(|item| value(item.try_into().expect("chunks have N bytes"))));
    Ok(column.len())
}

fn arrow_field(name: &str, kind: Kind) -> ArrowField {
    let data_type = match kind {
        Kind::Instant => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
        Kind::Address => DataType::FixedSizeBinary(16),
        Kind::Mac => DataType::FixedSizeBinary(6),
        Kind::U8 => DataType::UInt8,
        Kind::U16 => DataType::UInt16,
        Kind::U32 => DataType::UInt32,
        Kind::U64 => DataType::UInt64,
        Kind::I64 => DataType::Int64,
        Kind::Text if name == "protocol_version" => {
            DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Utf8))
        }
        Kind::Text => DataType::Utf8,
        Kind::Elements => elements_type(),
    };
    let field = ArrowField::new(name, data_type, true);
    // Readers that know UUIDs group and compare 16 bytes as one number instead of as a string of bytes.
    if kind == Kind::Address { field.with_extension_type(Uuid) } else { field }
}

fn flows_schema() -> Vec<ArrowField> {
    FIELDS.iter().map(|&(_, name, kind)| arrow_field(name, kind)).collect()
}

fn options_schema() -> Vec<ArrowField> {
    [
        ("received", Kind::Instant),
        ("exporter", Kind::Address),
        ("observation_domain", Kind::U32),
        ("protocol_version", Kind::Text),
        ("template_id", Kind::U16),
        ("scope", Kind::Elements),
        ("other", Kind::Elements),
    ]
    .map(|(name, kind)| arrow_field(name, kind))
    .to_vec()
}

fn sightings_schema() -> Vec<ArrowField> {
    [
        ("received", Kind::Instant),
        ("exporter", Kind::Address),
        ("observation_domain", Kind::U32),
        ("protocol_version", Kind::Text),
        ("clock", Kind::Text),
        ("ahead_at", Kind::Instant),
        ("ahead", Kind::I64),
        ("behind_at", Kind::Instant),
        ("behind", Kind::I64),
        ("headers", Kind::U32),
        ("quantum", Kind::I64),
    ]
    .map(|(name, kind)| arrow_field(name, kind))
    .to_vec()
}

fn ledger_schema() -> Vec<ArrowField> {
    let mut fields = [
        ("minute", Kind::Instant),
        ("exporter", Kind::Address),
        ("port", Kind::U16),
        ("observation_domain", Kind::U32),
        ("protocol_version", Kind::Text),
        ("writer", Kind::Text),
        ("last_received", Kind::Instant),
        ("template_count", Kind::U32),
        ("sampling_interval", Kind::U32),
        ("clock_low", Kind::I64),
        ("clock_high", Kind::I64),
    ]
    .map(|(name, kind)| arrow_field(name, kind))
    .to_vec();
    fields.extend(COUNTERS.iter().map(|name| arrow_field(name, Kind::U64)));
    fields
}

fn rollups_schema() -> Vec<ArrowField> {
    [
        ("part", Kind::U8),
        ("stretch", Kind::U32),
        ("exporter", Kind::Address),
        ("observation_domain", Kind::U32),
        ("high", Kind::U64),
        ("low", Kind::U64),
        ("bytes", Kind::U64),
        ("packets", Kind::U64),
        ("begun", Kind::U32),
        ("entered", Kind::U32),
        ("clamped_begun", Kind::U32),
        ("clamped_entered", Kind::U32),
    ]
    .map(|(name, kind)| arrow_field(name, kind))
    .to_vec()
}

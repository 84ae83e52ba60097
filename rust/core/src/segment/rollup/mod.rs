//! Rollups: what the flows of segments come to by hour and one field, and by minute.
//!
//! A rollup is exact: whoever adds up its rows gets what the flows would have given him, to the byte.
//! Where that cannot be promised, there is none; where the groups of a field are hardly fewer than the
//! flows, it has no table of that field.

mod counting;
mod groups;
mod life;
mod points;
mod table;

use std::{fs::File, io, path::Path};

use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};

use self::{
    counting::{Counting, Outcome},
    table::write_table,
};
use super::{
    SegmentSummary,
    file::{SegmentFile, io_error},
    form::Form,
};
use crate::batch::Table;

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    Address,
    Number,
    /// The minute of arrival: by it the losses are found that stand beside an answer.
    Arrival,
    /// None: a row is of all flows of an observation point.
    Nothing,
    /// Whether flows ended at the very begin of the stretch. They overlap a range that begins there, and no other.
    Touch,
}

/// The tables of a rollup, by number: the first by minute, the others by hour. New ones go to the end.
const TABLES: [(&str, Values); 14] = [
    ("minutes", Values::Touch),
    ("exporter", Values::Nothing),
    ("src_addr", Values::Address),
    ("dst_addr", Values::Address),
    ("src_port", Values::Number),
    ("dst_port", Values::Number),
    ("protocol", Values::Number),
    ("tos", Values::Number),
    ("src_as", Values::Number),
    ("dst_as", Values::Number),
    ("in_interface", Values::Number),
    ("out_interface", Values::Number),
    ("vlan", Values::Number),
    ("received", Values::Arrival),
];

/// What else of a flow is read.
const BESIDE: [&str; 9] = [
    "start",
    "end",
    "observation_domain",
    "bytes",
    "packets",
    "direction",
    "reverse_bytes",
    "reverse_packets",
    "exporter",
];

/// Few enough that what is counted of them stays in the processor's cache.
const BATCH_ROWS: usize = 1 << 13;

/// What a rollup says of its flows.
#[derive(Debug, Default)]
pub struct RollupSummary {
    /// Rows of all tables; 0 where the flows cannot be rolled up.
    pub rows: u64,
    /// Size of the file.
    pub file_bytes: u64,
    /// Checksum of the file.
    pub checksum: u32,
    /// Begin of the first life and end of the last.
    pub lives: Option<(i64, i64)>,
    /// Lowest and highest direction.
    pub directions: Option<(u8, u8)>,
    /// What the flows come to, in bytes and packets.
    pub sums: [u64; 2],
    /// Name, rows and bytes of each table it has.
    pub tables: Vec<(&'static str, u64, u64)>,
}

/// Flows that files of rollups tell of count for so many, so that what was worth telling of each is told of all.
const FLOWS_OF_A_ROLLUP: usize = 1 << 22;

/// Write the rollup of all flows of some files, some of which may be rollups of other flows themselves.
///
/// There is no file where the summary has no rows. A table that a rollup does not have is left out. Lives and
/// directions are those of the flows that were read.
pub fn roll_up(sources: &[&Path], path: &Path) -> io::Result<RollupSummary> {
    let readers = sources
        .iter()
        .map(|source| ParquetRecordBatchReaderBuilder::try_new(File::open(source)?).map_err(io_error))
        .collect::<io::Result<Vec<_>>>()?;
    let flows = readers.iter().map(flows_of).sum();
    let mut counting = Counting::new(flows);
    for reader in readers {
        if is_rollup(&reader) {
            let mut seen = 0;
            for records in reader.with_batch_size(BATCH_ROWS).build().map_err(io_error)? {
                seen |= counting.add_rolled(&records.map_err(|error| io_error(error.into()))?)?;
            }
            (0..TABLES.len()).filter(|table| seen >> table & 1 == 0).for_each(|table| counting.groups[table].give_up());
            continue;
        }
        let names = TABLES.iter().map(|(name, _)| *name).chain(BESIDE);
        let columns = ProjectionMask::columns(reader.parquet_schema(), names);
        for records in reader.with_projection(columns).with_batch_size(BATCH_ROWS).build().map_err(io_error)? {
            let records = records.map_err(|error| io_error(error.into()))?;
            if counting.add(&records)? == Outcome::Unsuitable {
                return Ok(RollupSummary::default());
            }
        }
    }
    if counting.is_over() || flows == 0 { Ok(RollupSummary::default()) } else { write(&counting, path) }
}

type Reader = ParquetRecordBatchReaderBuilder<File>;

fn is_rollup(reader: &Reader) -> bool {
    reader.schema().column_with_name("part").is_some()
}

fn flows_of(reader: &Reader) -> usize {
    if is_rollup(reader) { FLOWS_OF_A_ROLLUP } else { reader.metadata().file_metadata().num_rows() as usize }
}

fn write(counting: &Counting, path: &Path) -> io::Result<RollupSummary> {
    let (lives, directions, sums) = (counting.lives, counting.directions, counting.sums);
    let mut summary = RollupSummary { lives, directions, sums, ..RollupSummary::default() };
    let mut file = SegmentFile::create(Table::Rollups, Form::Quick, path)?;
    for (number, (name, _)) in TABLES.iter().enumerate().filter(|&(number, _)| !counting.groups[number].is_over) {
        let (rows, bytes) = write_table(counting, number, &mut file)?;
        summary.tables.push((name, rows, bytes));
    }
    let SegmentSummary { rows, file_bytes, checksum, .. } = file.finish()?;
    Ok(RollupSummary { rows, file_bytes, checksum, ..summary })
}

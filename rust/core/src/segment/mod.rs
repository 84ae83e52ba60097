//! Segments: Parquet files of one lake table.
//!
//! A column is written in whichever form is small without compressing it: as numbers into a
//! dictionary where values repeat, as differences where they do not, as next to nothing where they
//! are all null or all the same.

mod checksum;
mod chunk;
mod column;
mod delta;
mod dictionary;
mod file;
mod form;
mod join;
mod ledger;
mod packing;
mod reading;
mod rollup;
pub mod search;
mod summary;
#[cfg(test)]
mod tests;
mod value;

use std::{io, path::Path};

pub use checksum::checksum;
pub use rollup::{RollupSummary, roll_up};
pub use summary::SegmentSummary;

use self::file::SegmentFile;
pub use self::form::Form;
use crate::batch::{Batch, Table};

/// Write batches of one table as one file.
///
/// The caller moves the file into place: until then nobody may read it.
pub fn write(table: Table, batches: &[Batch], path: &Path) -> io::Result<SegmentSummary> {
    let mut segment = SegmentFile::create(table, Form::Quick, path)?;
    for batch in batches {
        segment.write(batch.rows(), batch.columns())?;
    }
    segment.finish()
}

/// Write the rows of several files, in order, as one; those of the ledger added up.
pub fn merge_files(table: Table, form: Form, sources: &[&Path], path: &Path) -> io::Result<SegmentSummary> {
    let mut segment = SegmentFile::create(table, form, path)?;
    if table == Table::Ledger {
        ledger::join(sources, &mut segment)?;
    } else {
        join::join(sources, form, &mut segment)?;
    }
    segment.finish()
}

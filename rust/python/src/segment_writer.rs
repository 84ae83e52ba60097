//! `SegmentWriter`: batches into Parquet files.

use std::{collections::HashMap, io, path::Path};

use pyo3::{
    exceptions::{PyOSError, PyValueError},
    prelude::*,
};
use tidegauge_core::{
    batch::Table,
    segment::{self, Form, RollupSummary, SegmentSummary},
};
use tidegauge_net::allocator::return_freed_memory;

use crate::batch::Batch;

/// Joining so much takes memory that a collector does not need again for an hour.
const MUCH_JOINED_BYTES: u64 = 64 << 20;

/// Writes Parquet segments of one lake table.
#[pyclass(frozen, module = "tidegauge._core")]
pub struct SegmentWriter(Table);

#[pymethods]
impl SegmentWriter {
    #[new]
    fn new(table: &str) -> PyResult<Self> {
        let known = Table::from_name(table);
        known.map(Self).ok_or_else(|| PyValueError::new_err(format!("{table:?} is not a table of the lake")))
    }

    fn write(&self, py: Python<'_>, batches: Vec<PyRef<'_, Batch>>, path: &str) -> PyResult<HashMap<String, i64>> {
        let batches: Vec<_> = batches.iter().map(|batch| batch.0.clone()).collect();
        if let Some(stranger) = batches.iter().find(|batch| batch.table() != self.0) {
            let (theirs, ours) = (stranger.table().name(), self.0.name());
            return Err(PyValueError::new_err(format!("a batch of {theirs} cannot go into a segment of {ours}")));
        }
        Ok(named(&py.detach(|| segment::write(self.0, &batches, Path::new(path))).map_err(refused)?))
    }

    #[pyo3(signature = (paths, path, *, dense = false))]
    fn merge(&self, py: Python<'_>, paths: Vec<String>, path: &str, dense: bool) -> PyResult<HashMap<String, i64>> {
        let form = if dense { Form::Dense } else { Form::Quick };
        let (sources, path): (Vec<&Path>, _) = (paths.iter().map(Path::new).collect(), Path::new(path));
        py.detach(|| {
            // Read from the disk here, and from memory when they are joined.
            let checksums = sources.iter().map(|source| segment::checksum(source)).collect::<io::Result<Vec<_>>>()?;
            let mut facts = match self.0 {
                Table::Rollups => told(&segment::roll_up(&sources, path)?),
                table => named(&segment::merge_files(table, form, &sources, path)?),
            };
            if size_of_files(&sources) >= MUCH_JOINED_BYTES {
                return_freed_memory();
            }
            let of_sources = paths.iter().zip(checksums);
            facts.extend(of_sources.map(|(path, checksum)| (format!("checksum of {path}"), checksum.into())));
            Ok(facts)
        })
        .map_err(refused)
    }
}

fn size_of_files(paths: &[&Path]) -> u64 {
    paths.iter().filter_map(|path| path.metadata().ok()).map(|file| file.len()).sum()
}

/// What the system refused, by its number: else a full disk could not be told from a file that is damaged.
fn refused(error: io::Error) -> PyErr {
    match error.raw_os_error() {
        Some(number) => {
            let text = error.to_string();
            let sentence = text.split(" (os error").next().unwrap_or_default();
            PyOSError::new_err((number, sentence.to_string()))
        }
        None => PyOSError::new_err(error.to_string()),
    }
}

fn named(summary: &SegmentSummary) -> HashMap<String, i64> {
    let mut facts = vec![
        ("rows", summary.rows as i64),
        ("file_bytes", summary.file_bytes as i64),
        ("checksum", summary.checksum.into()),
    ];
    if let Some((first, last)) = summary.received {
        facts.extend([("received_min", first), ("received_max", last)]);
    }
    if let Some((start, end)) = summary.lifetime {
        facts.extend([("start_min", start), ("end_max", end)]);
    }
    facts.into_iter().map(|(name, fact)| (name.to_string(), fact)).collect()
}

fn told(summary: &RollupSummary) -> HashMap<String, i64> {
    let mut facts = vec![
        ("rows".to_string(), summary.rows as i64),
        ("file_bytes".to_string(), summary.file_bytes as i64),
        ("checksum".to_string(), summary.checksum.into()),
    ];
    if let Some((first, last)) = summary.lives {
        facts.extend([("start_min".to_string(), first), ("end_max".to_string(), last)]);
    }
    if let Some((low, high)) = summary.directions {
        facts.extend([("direction_min".to_string(), low.into()), ("direction_max".to_string(), high.into())]);
    }
    for (name, sum) in ["bytes", "packets"].into_iter().zip(summary.sums) {
        facts.push((name.to_string(), sum as i64));
    }
    for (name, rows, bytes) in &summary.tables {
        facts.extend([(format!("rows of {name}"), *rows as i64), (format!("bytes of {name}"), *bytes as i64)]);
    }
    facts.into_iter().collect()
}

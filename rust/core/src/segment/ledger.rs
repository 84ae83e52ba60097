//! Ledger files as one: rows of one minute, session and writer become their sum.
//!
//! The receiver writes one row for each session and drain, which would soon outnumber the flows of
//! a quiet network. Rows of different writers stay apart, because a writer's own rows are what its
//! counters map is settled against.

use std::{fs::File, io, path::Path};

use arrow_array::{
    Array, PrimitiveArray, RecordBatch,
    cast::AsArray,
    types::{Int64Type, TimestampNanosecondType, UInt16Type, UInt32Type, UInt64Type},
};
use parquet::{arrow::arrow_reader::ParquetRecordBatchReaderBuilder, file::metadata::ParquetMetaData};

use super::{
    file::{SegmentFile, io_error},
    reading::{column, named, stranger, texts, value},
    summary::{chunk_bounds, merge},
};
use crate::{
    decoder::SessionKey,
    ledger::{LedgerRow, ledger_batch},
    schema::COUNTERS,
    time::Instant,
    wire::ProtocolVersion,
};

/// A row as it stands in a file: whose it is, and what it counts.
struct Written {
    writer: String,
    row: LedgerRow,
}

impl Written {
    /// What rows that add up have in common.
    fn key(&self) -> impl Ord + '_ {
        let session = self.row.key.map(|key| (key.exporter, key.port, key.observation_domain, key.version.number()));
        (self.row.minute, session, &self.writer)
    }
}

/// Add the rows of files to a segment, those of one minute, session and writer as one.
///
/// Files follow one another in time or nearly so: a minute is written as soon as no file to come
/// has it, so that the ledger of a day need not fit into memory.
pub fn join(sources: &[&Path], segment: &mut SegmentFile) -> io::Result<()> {
    let readers = sources
        .iter()
        .map(|source| ParquetRecordBatchReaderBuilder::try_new(File::open(source)?).map_err(io_error))
        .collect::<io::Result<Vec<_>>>()?;
    let firsts: Vec<Instant> = readers.iter().map(|reader| first_minute(reader.metadata())).collect();
    let mut rows = Vec::new();
    for (place, reader) in readers.into_iter().enumerate() {
        for records in reader.build().map_err(io_error)? {
            append(&records.map_err(|error| io_error(error.into()))?, &mut rows)?;
        }
        match firsts[place + 1..].iter().min() {
            Some(&next) => write_sums(rows.extract_if(.., |written| written.row.minute < next).collect(), segment)?,
            None => write_sums(std::mem::take(&mut rows), segment)?,
        }
    }
    Ok(())
}

fn first_minute(metadata: &ParquetMetaData) -> Instant {
    let bounds = metadata.row_groups().iter().map(|row_group| chunk_bounds(row_group, "minute").0);
    match bounds.reduce(merge) {
        None => Instant::MAX,
        Some(bounds) => bounds.map_or(Instant::MIN, |(first, _)| first),
    }
}

fn write_sums(mut rows: Vec<Written>, segment: &mut SegmentFile) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    // Of one key the latest comes last: it knows the state at the end of its minute.
    rows.sort_by(|one, next| (one.key(), one.row.last_received).cmp(&(next.key(), next.row.last_received)));
    rows.dedup_by(|later, sum| {
        let is_same = later.key() == sum.key();
        if is_same {
            sum.row.add(&later.row);
        }
        is_same
    });
    let (writers, rows): (Vec<_>, Vec<_>) = rows.into_iter().map(|written| (written.writer, written.row)).unzip();
    let batch = ledger_batch(&rows, writers.iter().map(String::as_str));
    segment.write(batch.rows(), batch.columns())
}

fn append(records: &RecordBatch, rows: &mut Vec<Written>) -> io::Result<()> {
    let minute = column::<TimestampNanosecondType>(records, "minute")?;
    let last_received = column::<TimestampNanosecondType>(records, "last_received")?;
    let template_count = column::<UInt32Type>(records, "template_count")?;
    let sampling_interval = column::<UInt32Type>(records, "sampling_interval")?;
    let clock_low = column::<Int64Type>(records, "clock_low")?;
    let clock_high = column::<Int64Type>(records, "clock_high")?;
    let counts = COUNTERS.iter().map(|name| counts(records, name)).collect::<io::Result<Vec<_>>>()?;
    let sessions = session_keys(records)?;
    for (place, (key, writer)) in sessions.into_iter().zip(texts(records, "writer")?).enumerate() {
        let row = LedgerRow {
            key,
            minute: minute.value(place),
            last_received: last_received.value(place),
            template_count: value(template_count, place),
            sampling_interval: value(sampling_interval, place),
            clock_low: value(clock_low, place),
            clock_high: value(clock_high, place),
            counts: std::array::from_fn(|counter| counts[counter].and_then(|column| value(column, place)).unwrap_or(0)),
        };
        rows.push(Written { writer: writer.unwrap_or_default().to_string(), row });
    }
    Ok(())
}

/// Whose each row is; `None` for the listener's own.
fn session_keys(records: &RecordBatch) -> io::Result<Vec<Option<SessionKey>>> {
    let exporters = named(records, "exporter")?.as_fixed_size_binary_opt().ok_or_else(|| stranger("exporter"))?;
    let ports = column::<UInt16Type>(records, "port")?;
    let domains = column::<UInt32Type>(records, "observation_domain")?;
    let key = |(row, version): (usize, Option<&str>)| {
        if !exporters.is_valid(row) {
            return Ok(None);
        }
        let version = ProtocolVersion::ALL.into_iter().find(|known| Some(known.name()) == version);
        Ok(Some(SessionKey {
            exporter: exporters.value(row).try_into().map_err(|_| stranger("exporter"))?,
            port: ports.value(row),
            version: version.ok_or_else(|| stranger("protocol_version"))?,
            observation_domain: domains.value(row),
        }))
    };
    texts(records, "protocol_version")?.into_iter().enumerate().map(key).collect()
}

/// A column of counters; a release that did not count it yet wrote none.
fn counts<'a>(records: &'a RecordBatch, name: &str) -> io::Result<Option<&'a PrimitiveArray<UInt64Type>>> {
    records.column_by_name(name).map(|_| column(records, name)).transpose()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::{
        batch::Table,
        schema::Counter,
        segment::{Form, SegmentSummary, merge_files, write},
        time::SECOND,
    };

    const MINUTE: Instant = 60 * SECOND;

    fn row(port: u16, minute: Instant, records: u64) -> LedgerRow {
        let key = SessionKey { exporter: [1; 16], port, version: ProtocolVersion::Ipfix, observation_domain: 0 };
        let mut counts = [0; COUNTERS.len()];
        counts[Counter::Records as usize] = records;
        LedgerRow {
            key: (port > 0).then_some(key),
            minute,
            last_received: minute + records as i64,
            template_count: (port > 0).then_some(records as u32),
            sampling_interval: None,
            clock_low: Some(-(records as i64)),
            clock_high: Some(records as i64),
            counts,
        }
    }

    /// The rows of files, each of one writer, joined.
    fn joined(name: &str, files: &[(&str, &[LedgerRow])]) -> (SegmentSummary, Vec<Written>) {
        let path = |place| {
            std::env::temp_dir().join(format!("tidegauge-{}-ledger-{name}-{place}.parquet", std::process::id()))
        };
        let paths: Vec<PathBuf> = (0..=files.len()).map(path).collect();
        for ((writer, rows), path) in files.iter().zip(&paths) {
            let batch = ledger_batch(rows, std::iter::repeat(*writer));
            write(Table::Ledger, &[batch], path).unwrap();
        }
        let sources: Vec<&Path> = paths[..files.len()].iter().map(PathBuf::as_path).collect();
        let summary = merge_files(Table::Ledger, Form::Quick, &sources, &paths[files.len()]).unwrap();
        let mut rows = Vec::new();
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&paths[files.len()]).unwrap()).unwrap();
        reader.build().unwrap().for_each(|records| append(&records.unwrap(), &mut rows).unwrap());
        for path in paths {
            std::fs::remove_file(path).unwrap();
        }
        (summary, rows)
    }

    fn records(rows: &[Written]) -> Vec<(Instant, u64)> {
        rows.iter().map(|written| (written.row.minute, written.row.counts[Counter::Records as usize])).collect()
    }

    #[test]
    fn rows_of_one_minute_and_session_become_one() {
        let first = [row(1, MINUTE, 1), row(2, MINUTE, 10), row(0, MINUTE, 100)];
        let second = [row(1, MINUTE, 3), row(1, 2 * MINUTE, 5)];
        let (summary, rows) = joined("sum", &[("w", &first), ("w", &second)]);
        assert_eq!(records(&rows), [(MINUTE, 100), (MINUTE, 4), (MINUTE, 10), (2 * MINUTE, 5)]);
        assert_eq!((summary.rows, summary.received), (4, Some((MINUTE, 2 * MINUTE))));
    }

    #[test]
    fn the_latest_state_and_the_tightest_bounds_survive() {
        let (_, rows) = joined("state", &[("w", &[row(1, 0, 7)]), ("w", &[row(1, 0, 2)])]);
        let sum = &rows[0].row;
        assert_eq!((sum.last_received, sum.template_count), (7, Some(7)));
        assert_eq!((sum.clock_low, sum.clock_high), (Some(-2), Some(2)));
    }

    #[test]
    fn rows_of_different_writers_stay_apart() {
        let (_, rows) = joined("writers", &[("b", &[row(1, 0, 1)]), ("a", &[row(1, 0, 1)])]);
        assert_eq!(rows.iter().map(|written| written.writer.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_minute_is_whole_however_files_overlap() {
        let files = [[0, 2], [1, 3], [1, 2], [4, 4]].map(|minutes| minutes.map(|minute| row(1, minute * MINUTE, 1)));
        let (_, rows) = joined("overlap", &files.each_ref().map(|rows| ("w", &rows[..])));
        let expected = [(0, 1), (1, 2), (2, 2), (3, 1), (4, 2)].map(|(minute, sum)| (minute * MINUTE, sum));
        assert_eq!(records(&rows), expected);
    }

    #[test]
    fn what_an_older_release_did_not_count_is_nothing() {
        let batch = ledger_batch(&[row(1, 0, 7)], std::iter::repeat("one"));
        let place = batch.records().schema().index_of("evicted_sessions").unwrap();
        let mut records = batch.records().clone();
        records.remove_column(place);
        let mut rows = Vec::new();
        append(&records, &mut rows).unwrap();
        assert_eq!(rows[0].row.counts[Counter::EvictedSessions as usize], 0);
        assert_eq!(rows[0].row.counts[Counter::Records as usize], 7);
    }

    #[test]
    fn files_without_rows_join_to_one_without_rows() {
        let (summary, rows) = joined("empty", &[("w", &[]), ("w", &[])]);
        assert_eq!((summary.rows, summary.received, rows.len()), (0, None, 0));
    }
}

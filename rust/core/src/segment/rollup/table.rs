//! The tables of a rollup as rows of a file, each table a row group of its own.

use std::{cmp::Ordering, io, sync::Arc};

use arrow_array::{ArrayRef, RecordBatch, UInt8Array, UInt32Array, UInt64Array, builder::FixedSizeBinaryBuilder};

use super::{TABLES, Values, counting::Counting, groups::Sums};
use crate::{batch::Table, segment::file::SegmentFile};

/// A group with what it is sorted by.
struct Row<'a> {
    stretch: u32,
    point: u32,
    value: u64,
    sums: &'a Sums,
}

/// Write the table of a number; returns its rows and bytes.
pub fn write_table(counting: &Counting, table: usize, file: &mut SegmentFile) -> io::Result<(u64, u64)> {
    let places = &counting.places[usize::from(table > 0)];
    let mut rows: Vec<Row<'_>> = counting.groups[table]
        .all()
        .map(|(place, value, sums)| {
            let (stretch, point) = places.place(place);
            Row { stretch, point, value, sums }
        })
        .collect();
    rows.sort_unstable_by(|one, another| order(counting, table, one, another));
    file.write(rows.len(), records(counting, table, &rows).columns())?;
    file.flush()?;
    Ok((rows.len() as u64, file.last_bytes))
}

/// By time, so that who asks for an hour finds it in one place; then by value, so that numbers are small steps.
fn order(counting: &Counting, table: usize, one: &Row<'_>, another: &Row<'_>) -> Ordering {
    let point = |row: &Row<'_>| counting.points.point(row.point);
    let times = one.stretch.cmp(&another.stretch);
    let points = if one.point == another.point { Ordering::Equal } else { point(one).cmp(&point(another)) };
    times.then(points).then_with(|| match TABLES[table].1 {
        Values::Address => address(counting, one.value).cmp(&address(counting, another.value)),
        _ => one.value.cmp(&another.value),
    })
}

fn address(counting: &Counting, value: u64) -> Option<(u64, u64)> {
    let place = value.checked_sub(1)?;
    let number = u128::from_be_bytes(counting.addresses.values()[place as usize]);
    Some(((number >> 64) as u64, number as u64))
}

fn records(counting: &Counting, table: usize, rows: &[Row<'_>]) -> RecordBatch {
    let values = TABLES[table].1;
    let number = |row: &Row<'_>| match values {
        Values::Number | Values::Arrival | Values::Touch => row.value.checked_sub(1),
        Values::Address => address(counting, row.value).map(|(_, low)| low),
        Values::Nothing => None,
    };
    let high = |row: &Row<'_>| match values {
        Values::Address => address(counting, row.value).map(|(high, _)| high),
        _ => None,
    };
    let mut exporters = FixedSizeBinaryBuilder::with_capacity(rows.len(), 16);
    let mut domains = Vec::with_capacity(rows.len());
    for row in rows {
        let (exporter, domain) = counting.points.point(row.point);
        match exporter {
            Some(exporter) => exporters.append_value(exporter).expect("an address has 16 bytes"),
            None => exporters.append_null(),
        }
        domains.push(domain);
    }
    let counters = |which: usize| -> ArrayRef {
        let told = |row: &Row<'_>| row.sums.has[which].then_some(row.sums.counters[which]);
        Arc::new(rows.iter().map(told).collect::<UInt64Array>())
    };
    let flows = |which: usize| -> ArrayRef {
        Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.sums.flows[which])))
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt8Array::from_value(table as u8, rows.len())),
        Arc::new(rows.iter().map(|row| Some(row.stretch)).collect::<UInt32Array>()),
        Arc::new(exporters.finish()),
        Arc::new(domains.into_iter().collect::<UInt32Array>()),
        Arc::new(rows.iter().map(high).collect::<UInt64Array>()),
        Arc::new(rows.iter().map(number).collect::<UInt64Array>()),
        counters(0),
        counters(1),
        flows(0),
        flows(1),
        flows(2),
        flows(3),
    ];
    RecordBatch::try_new(Table::Rollups.schema(), columns).expect("columns are those of the schema")
}

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    slice::from_ref,
};

use arrow_array::{RecordBatch, UInt32Array, cast::AsArray, types::UInt16Type};
use arrow_select::{concat::concat_batches, take::take_record_batch};
use parquet::{
    arrow::ArrowWriter,
    file::properties::{WriterProperties, WriterVersion},
};

use super::*;
use crate::{
    batch::Batch,
    columns::{AnyColumn, FlowColumns},
    schema::Field as Named,
    segment::{self, Form},
    wire::ProtocolVersion,
};

/// Columns that statements name; ours are of every kind, in every form that we write.
const TOLD: [&str; 12] = [
    "received",
    "start",
    "src_addr",
    "dst_addr",
    "src_port",
    "dst_port",
    "protocol",
    "bytes",
    "src_as",
    "user",
    "protocol_version",
    "tcp_rtt",
];

fn scattered(row: usize) -> u64 {
    (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn put<T>(column: &mut AnyColumn, row: usize, value: Option<T>)
where
    u128: From<T>,
{
    let value = value.map(u128::from);
    match column {
        AnyColumn::U8(column) => column.extend(row, [value.map(|value| value as u8)].into_iter()),
        AnyColumn::U16(column) => column.extend(row, [value.map(|value| value as u16)].into_iter()),
        AnyColumn::U32(column) => column.extend(row, [value.map(|value| value as u32)].into_iter()),
        AnyColumn::U64(column) => column.extend(row, [value.map(|value| value as u64)].into_iter()),
        AnyColumn::I64(column) | AnyColumn::Instant(column) => {
            column.extend(row, [value.map(|value| value as i64)].into_iter());
        }
        AnyColumn::Address(column) => column.extend(row, [value.map(u128::to_be_bytes)].into_iter()),
        _ => unreachable!("columns of numbers"),
    }
}

/// Flows between `hosts` addresses, of which some rows have none.
fn flows(rows: usize, hosts: u64) -> Batch {
    let mut flows = FlowColumns::default();
    flows.fill_u64(Named::ProtocolVersion, rows, ProtocolVersion::Ipfix as u64);
    flows.fill_u64(Named::Received, rows, 1_790_000_000_000_000_000);
    for row in 0..rows {
        let chance = scattered(row);
        let address = |number: u64| (!number.is_multiple_of(11)).then_some(scattered((number % hosts) as usize));
        put(flows.column(Named::SrcAddr), row, address(chance >> 7));
        put(flows.column(Named::DstAddr), row, Some(scattered(((chance >> 20) % hosts) as usize)));
        put(flows.column(Named::SrcPort), row, (row % 5 > 0).then_some((chance >> 30) % 3));
        put(flows.column(Named::DstPort), row, Some(chance >> 48));
        put(flows.column(Named::Protocol), row, Some(if row < rows / 2 { 6_u64 } else { 17 }));
        put(flows.column(Named::Start), row, (row % 7 > 0).then_some(1_790_000_000_000_000_000 - (chance >> 20)));
        put(flows.column(Named::Bytes), row, Some(chance));
        put(flows.column(Named::SrcAs), row, Some(chance >> 3));
        put(flows.column(Named::TcpRtt), row, (row % 40_000 < 3).then_some(chance));
        match flows.column(Named::User) {
            AnyColumn::Text(column) => column.push((row % 2 == 0).then_some(["ann", "", "bob"][row % 3])),
            _ => unreachable!("a column of text"),
        }
    }
    flows.end_rows(rows);
    flows.take().unwrap()
}

fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("tidegauge-{}-search-{name}.parquet", std::process::id()))
}

fn condition(columns: &[&str], values: &[u128]) -> Condition {
    let columns = columns.iter().map(ToString::to_string).collect();
    Condition::new(columns, values.iter().map(|&value| (value, value)).collect())
}

fn search(paths: &[&Path], conditions: &[Condition], threads: usize) -> Result<RecordBatch, ArrowError> {
    let paths = paths.iter().map(|path| path.to_path_buf()).collect();
    let search = Search::new(Table::Flows, paths, conditions.to_vec(), &TOLD.map(String::from)).unwrap();
    let found = Found::new(search, |path| File::open(path), threads);
    let schema = arrow_array::RecordBatchReader::schema(&found);
    concat_batches(&schema, &found.collect::<Result<Vec<_>, _>>()?)
}

/// What is to be found in a batch.
fn expected(batch: &Batch, conditions: &[Condition]) -> RecordBatch {
    let records = batch.records();
    let has = |row: usize, name: &str, condition: &Condition| {
        let column = records.column_by_name(name).unwrap();
        let number = match name {
            "src_addr" | "dst_addr" => {
                u128::from_be_bytes(column.as_fixed_size_binary().value(row).try_into().unwrap())
            }
            _ => column.as_primitive::<UInt16Type>().value(row).into(),
        };
        column.is_valid(row) && condition.has(number)
    };
    let is_true = |row, condition: &Condition| condition.columns.iter().any(|name| has(row, name, condition));
    let rows = (0..records.num_rows()).filter(|&row| conditions.iter().all(|condition| is_true(row, condition)));
    let rows = UInt32Array::from_iter_values(rows.map(|row| row as u32));
    let places = TOLD.map(|name| records.schema().index_of(name).unwrap());
    take_record_batch(&records.project(&places).unwrap(), &rows).unwrap()
}

fn assert_alike(found: &RecordBatch, expected: &RecordBatch) {
    assert_eq!(found.num_rows(), expected.num_rows());
    for (place, name) in TOLD.iter().enumerate() {
        let (found, expected) = (found.column(place), expected.column(place));
        if *name == "protocol_version" {
            assert!(found.as_string::<i32>().iter().all(|text| text == Some("ipfix")));
        } else {
            assert!(found == expected, "{name}");
        }
    }
}

/// Conditions of all kinds, for flows of so many hosts.
fn questions(hosts: u64) -> Vec<Vec<Condition>> {
    let host = |number: u64| u128::from(scattered((number % hosts) as usize));
    let either = ["src_addr", "dst_addr"];
    let few = Condition::new(either.map(String::from).to_vec(), vec![(host(1), host(1)), (host(5), host(5) + 9)]);
    vec![
        vec![condition(&either, &[host(3)])],
        vec![condition(&["src_addr"], &[host(4)])],
        vec![condition(&either, &[host(3), host(4), host(9)]), condition(&["src_port", "dst_port"], &[1, 40_000])],
        vec![few, condition(&["src_port"], &[2]), condition(&["dst_addr"], &(0..200).map(host).collect::<Vec<_>>())],
        vec![condition(&either, &[7])],
        vec![condition(&either, &(0..50).map(|number| host(11 * number)).collect::<Vec<_>>())],
    ]
}

#[test]
fn what_conditions_leave_is_found_in_every_form() {
    for (kind, rows, hosts) in
        [("few", 140_000, 400), ("some", 70_000, 20_000), ("many", 70_000, 1 << 40), ("small", 900, 50)]
    {
        let batch = flows(rows, hosts);
        let [quick, dense, foreign] = ["quick", "dense", "foreign"].map(|form| file(&format!("{kind}-{form}")));
        segment::write(Table::Flows, from_ref(&batch), &quick).unwrap();
        segment::merge_files(Table::Flows, Form::Dense, &[&quick], &dense).unwrap();
        write_as_others(&batch, &foreign, WriterVersion::PARQUET_1_0);
        for conditions in questions(hosts) {
            let wanted = expected(&batch, &conditions);
            for path in [&quick, &dense, &foreign] {
                assert_alike(&search(&[path], &conditions, 1).unwrap(), &wanted);
            }
        }
        for path in [quick, dense, foreign] {
            fs::remove_file(path).unwrap();
        }
    }
}

/// Dictionaries that are given up half way, small pages, and either version of them.
fn write_as_others(batch: &Batch, path: &Path, version: WriterVersion) {
    let properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_dictionary_page_size_limit(10_000)
        .set_data_page_row_count_limit(5000)
        .set_max_row_group_row_count(Some(50_000))
        .build();
    let schema = batch.records().schema();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), schema, Some(properties)).unwrap();
    writer.write(batch.records()).unwrap();
    writer.close().unwrap();
}

#[test]
fn pages_that_others_write_are_read_as_ours() {
    let (batch, path) = (flows(60_000, 3000), file("version-2"));
    write_as_others(&batch, &path, WriterVersion::PARQUET_2_0);
    for conditions in questions(3000) {
        assert_alike(&search(&[&path], &conditions, 1).unwrap(), &expected(&batch, &conditions));
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn threads_share_files() {
    let batch = flows(2000, 10);
    let paths: Vec<PathBuf> = (0..9).map(|number| file(&format!("shared-{number}"))).collect();
    for path in &paths {
        segment::write(Table::Flows, from_ref(&batch), path).unwrap();
    }
    let conditions = [condition(&["dst_addr"], &[scattered(1).into()])];
    let all: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let rows = expected(&batch, &conditions).num_rows();
    assert!(rows > 0);
    assert_eq!(search(&all, &conditions, 3).unwrap().num_rows(), 9 * rows);
    assert_eq!(search(&[], &conditions, 3).unwrap().num_rows(), 0);
    for path in paths {
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn whoever_wants_no_more_need_not_wait() {
    let path = file("dropped");
    segment::write(Table::Flows, &[flows(2000, 10)], &path).unwrap();
    let conditions = vec![condition(&["dst_addr"], &[scattered(1).into()])];
    let search = Search::new(Table::Flows, vec![path.clone(); 100], conditions, &["bytes".to_string()]).unwrap();
    let mut found = Found::new(search, |path| File::open(path), 2);
    assert!(found.next().unwrap().is_ok());
    drop(found);
    fs::remove_file(path).unwrap();
}

#[test]
fn what_flows_do_not_have_is_not_searched() {
    let search = |conditions, columns: &[String]| Search::new(Table::Flows, vec![], conditions, columns);
    assert!(search(vec![condition(&["source"], &[1])], &[]).is_err());
    assert!(search(vec![], &["source".to_string()]).is_err());
}

#[test]
fn conditions_may_be_about_columns_that_nobody_asks_for() {
    let (batch, path) = (flows(500, 30), file("unasked"));
    segment::write(Table::Flows, from_ref(&batch), &path).unwrap();
    for conditions in questions(30) {
        let search = Search::new(Table::Flows, vec![path.clone()], conditions.clone(), &["bytes".into()]).unwrap();
        let found = Found::new(search, |path| File::open(path), 1).map(Result::unwrap);
        let rows: usize = found.map(|batch| batch.num_rows()).sum();
        assert_eq!(rows, expected(&batch, &conditions).num_rows());
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn damage_is_told_with_the_name_of_the_file() {
    let (batch, path) = (flows(40_000, 300), file("damaged"));
    segment::write(Table::Flows, from_ref(&batch), &path).unwrap();
    let sound = fs::read(&path).unwrap();
    let conditions = [condition(&["src_addr", "dst_addr"], &[scattered(3).into()])];
    let told = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let source = source::Source::open(&path, |path| File::open(path)).ok()?;
        let search = Search::new(Table::Flows, vec![], conditions.to_vec(), &TOLD.map(String::from)).ok()?;
        let mut row_group = row_group::RowGroup::new(&source, 0).ok()?;
        row_group.search(&search).ok()
    };
    for cut in 1..200 {
        assert!(told(&sound[..sound.len() * cut / 200]).is_none(), "a footer is missing");
    }
    let footer = 20_000;
    for number in 0..1000 {
        let mut bytes = sound.clone();
        let among = if number % 2 == 0 { bytes.len() } else { footer };
        let place = bytes.len() - 1 - scattered(number) as usize % among;
        bytes[place] ^= 1 << (number % 8);
        // It is found out, or another value is read; what matters is that nothing falls over.
        told(&bytes);
    }
    fs::write(&path, &sound[..sound.len() - 1]).unwrap();
    let error = search(&[&path], &conditions, 2).unwrap_err().to_string();
    assert!(error.contains(path.to_str().unwrap()), "{error}");
    fs::remove_file(&path).unwrap();
    assert!(search(&[&path], &conditions, 2).unwrap_err().to_string().contains(path.to_str().unwrap()));
}

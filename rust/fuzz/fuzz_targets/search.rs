//! A segment as we write it, some of whose bytes are others by now, is searched: rows, or a word of damage.
//!
//! The first byte says which form the file has and what is looked for, then each three a place, counted from the end
//! of the file, where the footer is, and the byte that is there.
#![cfg_attr(fuzzing, no_main)]

use std::{
    env, fs,
    fs::File,
    path::{Path, PathBuf},
    process,
    sync::OnceLock,
};

use arrow_array::RecordBatchReader;
use tidegauge_core::{
    batch::{Batch, Table},
    columns::{AnyColumn, FlowColumns},
    schema::Field,
    segment::{
        self, Form,
        search::{Condition, Found, Search},
    },
};

const ROWS: usize = 600;
const HOSTS: u64 = 41;
const TOLD: [&str; 7] = ["received", "start", "src_addr", "dst_addr", "dst_port", "bytes", "user"];

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    let [quick, dense] = FORMS.get_or_init(forms);
    let Some((&head, edits)) = input.split_first() else { return };
    let mut bytes = if head & 1 == 0 { quick.clone() } else { dense.clone() };
    for edit in edits.chunks_exact(3) {
        let place = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % bytes.len();
        let from_begin = bytes.len() - 1 - place;
        bytes[from_begin] = edit[2];
    }
    let path = file("damaged");
    fs::write(&path, &bytes).expect("there is room for a file");
    let conditions = conditions(head >> 1);
    let search =
        Search::new(Table::Flows, vec![path.clone()], conditions, &TOLD.map(String::from)).expect("columns of flows");
    let found = Found::new(search, |path| File::open(path), 1);
    let schema = found.schema();
    let mut rows = 0;
    for batch in found {
        match batch {
            Ok(batch) => {
                assert_eq!(batch.schema(), schema, "rows have the columns that were asked for");
                rows += batch.num_rows();
            }
            Err(error) => assert!(!edits.is_empty(), "a file as it was written is read: {error}"),
        }
    }
    fs::remove_file(path).expect("it was written");
    assert!(!edits.is_empty() || rows > 0, "each search finds something in a file as it was written");
}

static FORMS: OnceLock<[Vec<u8>; 2]> = OnceLock::new();

/// The bytes of a file as a collector writes it, and as one of a day that is over is written.
fn forms() -> [Vec<u8>; 2] {
    #[cfg(fuzzing)]
    heed_panics_of_ours();
    let paths = [file("quick"), file("dense")];
    segment::write(Table::Flows, &[flows()], &paths[0]).expect("flows are written");
    segment::merge_files(Table::Flows, Form::Dense, &[&paths[0]], &paths[1]).expect("a file is joined with none");
    paths.map(|path| {
        let bytes = fs::read(&path).expect("it was written");
        fs::remove_file(path).expect("it was there");
        bytes
    })
}

/// The library takes some of what files say on trust: a search tells its panics as damage. Ours are mistakes.
#[cfg(fuzzing)]
fn heed_panics_of_ours() {
    let abort = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |told| {
        if told.location().is_none_or(|place| !place.file().contains("/registry/")) {
            abort(told);
        }
    }));
}

fn file(name: &str) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_path_buf() } else { env::temp_dir() };
    folder.join(format!("tidegauge-{}-{name}.parquet", process::id()))
}

fn conditions(which: u8) -> Vec<Condition> {
    let of = |columns: &[&str], ranges: &[(u128, u128)]| {
        Condition::new(columns.iter().map(ToString::to_string).collect(), ranges.to_vec())
    };
    let host = host(u64::from(which >> 2));
    let either = of(&["src_addr", "dst_addr"], &[(host, host)]);
    let many = of(&["src_addr"], &[(0, host), (u128::MAX / 2, u128::MAX)]);
    match which & 3 {
        0 => vec![of(&["dst_addr"], &[(host, host)])],
        1 => vec![either, of(&["src_port", "dst_port"], &[(0, 40_000)])],
        2 => vec![many, of(&["dst_port"], &[(0, 50_000), (60_000, 65_535)])],
        _ => vec![of(&["src_port"], &[(1, 1)])],
    }
}

/// One of the addresses; they are spread over all that there are.
fn host(number: u64) -> u128 {
    u128::from(scattered(number % HOSTS)) << 64
}

fn scattered(number: u64) -> u64 {
    (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn flows() -> Batch {
    let mut flows = FlowColumns::default();
    flows.fill_u64(Field::Received, ROWS, 1_790_000_000_000_000_000);
    for row in 0..ROWS {
        let chance = scattered(row as u64);
        for (field, number) in [(Field::SrcAddr, chance >> 7), (Field::DstAddr, row as u64)] {
            let AnyColumn::Address(column) = flows.column(field) else { panic!("a column of addresses") };
            column.extend(row, [(row % 11 > 0).then_some(host(number).to_be_bytes())].into_iter());
        }
        for (field, number) in [(Field::SrcPort, chance >> 30 & 3), (Field::DstPort, chance >> 48)] {
            let AnyColumn::U16(column) = flows.column(field) else { panic!("a column of ports") };
            column.extend(row, [(row % 5 > 0).then_some(number as u16)].into_iter());
        }
        let AnyColumn::Instant(column) = flows.column(Field::Start) else { panic!("a column of instants") };
        column.extend(row, [Some(1_790_000_000_000_000_000 - (chance >> 20) as i64)].into_iter());
        let AnyColumn::U64(column) = flows.column(Field::Bytes) else { panic!("a column of numbers") };
        column.extend(row, [Some(chance >> 40)].into_iter());
        let AnyColumn::Text(column) = flows.column(Field::User) else { panic!("a column of text") };
        column.push((row % 2 == 0).then_some(["ann", "", "bob"][row % 3]));
    }
    flows.end_rows(ROWS);
    flows.take().expect("there are rows")
}

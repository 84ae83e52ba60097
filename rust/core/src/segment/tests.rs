use std::{fs::File, path::PathBuf};

use arrow_array::RecordBatch;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection},
    },
    bloom_filter::Sbbf,
    file::metadata::{PageIndexPolicy, RowGroupMetaData},
};

use super::*;
use crate::{
    columns::{AnyColumn, FlowColumns},
    schema::Field,
    wire::ProtocolVersion,
};

fn batch(rows: usize, first: i64) -> Batch {
    let instants: Vec<u8> = (0..rows as i64).flat_map(|row| (first + row).to_ne_bytes()).collect();
    let bytes: Vec<u8> = (0..rows as u64).flat_map(u64::to_ne_bytes).collect();
    let columns = [("received", instants.clone()), ("start", instants), ("bytes", bytes)];
    Batch::from_buffers(&columns.map(|(name, column)| (name.to_string(), column))).unwrap()
}

fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("tidegauge-{}-{name}.parquet", std::process::id()))
}

fn read(path: &Path) -> (Vec<RecordBatch>, usize) {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let row_groups = builder.metadata().num_row_groups();
    (builder.with_batch_size(1 << 20).build().unwrap().map(Result::unwrap).collect(), row_groups)
}

fn joined(name: &str, form: Form, sizes: &[usize]) -> (SegmentSummary, (usize, usize)) {
    let sources: Vec<PathBuf> = (0..sizes.len()).map(|place| file(&format!("{name}-{place}"))).collect();
    for (place, source) in sources.iter().enumerate() {
        write(Table::Flows, &[batch(sizes[place], 1_000_000 * place as i64)], source).unwrap();
    }
    let target = file(name);
    let paths: Vec<&Path> = sources.iter().map(PathBuf::as_path).collect();
    let summary = merge_files(Table::Flows, form, &paths, &target).unwrap();
    assert_eq!(summary.checksum, checksum(&target).unwrap());
    let (found, row_groups) = read(&target);
    sources.iter().chain([&target]).for_each(|path| std::fs::remove_file(path).unwrap());
    (summary, (found.iter().map(RecordBatch::num_rows).sum(), row_groups))
}

#[test]
fn small_files_become_one_row_group() {
    let (summary, found) = joined("small", Form::Quick, &[10, 20, 30]);
    assert_eq!(found, (60, 1));
    assert_eq!((summary.rows, summary.received), (60, Some((0, 2_000_029))));
}

#[test]
fn large_row_groups_are_copied_with_their_bounds() {
    let (summary, found) = joined("large", Form::Quick, &[40_000, 50_000, 10]);
    assert_eq!(found, (90_010, 3));
    assert_eq!(summary.received, Some((0, 2_000_009)));
    assert_eq!(summary.lifetime, summary.received, "without an end, the arrival bounds a flow");
}

#[test]
fn few_rows_are_packed_with_the_large_row_group_that_follows() {
    let (_, found) = joined("few", Form::Quick, &[40_000, 10, 50_000]);
    assert_eq!(found, (90_010, 2));
    let (_, found) = joined("few-full", Form::Quick, &[10, (1 << 20) - 5, 40_000]);
    assert_eq!(found, ((1 << 20) + 40_005, 3));
}

#[test]
fn dense_row_groups_hold_what_small_and_large_ones_held() {
    let (summary, found) = joined("dense", Form::Dense, &[40_000, 10, 50_000]);
    assert_eq!(found, (90_010, 1));
    assert_eq!(summary.received, Some((0, 2_049_999)));
    let (_, found) = joined("dense-full", Form::Dense, &[600_000, 500_000, 20]);
    assert_eq!(found, (1_100_020, 2));
}

/// What each row group tells of its sources; `None` where it does not.
fn sources_told(path: &Path) -> Vec<Option<Sbbf>> {
    let file = File::open(path).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file.try_clone().unwrap()).unwrap();
    let source = |row_group: &RowGroupMetaData| {
        let mut columns = row_group.columns().iter();
        columns.find(|column| column.column_descr().name() == "src_addr").cloned().unwrap()
    };
    let told = |row_group: &RowGroupMetaData| Sbbf::read_from_column_chunk(&source(row_group), &file).unwrap();
    builder.metadata().row_groups().iter().map(told).collect()
}

#[test]
fn a_row_group_tells_which_addresses_it_holds_and_still_does_when_it_is_copied() {
    let (first, second) = (file("told-1"), file("told-2"));
    write(Table::Flows, &[varied(40_000)], &first).unwrap();
    write(Table::Flows, &[varied(5)], &second).unwrap();
    let target = file("told");
    merge_files(Table::Flows, Form::Quick, &[&first, &second], &target).unwrap();
    let address = |row: u64| u128::from(row.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_be_bytes();
    let of_target = sources_told(&target);
    assert!(matches!(&of_target[..], [Some(_), None]), "a small row group will be packed with others");
    let told = of_target[0].as_ref().unwrap();
    assert!((0..40_000).all(|row| told.check(&address(row)[..])));
    let strangers = (50_000..51_000).filter(|&row| told.check(&address(row)[..])).count();
    assert!(strangers < 60, "{strangers} of a thousand addresses seem to be there");
    for path in [first, second, target] {
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_file_tells_where_its_pages_are_and_still_does_when_it_is_copied() {
    let (first, second, target) = (file("pages-1"), file("pages-2"), file("pages"));
    let batch = varied(40_000);
    write(Table::Flows, &[varied(33_000)], &first).unwrap();
    write(Table::Flows, std::slice::from_ref(&batch), &second).unwrap();
    merge_files(Table::Flows, Form::Quick, &[&first, &second], &target).unwrap();
    for (path, row_group) in [(&second, 0), (&target, 1)] {
        let options = ArrowReaderOptions::default().with_offset_index_policy(PageIndexPolicy::Optional);
        let builder =
            ParquetRecordBatchReaderBuilder::try_new_with_options(File::open(path).unwrap(), options).unwrap();
        let column = builder.schema().index_of("src_as").unwrap();
        let pages = builder.metadata().page_index_for_row_group(row_group);
        let rows =
            |leaf: usize| pages.offset_index(leaf).unwrap().page_locations().iter().map(|page| page.first_row_index);
        assert_eq!(rows(column).collect::<Vec<_>>(), [0, 8192, 16_384, 24_576, 32_768]);
        // A whole page: the library refuses to skip some of differences that are as large as these.
        let wanted = RowSelection::from_consecutive_ranges(std::iter::once(16_384..24_576), 40_000);
        let columns = ["src_as", "src_port", "src_addr", "user"];
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns);
        let builder = builder.with_projection(mask).with_row_groups(vec![row_group]).with_row_selection(wanted);
        let builder = builder.with_batch_size(8192);
        let (found, written) = (builder.build().unwrap().next().unwrap().unwrap(), batch.records().slice(16_384, 8192));
        for name in columns {
            assert!(found.column_by_name(name) == written.column_by_name(name), "{name}");
        }
    }
    for path in [first, second, target] {
        std::fs::remove_file(path).unwrap();
    }
}

/// Columns of every kind and shape: constant, repeating, all different, extreme, with and without nulls.
fn varied(rows: usize) -> Batch {
    let mut flows = FlowColumns::default();
    let scattered = |row: usize| (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    flows.fill_u64(Field::Received, rows, 1_790_000_000_000_000_000);
    flows.fill_address(Field::Exporter, rows, [7; 16]);
    flows.fill_u64(Field::ProtocolVersion, rows, ProtocolVersion::Ipfix as u64);
    for row in 0..rows {
        match flows.column(Field::Bytes) {
            AnyColumn::U64(column) => column.extend(row, [(row % 3 > 0).then(|| scattered(row))].into_iter()),
            _ => unreachable!(),
        }
        match flows.column(Field::SrcAs) {
            AnyColumn::U32(column) => column.extend_valid(row, [scattered(row) as u32].into_iter()),
            _ => unreachable!(),
        }
        match flows.column(Field::SrcPort) {
            AnyColumn::U16(column) => column.extend(row, [(row % 7 < 5).then_some(row as u16 % 9)].into_iter()),
            _ => unreachable!(),
        }
        match flows.column(Field::SrcAddr) {
            AnyColumn::Address(column) => {
                column.extend_valid(row, [u128::from(scattered(row)).to_be_bytes()].into_iter());
            }
            _ => unreachable!(),
        }
        match flows.column(Field::User) {
            AnyColumn::Text(column) => column.push((row % 2 == 0).then_some(["ann", "", "bob"][row % 3])),
            _ => unreachable!(),
        }
        match flows.column(Field::TcpRtt) {
            AnyColumn::I64(column) => column.extend_valid(row, [[i64::MIN, i64::MAX, 0][row % 3]].into_iter()),
            _ => unreachable!(),
        }
    }
    flows.end_rows(rows);
    flows.take().unwrap()
}

fn assert_holds(path: &Path, batches: &[Batch]) {
    let found = read(path).0;
    std::fs::remove_file(path).unwrap();
    let mut first = 0;
    for batch in batches {
        let written = batch.records();
        let found = found[0].slice(first, written.num_rows());
        for (index, field) in written.schema().fields().iter().enumerate() {
            assert!(found.column(index) == written.column(index), "{} of row {first} and on", field.name());
        }
        first += written.num_rows();
    }
    assert_eq!(found[0].num_rows(), first);
}

#[test]
fn what_is_written_is_read_back() {
    for rows in [1, 7, 5_000, 70_001] {
        let path = file(&format!("varied-{rows}"));
        let batches = [varied(rows), batch(3, 0), varied(9)];
        write(Table::Flows, &batches, &path).unwrap();
        assert_holds(&path, &batches);
    }
}

#[test]
fn what_is_written_densely_is_read_back_and_copied_once_it_is_dense() {
    let paths = ["dense-one", "dense-other", "dense-both", "dense-again"].map(file);
    let [one, other, both, again] = paths.each_ref().map(PathBuf::as_path);
    let batches = [varied(70_001), batch(3, 0), varied(9)];
    write(Table::Flows, &batches[..1], one).unwrap();
    write(Table::Flows, &batches[1..], other).unwrap();
    let quick = merge_files(Table::Flows, Form::Quick, &[one, other], again).unwrap();
    let dense = merge_files(Table::Flows, Form::Dense, &[one, other], both).unwrap();
    assert_eq!((quick.rows, quick.received, quick.lifetime), (dense.rows, dense.received, dense.lifetime));
    assert!(dense.file_bytes < quick.file_bytes);
    merge_files(Table::Flows, Form::Dense, &[both], again).unwrap();
    assert_eq!(std::fs::metadata(again).unwrap().len(), dense.file_bytes);
    assert_holds(both, &batches);
    assert_holds(again, &batches);
    for path in [one, other] {
        std::fs::remove_file(path).unwrap();
    }
}

/// Rows whose exporter says the same for `run` rows, arrivals and all.
fn rows_in_runs(rows: usize, run: usize) -> Batch {
    let mut flows = FlowColumns::default();
    for first in (0..rows).step_by(run) {
        let count = run.min(rows - first);
        flows.fill_u64(Field::Received, count, first as u64 * 1_000_003);
        flows.fill_u64(Field::ObservationDomain, count, first as u64 % 7);
        flows.fill_u64(Field::ProtocolVersion, count, ProtocolVersion::ALL[first % 3] as u64);
        flows.fill_address(Field::Exporter, count, [(first % 5) as u8; 16]);
        flows.fill_u64(Field::TemplateId, count, 256);
        flows.end_rows(count);
    }
    flows.take().unwrap()
}

#[test]
fn runs_are_written_as_their_rows_are() {
    for batches in [vec![(70_001, 30)], vec![(50, 1)], vec![(300, 31), (50, 1), (140_000, 997)]] {
        let runs: Vec<Batch> = batches.iter().map(|&(rows, run)| rows_in_runs(rows, run)).collect();
        let rows: Vec<Batch> = runs.iter().map(|batch| Batch::new(Table::Flows, batch.records().clone())).collect();
        let exporters = |batch: &Batch| batch.columns()[Field::Exporter as usize].data_type().clone();
        assert_ne!(exporters(&runs[0]), exporters(&rows[0]));
        assert_eq!(runs[0].records().schema(), Table::Flows.schema());
        let [path, expected] = ["runs", "rows"].map(file);
        write(Table::Flows, &runs, &path).unwrap();
        write(Table::Flows, &rows, &expected).unwrap();
        let bytes = [&path, &expected].map(|path| std::fs::read(path).unwrap());
        assert!(bytes[0] == bytes[1], "{batches:?}");
        for path in [path, expected] {
            std::fs::remove_file(path).unwrap();
        }
    }
}

//! The other side of each flow, in the columns of the flows table.

use arrow_array::{
    ArrayRef, RecordBatch,
    cast::AsArray,
    types::{TimestampNanosecondType, UInt8Type, UInt16Type},
};

use super::Translations;
use crate::{
    address::Address,
    batch::{Batch, Table},
    columns::{AnyColumn, FlowColumns},
    conntrack::Tuple,
    schema::Field,
    time::Instant,
};

/// A flow's ends here and on the other side.
type Ends = (Tuple, Tuple);

/// Write into metered flows what is another on the other side; what is the same there stays absent.
pub fn translated(batch: &Batch, translations: &Translations, clock_offset: Instant) -> Batch {
    let flows = Flows(batch.records());
    let ends: Vec<Option<Ends>> = (0..batch.records().num_rows())
        .map(|row| {
            let here = flows.tuple(row);
            let time = |field| flows.time(field, row).saturating_sub(clock_offset);
            Some((here, translations.find(&here, time(Field::Start), time(Field::End))?))
        })
        .collect();
    if ends.iter().all(Option::is_none) {
        return batch.clone();
    }
    let mut columns = batch.records().columns().to_vec();
    fill(&mut columns, &ends, (Field::NatSrcAddr, Field::NatSrcPort), |ends| (ends.src, ends.src_port));
    fill(&mut columns, &ends, (Field::NatDstAddr, Field::NatDstPort), |ends| (ends.dst, ends.dst_port));
    let records = RecordBatch::try_new(Table::Flows.schema(), columns).expect("columns have the table's types");
    Batch::new(Table::Flows, records)
}

fn fill(
    columns: &mut [ArrayRef],
    ends: &[Option<Ends>],
    (address, port): (Field, Field),
    side: impl Fn(&Tuple) -> (Address, u16),
) {
    let changed = |ends: &Option<Ends>| ends.filter(|(here, there)| side(here) != side(there)).map(|(_, there)| there);
    let mut filled = FlowColumns::default();
    match filled.column(address) {
        AnyColumn::Address(column) => {
            column.extend(0, ends.iter().map(|ends| changed(ends).map(|there| side(&there).0)));
        }
        _ => unreachable!("{address:?} is not an address column"),
    }
    let port_of = |there: Tuple| there.has_ports().then_some(side(&there).1);
    match filled.column(port) {
        AnyColumn::U16(column) => column.extend(0, ends.iter().map(|ends| changed(ends).and_then(port_of))),
        _ => unreachable!("{port:?} is not a 16-bit column"),
    }
    for field in [address, port] {
        columns[field as usize] = filled.column(field).take(ends.len());
    }
}

/// Rows of a meter: each has its ends and times.
struct Flows<'a>(&'a RecordBatch);

impl Flows<'_> {
    fn column(&self, field: Field) -> &ArrayRef {
        self.0.column(field as usize)
    }

    fn tuple(&self, row: usize) -> Tuple {
        let address = |field| {
            let value = self.column(field).as_fixed_size_binary().value(row);
            value.try_into().expect("addresses have 16 bytes")
        };
        let port = |field| self.column(field).as_primitive::<UInt16Type>().value(row);
        Tuple {
            src: address(Field::SrcAddr),
            dst: address(Field::DstAddr),
            src_port: port(Field::SrcPort),
            dst_port: port(Field::DstPort),
            protocol: self.column(Field::Protocol).as_primitive::<UInt8Type>().value(row),
        }
        .normalised()
    }

    fn time(&self, field: Field, row: usize) -> Instant {
        self.column(field).as_primitive::<TimestampNanosecondType>().value(row)
    }
}

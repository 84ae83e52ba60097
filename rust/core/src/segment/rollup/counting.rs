//! Flows counted, batch by batch, into the groups of all tables.

use std::io;

use arrow_array::{
    Array, PrimitiveArray, RecordBatch,
    cast::AsArray,
    types::{TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type},
};
use arrow_schema::DataType;

use super::{
    TABLES, Values,
    groups::{Groups, Sums},
    life::{HOUR, Life},
    points::{Places, Points},
};
use crate::{
    address::Address,
    segment::{
        dictionary::Dictionary,
        reading::{column, named, stranger, value},
    },
    time::MINUTE,
};

/// Flows that live so long that they come to more pieces than this are not rolled up.
const HOURS_A_FLOW: usize = 3;
/// As many pieces for each of few flows do no harm.
const SPARE_PIECES: usize = 1 << 16;
const MINUTES_A_FLOW: usize = 16;
const MINUTES: usize = 0;
const EXPORTER: usize = 1;
/// The columns of rollups that count flows, as `Sums` has them.
const FLOWS: [&str; 4] = ["begun", "entered", "clamped_begun", "clamped_entered"];

/// Whether flows can be rolled up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// These can.
    Counted,
    /// These cannot: a record of both directions, one without any time, or lives that are too long.
    Unsuitable,
}

/// A flow, or the part of it that lived in one hour.
struct Piece {
    row: u32,
    place: u32,
    sums: Sums,
}

/// What is counted so far.
pub struct Counting {
    flows: usize,
    /// Observation points by number.
    pub points: Points,
    /// Minutes and hours at the points, by number.
    pub places: [Places; 2],
    /// Addresses by number.
    pub addresses: Dictionary<Address>,
    /// The groups of each table.
    pub groups: Vec<Groups>,
    pieces: Vec<Piece>,
    counted: [usize; 2],
    /// Begin of the first life and end of the last.
    pub lives: Option<(i64, i64)>,
    /// Lowest and highest direction.
    pub directions: Option<(u8, u8)>,
    /// What all flows come to, in bytes and packets.
    pub sums: [u64; 2],
}

impl Counting {
    /// Nothing yet, of so many flows.
    pub fn new(flows: usize) -> Self {
        Self {
            flows,
            points: Points::default(),
            places: [Places::new(), Places::new()],
            addresses: Dictionary::new(),
            groups: TABLES.iter().map(|_| Groups::new(flows)).collect(),
            pieces: Vec::new(),
            counted: [0; 2],
            lives: None,
            directions: None,
            sums: [0; 2],
        }
    }

    /// Whether all flows come to more than a reader expects.
    pub fn is_over(&self) -> bool {
        self.sums.iter().any(|&sum| sum > i64::MAX as u64)
    }

    /// Count flows.
    pub fn add(&mut self, records: &RecordBatch) -> io::Result<Outcome> {
        let is_null = |name| named(records, name).map(|array| array.null_count() == array.len());
        if self.flows > u32::MAX as usize || !is_null("reverse_bytes")? || !is_null("reverse_packets")? {
            return Ok(Outcome::Unsuitable);
        }
        for direction in column::<UInt8Type>(records, "direction")?.iter().flatten() {
            let (low, high) = self.directions.unwrap_or((direction, direction));
            self.directions = Some((low.min(direction), high.max(direction)));
        }
        if !self.cut(records)? || self.counted[1] > HOURS_A_FLOW * self.flows + SPARE_PIECES {
            return Ok(Outcome::Unsuitable);
        }
        for piece in &self.pieces {
            for (sum, more) in self.sums.iter_mut().zip(piece.sums.counters) {
                *sum = sum.saturating_add(more);
            }
        }
        for (number, (name, values)) in TABLES.iter().enumerate() {
            if number != MINUTES && !self.groups[number].is_over {
                let values = numbered(self, records, name, *values)?;
                self.group(number, &values);
            }
        }
        if self.counted[0] > MINUTES_A_FLOW * self.flows + SPARE_PIECES {
            self.groups[MINUTES].give_up();
        }
        self.groups.iter_mut().for_each(Groups::limit);
        Ok(Outcome::Counted)
    }

    /// Count what rows of rollups tell; returns the tables that they are of, a bit for each.
    pub fn add_rolled(&mut self, records: &RecordBatch) -> io::Result<u32> {
        let parts = column::<UInt8Type>(records, "part")?;
        let [stretches, domains] = ["stretch", "observation_domain"].map(|name| column::<UInt32Type>(records, name));
        let (stretches, domains) = (stretches?, domains?);
        let exporters = named(records, "exporter")?.as_fixed_size_binary_opt().ok_or_else(|| stranger("exporter"))?;
        let [high, low] = ["high", "low"].map(|name| column::<UInt64Type>(records, name));
        let (high, low) = (high?, low?);
        let [bytes, packets] = ["bytes", "packets"].map(|name| column::<UInt64Type>(records, name));
        let counters = [bytes?, packets?];
        let mut flows = Vec::with_capacity(FLOWS.len());
        for name in FLOWS {
            flows.push(column::<UInt32Type>(records, name)?);
        }
        let mut seen = 0;
        for row in 0..records.num_rows() {
            let table = usize::from(parts.value(row));
            let (_, values) = TABLES.get(table).ok_or_else(|| stranger("part"))?;
            seen |= 1 << table;
            let exporter = exporters.is_valid(row).then(|| exporters.value(row).try_into());
            let exporter = exporter.transpose().map_err(|_| stranger("exporter"))?;
            let point = self.points.number((exporter, value(domains, row)));
            let place = self.places[usize::from(table != MINUTES)].number(stretches.value(row), point);
            let number = match values {
                Values::Address => value(high, row).zip(value(low, row)).map_or(0, |(high, low)| {
                    let address = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
                    u64::from(self.addresses.number(address)) + 1
                }),
                _ => value(low, row).map_or(0, |low| low + 1),
            };
            let told = counters.map(|counter| value(counter, row));
            let sums = Sums {
                counters: told.map(Option::unwrap_or_default),
                flows: std::array::from_fn(|which| flows[which].value(row)),
                has: told.map(|counter| counter.is_some()),
            };
            if table == EXPORTER {
                for (sum, more) in self.sums.iter_mut().zip(sums.counters) {
                    *sum = sum.saturating_add(more);
                }
            }
            if !self.groups[table].is_over {
                self.groups[table].add(place, number, &sums);
            }
        }
        self.groups.iter_mut().for_each(Groups::limit);
        Ok(seen)
    }

    /// Count the pieces of a batch in the table of a field, of which each row has one value.
    fn group(&mut self, table: usize, values: &[u64]) {
        let groups = &mut self.groups[table];
        for piece in &self.pieces {
            groups.add(piece.place, values[piece.row as usize], &piece.sums);
        }
    }

    /// Cut flows at full hours into pieces, and count them by minute; false where one has no place in time.
    fn cut(&mut self, records: &RecordBatch) -> io::Result<bool> {
        let [received, start, end] =
            ["received", "start", "end"].map(|name| column::<TimestampNanosecondType>(records, name));
        let (received, start, end) = (received?, start?, end?);
        let exporters = named(records, "exporter")?.as_fixed_size_binary_opt().ok_or_else(|| stranger("exporter"))?;
        let domains = column::<UInt32Type>(records, "observation_domain")?;
        let [bytes, packets] = ["bytes", "packets"].map(|name| column::<UInt64Type>(records, name));
        let (bytes, packets) = (bytes?, packets?);
        self.pieces.clear();
        for row in 0..records.num_rows() {
            let (received, start, end) = (value(received, row), value(start, row), value(end, row));
            let begun = start.or(end).or(received);
            let Some(life) = begun.zip(end.or(start).or(received)).and_then(|(start, end)| Life::of(start, end)) else {
                return Ok(false);
            };
            if received.is_some_and(|received| received < 0) {
                return Ok(false);
            }
            let exporter = exporters.is_valid(row).then(|| exporters.value(row).try_into());
            let exporter = exporter.transpose().map_err(|_| stranger("exporter"))?;
            let flow = Flow {
                row: row as u32,
                point: self.points.number((exporter, value(domains, row))),
                life,
                counters: [value(bytes, row), value(packets, row)],
            };
            let (first, last) = self.lives.unwrap_or((life.from, life.to));
            self.lives = Some((first.min(life.from), last.max(life.to)));
            self.place(&flow);
        }
        Ok(true)
    }

    fn place(&mut self, flow: &Flow) {
        let [minutes, hours] = &mut self.places;
        let groups = &mut self.groups[MINUTES];
        if !groups.is_over {
            self.counted[0] += flow.pieces(MINUTE, |minute, sums| {
                let is_touched = sums.flows[0] == 0 && i64::from(minute) * MINUTE == flow.life.to;
                groups.add(minutes.number(minute, flow.point), u64::from(is_touched), &sums);
            });
        }
        let pieces = &mut self.pieces;
        self.counted[1] += flow.pieces(HOUR, |hour, sums| {
            pieces.push(Piece { row: flow.row, place: hours.number(hour, flow.point), sums });
        });
    }
}

struct Flow {
    row: u32,
    point: u32,
    life: Life,
    counters: [Option<u64>; 2],
}

impl Flow {
    /// Give `take` each stretch of `span` nanoseconds that the flow touches, with its part of the counters.
    #[inline]
    fn pieces(&self, span: i64, mut take: impl FnMut(u32, Sums)) -> usize {
        let (first, last) = self.life.stretches(span);
        let clamped = u32::from(self.life.is_clamped);
        let mut sums = Sums {
            counters: self.counters.map(Option::unwrap_or_default),
            flows: [1, 0, clamped, 0],
            has: self.counters.map(|counter| counter.is_some()),
        };
        if first == last {
            take(first, sums);
            return 1;
        }
        let whole = sums.counters;
        let mut passed = [0, 0];
        for stretch in first..=last {
            let until = ((i64::from(stretch) + 1) * span).min(self.life.to);
            let by_then = whole.map(|counter| self.life.before(counter, until));
            sums.counters = [by_then[0] - passed[0], by_then[1] - passed[1]];
            take(stretch, sums);
            passed = by_then;
            sums.flows = [0, 1, 0, clamped];
        }
        (last - first) as usize + 1
    }
}

/// The values of a field as numbers, 0 for none.
fn numbered(counting: &mut Counting, records: &RecordBatch, name: &str, values: Values) -> io::Result<Vec<u64>> {
    let rows = records.num_rows();
    let array = match values {
        Values::Nothing | Values::Touch => return Ok(vec![0; rows]),
        _ => named(records, name)?,
    };
    if array.null_count() == rows {
        return Ok(vec![0; rows]);
    }
    Ok(match values {
        Values::Nothing | Values::Touch => unreachable!("they have no column"),
        Values::Arrival => {
            let received = column::<TimestampNanosecondType>(records, name)?;
            received.iter().map(|instant| instant.map_or(0, arrival_number)).collect()
        }
        Values::Address => {
            let array = array.as_fixed_size_binary_opt().ok_or_else(|| stranger(name))?;
            let (addresses, _) = array.value_data().as_chunks::<16>();
            let number =
                |row| if array.is_valid(row) { u64::from(counting.addresses.number(addresses[row])) + 1 } else { 0 };
            (0..rows).map(number).collect()
        }
        Values::Number => match array.data_type() {
            DataType::UInt8 => plus_one(column::<UInt8Type>(records, name)?),
            DataType::UInt16 => plus_one(column::<UInt16Type>(records, name)?),
            _ => plus_one(column::<UInt32Type>(records, name)?),
        },
    })
}

/// The minute of an arrival as the value of a group.
fn arrival_number(received: i64) -> u64 {
    u64::from((received / MINUTE).clamp(0, i64::from(u32::MAX)) as u32) + 1
}

fn plus_one<T: arrow_array::ArrowPrimitiveType>(array: &PrimitiveArray<T>) -> Vec<u64>
where
    T::Native: Into<u64>,
{
    if array.null_count() == 0 {
        return array.values().iter().map(|&number| number.into() + 1).collect();
    }
    array.iter().map(|number| number.map_or(0, |number| number.into() + 1)).collect()
}

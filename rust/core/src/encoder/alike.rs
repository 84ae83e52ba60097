//! Columns that often have the same value: it is told once, by an element that speaks for all of them.
//!
//! Of one round trip that was measured the shortest is the mean and the longest, and where nothing went wrong, everything that
//! might have went wrong as often.

use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{Int64Type, UInt32Type, UInt64Type},
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::DataType;

use super::{
    element::{EACH_MISHAP, Element, RECEIVER_ROUND_TRIP, REVERSE_EACH_MISHAP, REVERSE_RECEIVER_ROUND_TRIP},
    source::Source,
};
use crate::schema::{FIELDS, Field};

/// Columns, and the element that tells of all of them; it stands where the narrowest of them does.
type Group = (Element, &'static [Field]);

const GROUPS: [Group; 4] = [
    (RECEIVER_ROUND_TRIP, &[Field::ReceiverRttMin, Field::ReceiverRttMean, Field::ReceiverRttMax]),
    (
        EACH_MISHAP,
        &[Field::Retransmits, Field::SpuriousRetransmits, Field::LateFills, Field::Reordered, Field::ZeroWindows],
    ),
    (
        REVERSE_RECEIVER_ROUND_TRIP,
        &[Field::ReverseReceiverRttMin, Field::ReverseReceiverRttMean, Field::ReverseReceiverRttMax],
    ),
    (
        REVERSE_EACH_MISHAP,
        &[
            Field::ReverseRetransmits,
            Field::ReverseSpuriousRetransmits,
            Field::ReverseLateFills,
            Field::ReverseReordered,
            Field::ReverseZeroWindows,
        ],
    ),
];

/// What a batch need not tell column by column.
pub struct Alike {
    /// Rows in which all columns of a group have the same value.
    groups: [Option<BooleanBuffer>; GROUPS.len()],
    /// Rows in which the handshake's round trip is the sum of its parts, as whoever is told them knows.
    sums: Option<BooleanBuffer>,
}

impl Alike {
    /// Look at a batch.
    pub fn of(batch: &RecordBatch) -> Self {
        Self { groups: GROUPS.map(|(_, fields)| rows_alike(batch, fields)), sums: rows_of_sums(batch) }
    }

    /// The rows of a column that travel as an element; `None` when none does.
    pub fn told<'a>(&self, source: Source<'a>, field: Field, element: Element) -> Option<Source<'a>> {
        let (of_all, alike) = match GROUPS.iter().position(|(_, fields)| fields.contains(&field)) {
            Some(group) => (Some(GROUPS[group].0), self.groups[group].as_ref()),
            None if field == Field::TcpRtt => (None, self.sums.as_ref()),
            None => return Some(source),
        };
        match (of_all == Some(element), alike) {
            (true, alike) => source.only(&NullBuffer::new(alike?.clone())),
            (false, None) => Some(source),
            (false, Some(alike)) => source.only(&NullBuffer::new(!alike)),
        }
    }
}

fn rows_alike(batch: &RecordBatch, fields: &[Field]) -> Option<BooleanBuffer> {
    let (known, columns) = columns(batch, fields)?;
    let (first, others) = columns.split_first()?;
    some(others.iter().fold(known, |rows, other| first.rows_like(other, rows)))
}

fn rows_of_sums(batch: &RecordBatch) -> Option<BooleanBuffer> {
    let (known, columns) = columns(batch, &[Field::TcpRtt, Field::TcpRttServer, Field::TcpRttClient])?;
    let [Amounts::Signed(whole), Amounts::Signed(server), Amounts::Signed(client)] = columns[..] else { return None };
    let parts = server.iter().zip(client);
    // What is negative does not arrive.
    some(narrow(
        known,
        whole.iter().zip(parts).map(|(&whole, (&server, &client))| {
            server >= 0 && client >= 0 && server.checked_add(client) == Some(whole)
        }),
    ))
}

/// Columns of numbers, and in which rows all of them are known.
fn columns<'a>(batch: &'a RecordBatch, fields: &[Field]) -> Option<(BooleanBuffer, Vec<Amounts<'a>>)> {
    let arrays = fields.iter().map(|&field| batch.column_by_name(FIELDS[field as usize].1));
    let arrays: Vec<_> = arrays.collect::<Option<_>>()?;
    let known = arrays.iter().fold(None, |nulls, array| NullBuffer::union(nulls.as_ref(), array.nulls()));
    let known = known.map_or_else(|| BooleanBuffer::new_set(batch.num_rows()), NullBuffer::into_inner);
    Some((some(known)?, arrays.into_iter().map(|array| Amounts::of(array)).collect()))
}

fn some(rows: BooleanBuffer) -> Option<BooleanBuffer> {
    (rows.count_set_bits() > 0).then_some(rows)
}

/// Those of the rows whose values are alike: mostly all, which is found out faster than which.
fn narrow(rows: BooleanBuffer, are_alike: impl Iterator<Item = bool> + Clone) -> BooleanBuffer {
    if are_alike.clone().fold(true, |all, is_alike| all & is_alike) {
        return rows;
    }
    let mut are_alike = are_alike;
    &rows & &BooleanBuffer::collect_bool(rows.len(), |_| are_alike.next().unwrap_or_default())
}

/// Row by row, whether two columns have the same.
fn equals<A: Copy + PartialEq, B: Copy + Into<A>>(one: &[A], another: &[B]) -> impl Iterator<Item = bool> + Clone {
    one.iter().zip(another).map(|(&one, &another)| one == another.into())
}

/// The values of a column, any where there is none.
enum Amounts<'a> {
    Narrow(&'a [u32]),
    Wide(&'a [u64]),
    Signed(&'a [i64]),
}

impl<'a> Amounts<'a> {
    fn of(array: &'a dyn Array) -> Self {
        match array.data_type() {
            DataType::UInt32 => Self::Narrow(array.as_primitive::<UInt32Type>().values()),
            DataType::UInt64 => Self::Wide(array.as_primitive::<UInt64Type>().values()),
            _ => Self::Signed(array.as_primitive::<Int64Type>().values()),
        }
    }

    /// Those of the rows in which another column has the same.
    fn rows_like(&self, other: &Self, rows: BooleanBuffer) -> BooleanBuffer {
        match (self, other) {
            (Self::Narrow(one), Self::Narrow(another)) => narrow(rows, equals(one, another)),
            (Self::Wide(one), Self::Wide(another)) => narrow(rows, equals(one, another)),
            // Durations seldom are all alike, so that is not asked first.
            (Self::Signed(one), Self::Signed(another)) => {
                &rows & &BooleanBuffer::collect_bool(rows.len(), |row| one[row] == another[row])
            }
            (Self::Wide(one), Self::Narrow(another)) => narrow(rows, equals(one, another)),
            _ => BooleanBuffer::new_unset(rows.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Encoder,
            tests::{BOOT, EXPORT, Number, Value, assert_arrives, batch, parse},
        },
        *,
    };
    use crate::{application::OWN_ENTERPRISE, wire::ProtocolVersion};

    type Row = Vec<(Field, Value<'static>)>;

    const ROUND_TRIPS: [Field; 3] = [Field::ReceiverRttMin, Field::ReceiverRttMean, Field::ReceiverRttMax];
    const HANDSHAKE: [Field; 3] = [Field::TcpRtt, Field::TcpRttServer, Field::TcpRttClient];
    const MISHAPS: [Field; 5] =
        [Field::Retransmits, Field::SpuriousRetransmits, Field::LateFills, Field::Reordered, Field::ZeroWindows];

    fn row<const N: usize>(fields: [Field; N], values: [u64; N]) -> Row {
        fields.into_iter().zip(values.map(Number)).collect()
    }

    /// Numbers of our own elements that go on the wire as these rows do, by template; all of them have to arrive.
    fn told(rows: &[Row]) -> Vec<Vec<u16>> {
        let rows: Vec<Row> = rows.iter().map(|row| with_packets(row)).collect();
        let batch = batch(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
        for version in [ProtocolVersion::NetflowV9, ProtocolVersion::Ipfix] {
            assert_arrives(&batch, version, EXPORT, HANDSHAKE.into_iter().chain(ROUND_TRIPS).chain(MISHAPS));
        }
        let datagrams = Encoder::new(ProtocolVersion::Ipfix, 0, BOOT, 1400).encode(&batch, EXPORT);
        let own = |fields: &[(u32, u16, u16)]| {
            fields.iter().filter(|field| field.0 == OWN_ENTERPRISE).map(|field| field.1).collect()
        };
        parse(&datagrams[0]).0.iter().map(|(_, fields)| own(fields)).collect()
    }

    fn with_packets(row: &Row) -> Row {
        let number = |value: &Value| if let Number(number) = value { Number(*number) } else { unreachable!() };
        row.iter().map(|(field, value)| (*field, number(value))).chain([(Field::Packets, Number(1))]).collect()
    }

    #[test]
    fn what_several_columns_have_alike_is_told_once() {
        let calm = || row(MISHAPS, [0; 5]).into_iter().chain(row(ROUND_TRIPS, [9; 3])).collect::<Row>();
        assert_eq!(told(&[calm(), calm()]), [[26, 27]]);
        assert_eq!(told(&[row(MISHAPS, [3; 5])]), [[27]], "whatever it is");
    }

    #[test]
    fn rows_that_have_them_otherwise_tell_each() {
        let rows = [row(ROUND_TRIPS, [9, 9, 9]), row(ROUND_TRIPS, [8, 9, 9]), row(ROUND_TRIPS, [9, 9, 10])];
        assert_eq!(told(&rows), [vec![26], vec![6, 7, 8]]);
        let rows = [row(MISHAPS, [1, 0, 0, 0, 0]), row(MISHAPS, [0; 5])];
        assert_eq!(told(&rows), [vec![9, 10, 11, 12, 13], vec![27]]);
    }

    #[test]
    fn what_is_not_known_is_not_told_by_the_others() {
        let rows = [row(ROUND_TRIPS, [9; 3]), row([Field::ReceiverRttMin, Field::ReceiverRttMean], [9; 2])];
        assert_eq!(told(&rows), [vec![26], vec![6, 7]]);
        assert_eq!(told(&[row([Field::Reordered], [0])]), [[12]]);
    }

    #[test]
    fn a_sum_is_told_where_it_is_another() {
        assert_eq!(told(&[row(HANDSHAKE, [7, 3, 4])]), [[4, 5]]);
        assert_eq!(told(&[row(HANDSHAKE, [7, 3, 4]), row(HANDSHAKE, [8, 3, 4])]), [vec![4, 5], vec![3, 4, 5]]);
        assert_eq!(told(&[row([Field::TcpRtt], [7])]), [[3]]);
        assert_eq!(told(&[row([Field::TcpRttServer], [7])]), [[4]], "half of it is no sum");
    }

    #[test]
    fn a_sum_is_told_where_a_part_of_it_does_not_arrive() {
        let batch = batch(&[&row(HANDSHAKE, [7, u64::MAX, 8])]);
        let datagrams = Encoder::new(ProtocolVersion::Ipfix, 0, BOOT, 1400).encode(&batch, EXPORT);
        assert_eq!(parse(&datagrams[0]).0[0].1.iter().map(|field| field.1).collect::<Vec<_>>(), [3, 4, 5]);
    }

    #[test]
    fn the_way_back_has_elements_of_its_own() {
        let back = [Field::ReverseReceiverRttMin, Field::ReverseReceiverRttMean, Field::ReverseReceiverRttMax];
        assert_eq!(told(&[row(ROUND_TRIPS, [9; 3]).into_iter().chain(row(back, [5; 3])).collect()]), [[26, 28]]);
    }
}

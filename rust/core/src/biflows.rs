//! Both directions of a conversation in one record (RFC 5103).
//!
//! The meter counts each direction by itself, and they end one shortly after the other. So a flow that is over waits
//! for the other direction, for as long as a silence would have to last; when that has ended too, both become one row, from
//! the first packet of either to the last. Who waits in vain goes alone: a record of one direction is as good.

use std::{collections::HashMap, sync::Arc};

use arrow_array::{
    Array, ArrayRef, RecordBatch, TimestampNanosecondArray, UInt8Array,
    cast::AsArray,
    new_null_array,
    types::{TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type},
};
use arrow_select::interleave::interleave;

use crate::{
    address::Address,
    batch::{Batch, Table},
    schema::{FIELDS, Field},
    time::Instant,
};

const TCP: u8 = 6;
const UDP: u8 = 17;
const SYN: u16 = 0x02;
/// Ports below this are servers'.
const WELL_KNOWN: u16 = 1024;
/// biflowDirection (RFC 5103, section 6.3): the source is who began, as far as the meter can tell.
const INITIATOR: u8 = 1;
/// Columns that tell of the other direction what the same flow's row would have told in another column.
const TURNED: [(Field, Field); 12] = [
    (Field::ReversePackets, Field::Packets),
    (Field::ReverseBytes, Field::Bytes),
    (Field::ReverseTcpFlags, Field::TcpFlags),
    (Field::ReverseTos, Field::Tos),
    (Field::ReverseReceiverRttMin, Field::ReceiverRttMin),
    (Field::ReverseReceiverRttMean, Field::ReceiverRttMean),
    (Field::ReverseReceiverRttMax, Field::ReceiverRttMax),
    (Field::ReverseRetransmits, Field::Retransmits),
    (Field::ReverseSpuriousRetransmits, Field::SpuriousRetransmits),
    (Field::ReverseLateFills, Field::LateFills),
    (Field::ReverseReordered, Field::Reordered),
    (Field::ReverseZeroWindows, Field::ZeroWindows),
];

/// Where a row is: which batch, and which row of it.
type Place = (usize, usize);

/// One end of a flow.
type End = (Address, u16);

/// What both directions of a conversation have in common at one point of observation: both ends in order, protocol,
/// VLAN and interface.
type Conversation = (End, End, u8, Option<u16>, Option<u32>);

/// Joins flows that are over with those of the other direction.
pub struct Biflows {
    /// How long a flow waits, by the time of the flows.
    patience: Instant,
    /// Flows that wait at most.
    maximum_flows: usize,
    waiting: Option<RecordBatch>,
}

/// A flow that is over.
#[derive(Clone, Copy)]
struct Half {
    place: Place,
    src: End,
    dst: End,
    start: Instant,
    end: Instant,
    began: bool,
    /// Which way it passed the interface, where that is known.
    direction: Option<u8>,
}

impl Biflows {
    /// `patience` should be the meter's idle timeout: in that time the other direction ends as well, or is another's.
    pub fn new(patience: Instant, maximum_flows: usize) -> Self {
        Self { patience, maximum_flows, waiting: None }
    }

    /// Join flows of the table `flows` with each other and with those that wait; others stay as they are. Time is `now`:
    /// at [`Instant::MAX`] nobody waits any longer.
    pub fn join(&mut self, batches: Vec<Batch>, now: Instant) -> Vec<Batch> {
        let (flows, mut joined): (Vec<_>, Vec<_>) =
            batches.into_iter().partition(|batch| batch.table() == Table::Flows);
        let batches: Vec<RecordBatch> =
            self.waiting.take().into_iter().chain(flows.into_iter().map(|batch| batch.records().clone())).collect();
        let (rows, waiting) = self.pair(&batches, now);
        joined.extend(joined_rows(&batches, &rows).map(|records| Batch::new(Table::Flows, records)));
        let waiting: Vec<_> = waiting.into_iter().map(|place| (place, None)).collect();
        self.waiting = joined_rows(&batches, &waiting);
        joined
    }

    /// Rows to send, with the other direction where it is there; and the rows that wait.
    fn pair(&self, batches: &[RecordBatch], now: Instant) -> (Vec<(Place, Option<Place>)>, Vec<Place>) {
        let mut sent = Vec::new();
        let mut open: HashMap<Conversation, Vec<Half>> = HashMap::new();
        for (number, batch) in batches.iter().enumerate() {
            let columns = Columns(batch);
            for row in 0..batch.num_rows() {
                let place = (number, row);
                let Some((conversation, half)) = columns.half(place) else {
                    sent.push((place, None));
                    continue;
                };
                let halves = open.entry(conversation).or_default();
                if let Some(other) = half.take_answer(halves, self.patience) {
                    sent.push(joined(other, half));
                } else {
                    // Of records in a row the earlier has waited long enough.
                    let earlier = halves.extract_if(.., |other| other.is_of_same_flow(&half));
                    sent.extend(earlier.map(|earlier| (earlier.place, None)));
                    halves.push(half);
                }
            }
        }
        let mut waiting: Vec<_> = open.into_values().flatten().collect();
        waiting.sort_unstable_by_key(|half| half.place);
        let too_many = waiting.len().saturating_sub(self.maximum_flows);
        let is_over =
            |(number, half): &(usize, Half)| *number < too_many || half.end.saturating_add(self.patience) <= now;
        let (alone, kept): (Vec<_>, Vec<_>) = waiting.into_iter().enumerate().partition(is_over);
        sent.extend(alone.into_iter().map(|(_, half)| (half.place, None)));
        (sent, kept.into_iter().map(|(_, half)| half.place).collect())
    }
}

impl Half {
    /// Take the half that this one answers. Where frames come in and leave at one interface, as on the loopback, it is
    /// the one that went the other way there; at a tap all come in.
    fn take_answer(&self, halves: &mut Vec<Self>, patience: Instant) -> Option<Self> {
        let answered = |other: &Self| self.answers(other, patience);
        let turned = halves.iter().position(|other| answered(other) && other.direction != self.direction);
        let place = turned.or_else(|| halves.iter().position(answered))?;
        Some(halves.swap_remove(place))
    }

    /// Whether it is another record of the same flow.
    fn is_of_same_flow(&self, other: &Self) -> bool {
        (self.src, self.dst, self.direction) == (other.src, other.dst, other.direction)
    }

    /// Whether this is the other direction, of the same time.
    fn answers(&self, other: &Self, patience: Instant) -> bool {
        let is_turned = (self.src, self.dst) == (other.dst, other.src);
        is_turned && self.start.max(other.start).saturating_sub(self.end.min(other.end)) <= patience
    }

    /// Whether it began the conversation, rather than the other: where a connection was opened, who was first; else who
    /// asks a server; else who was first.
    fn is_before(&self, other: &Self) -> bool {
        let by_time = (self.start, other.dst.1) < (other.start, self.dst.1);
        let is_of_server = |half: &Self| half.src.1 < WELL_KNOWN;
        if self.began || other.began || is_of_server(self) == is_of_server(other) {
            return by_time;
        }
        is_of_server(other)
    }
}

fn joined(one: Half, other: Half) -> (Place, Option<Place>) {
    let (first, second) = if one.is_before(&other) { (one, other) } else { (other, one) };
    (first.place, Some(second.place))
}

/// Columns that tell flows apart.
struct Columns<'a>(&'a RecordBatch);

impl Columns<'_> {
    /// A flow that another direction may belong to; `None` for what has none.
    fn half(&self, place: Place) -> Option<(Conversation, Half)> {
        let row = place.1;
        let protocol = self.array(Field::Protocol).as_primitive::<UInt8Type>();
        let (is_counted, protocol) = (self.array(Field::Packets).is_valid(row), protocol.value(row));
        if !is_counted || !matches!(protocol, TCP | UDP) {
            return None;
        }
        let src = self.end(Field::SrcAddr, Field::SrcPort, row);
        let dst = self.end(Field::DstAddr, Field::DstPort, row);
        let vlan = self.array(Field::Vlan).as_primitive::<UInt16Type>();
        let interface = [Field::InInterface, Field::OutInterface].into_iter().find_map(|field| {
            let column = self.array(field).as_primitive::<UInt32Type>();
            column.is_valid(row).then(|| column.value(row))
        });
        let conversation =
            (src.min(dst), src.max(dst), protocol, vlan.is_valid(row).then(|| vlan.value(row)), interface);
        let flags = self.array(Field::TcpFlags).as_primitive::<UInt16Type>();
        let began = flags.is_valid(row) && flags.value(row) & SYN != 0;
        let (start, end) = (self.time(Field::Start, row), self.time(Field::End, row));
        let direction = self.array(Field::Direction).as_primitive::<UInt8Type>();
        let direction = direction.is_valid(row).then(|| direction.value(row));
        Some((conversation, Half { place, src, dst, start, end, began, direction }))
    }

    fn array(&self, field: Field) -> &ArrayRef {
        self.0.column(field as usize)
    }

    fn end(&self, address: Field, port: Field, row: usize) -> End {
        let address = self.array(address).as_fixed_size_binary().value(row);
        (address.try_into().unwrap_or_default(), self.array(port).as_primitive::<UInt16Type>().value(row))
    }

    fn time(&self, field: Field, row: usize) -> Instant {
        self.array(field).as_primitive::<TimestampNanosecondType>().value(row)
    }
}

/// The rows at these places, each with what the other direction tells; `None` where there are none.
fn joined_rows(batches: &[RecordBatch], rows: &[(Place, Option<Place>)]) -> Option<RecordBatch> {
    if rows.is_empty() {
        return None;
    }
    let column = |field: Field| {
        let places: Vec<Place> = rows.iter().map(|(place, _)| *place).collect();
        gathered(batches, field, &places)
    };
    // Behind all batches lies a row of nulls.
    let others: Vec<Place> = rows.iter().map(|(_, other)| other.unwrap_or((batches.len(), 0))).collect();
    let mut columns: Vec<ArrayRef> = FIELDS.iter().map(|&(field, ..)| column(field)).collect();
    if rows.iter().any(|(_, other)| other.is_some()) {
        for (reverse, field) in TURNED {
            columns[reverse as usize] = gathered(batches, field, &others);
        }
        for (field, choose) in [(Field::Start, Instant::min as fn(_, _) -> _), (Field::End, Instant::max)] {
            columns[field as usize] = merged(&columns[field as usize], &gathered(batches, field, &others), choose);
        }
        let direction: UInt8Array = rows.iter().map(|(_, other)| other.map(|_| INITIATOR)).collect();
        columns[Field::BiflowDirection as usize] = Arc::new(direction);
    }
    Some(RecordBatch::try_new(Table::Flows.schema(), columns).expect("columns have the table's types"))
}

fn gathered(batches: &[RecordBatch], field: Field, places: &[Place]) -> ArrayRef {
    let is_empty = |batch: &RecordBatch| batch.column(field as usize).null_count() == batch.num_rows();
    if batches.iter().all(is_empty) {
        // Most columns are of no flow that a meter counts.
        return new_null_array(Table::Flows.schema().field(field as usize).data_type(), places.len());
    }
    let nulls = new_null_array(Table::Flows.schema().field(field as usize).data_type(), 1);
    let arrays: Vec<&dyn Array> =
        batches.iter().map(|batch| batch.column(field as usize).as_ref()).chain([nulls.as_ref()]).collect();
    interleave(&arrays, places).expect("columns of one field have one type")
}

/// Times of both directions as one.
fn merged(one: &ArrayRef, other: &ArrayRef, choose: impl Fn(Instant, Instant) -> Instant) -> ArrayRef {
    let times = |array: &ArrayRef| array.as_primitive::<TimestampNanosecondType>().clone();
    let both = times(one)
        .iter()
        .zip(&times(other))
        .map(|(one, other)| match (one, other) {
            (Some(one), Some(other)) => Some(choose(one, other)),
            (one, other) => one.or(other),
        })
        .collect::<TimestampNanosecondArray>();
    Arc::new(both.with_timezone("UTC"))
}

#[cfg(test)]
mod tests {
    use arrow_array::types::{Int64Type, UInt64Type};

    use super::*;
    use crate::{
        address::address_from_v4,
        columns::{AnyColumn, FlowColumns},
        time::SECOND,
    };

    const NOW: Instant = 1_700_000_000 * SECOND;
    const PATIENCE: Instant = 15 * SECOND;
    const CLIENT: ([u8; 4], u16) = ([192, 168, 10, 7], 49_152);
    const SERVER: ([u8; 4], u16) = ([203, 0, 113, 20], 443);

    #[derive(Clone, Copy)]
    struct Row {
        src: ([u8; 4], u16),
        dst: ([u8; 4], u16),
        protocol: u8,
        start: i64,
        end: i64,
        packets: u64,
        tcp_flags: u16,
        interface: (Field, u64),
        direction: u64,
    }

    /// A flow that asks, in the first seconds.
    const ASKS: Row = Row {
        src: CLIENT,
        dst: SERVER,
        protocol: TCP,
        start: 0,
        end: 3,
        packets: 5,
        tcp_flags: 0x1b,
        interface: (Field::InInterface, 2),
        direction: 0,
    };

    /// The flow that answers it.
    const ANSWERS: Row =
        Row { src: SERVER, dst: CLIENT, start: 1, end: 4, packets: 9, interface: (Field::OutInterface, 2), ..ASKS };

    fn flows(rows: &[Row]) -> Vec<Batch> {
        let mut columns = FlowColumns::default();
        for row in rows {
            for (address, port, end) in
                [(Field::SrcAddr, Field::SrcPort, row.src), (Field::DstAddr, Field::DstPort, row.dst)]
            {
                columns.fill_address(address, 1, address_from_v4(end.0));
                columns.fill_u64(port, 1, end.1.into());
            }
            for (field, value) in [
                (Field::Protocol, row.protocol.into()),
                (Field::Start, (NOW + row.start * SECOND) as u64),
                (Field::End, (NOW + row.end * SECOND) as u64),
                (Field::Packets, row.packets),
                (Field::Bytes, 100 * row.packets),
                (Field::TcpFlags, row.tcp_flags.into()),
                (Field::Retransmits, row.packets / 4),
                (Field::TcpRtt, 40_000_000),
                (Field::Direction, row.direction),
                row.interface,
            ] {
                columns.fill_u64(field, 1, value);
            }
            if let AnyColumn::Text(site) = columns.column(Field::Site) {
                site.push(Some("www.example.org"));
            }
            columns.end_rows(1);
        }
        columns.take().into_iter().collect()
    }

    fn join(rows: &[Row], now: i64) -> (Biflows, Vec<Batch>) {
        let mut biflows = Biflows::new(PATIENCE, 100);
        let joined = biflows.join(flows(rows), NOW + now * SECOND);
        (biflows, joined)
    }

    /// Packets of both directions of each row, in order.
    fn packets(batches: &[Batch]) -> Vec<(u64, Option<u64>)> {
        let rows = |batch: &Batch| {
            let column = |field: Field| {
                batch.records().column(field as usize).as_primitive::<UInt64Type>().iter().collect::<Vec<_>>()
            };
            column(Field::Packets).into_iter().flatten().zip(column(Field::ReversePackets)).collect::<Vec<_>>()
        };
        let mut found: Vec<_> = batches.iter().flat_map(rows).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn both_directions_become_one_row_of_who_asked() {
        for rows in [[ASKS, ANSWERS], [ANSWERS, ASKS]] {
            let (_, joined) = join(&rows, 5);
            assert_eq!(packets(&joined), [(5, Some(9))]);
            let records = joined[0].records();
            let column = |field: Field| records.column(field as usize).clone();
            let time = |field: Field| column(field).as_primitive::<TimestampNanosecondType>().value(0);
            assert_eq!((time(Field::Start), time(Field::End)), (NOW, NOW + 4 * SECOND), "from the first to the last");
            assert_eq!(column(Field::ReverseBytes).as_primitive::<UInt64Type>().value(0), 900);
            assert_eq!(column(Field::Retransmits).as_primitive::<UInt64Type>().value(0), 1);
            assert_eq!(column(Field::ReverseRetransmits).as_primitive::<UInt64Type>().value(0), 2);
            assert_eq!(column(Field::TcpRtt).as_primitive::<Int64Type>().value(0), 40_000_000);
            assert_eq!(column(Field::Site).as_string::<i32>().value(0), "www.example.org");
            assert_eq!(column(Field::BiflowDirection).as_primitive::<UInt8Type>().value(0), INITIATOR);
            assert!(column(Field::ReverseTos).is_null(0), "what is not known of a direction stays absent");
        }
    }

    #[test]
    fn who_asks_a_server_began_where_no_opening_was_seen() {
        let late = [Row { tcp_flags: 0x10, start: -1, ..ANSWERS }, Row { tcp_flags: 0x10, ..ASKS }];
        assert_eq!(packets(&join(&late, 5).1), [(5, Some(9))]);
        let peers = late.map(|row| Row {
            src: (row.src.0, row.src.1.max(5_000)),
            dst: (row.dst.0, row.dst.1.max(5_000)),
            protocol: UDP,
            ..row
        });
        assert_eq!(packets(&join(&peers, 5).1), [(9, Some(5))], "and who came first, where neither is one");
    }

    #[test]
    fn a_flow_waits_for_the_other_direction_as_long_as_that_could_be_silent() {
        let (mut biflows, joined) = join(&[ASKS], 5);
        assert!(joined.is_empty());
        assert!(biflows.join(Vec::new(), NOW + 17 * SECOND).is_empty());
        assert_eq!(packets(&biflows.join(flows(&[ANSWERS]), NOW + 17 * SECOND)), [(5, Some(9))]);
        let (mut biflows, _) = join(&[ASKS], 5);
        assert_eq!(packets(&biflows.join(Vec::new(), NOW + 18 * SECOND)), [(5, None)]);
        assert_eq!(packets(&biflows.join(flows(&[ANSWERS]), Instant::MAX)), [(9, None)]);
        assert!(biflows.join(Vec::new(), Instant::MAX).is_empty());
    }

    #[test]
    fn flows_of_another_time_place_or_kind_stay_alone() {
        let later = Row { start: 30, end: 31, ..ANSWERS };
        let elsewhere = Row { interface: (Field::OutInterface, 3), ..ANSWERS };
        let again = Row { start: 4, end: 5, ..ASKS };
        let ping = |row| Row { protocol: 1, ..row };
        for rows in [[ASKS, later], [ASKS, elsewhere], [ASKS, again], [ping(ASKS), ping(ANSWERS)]] {
            let alone = packets(&join(&rows, 1_000).1);
            assert!(alone.len() == 2 && alone.iter().all(|(_, reverse)| reverse.is_none()), "{alone:?}");
        }
    }

    #[test]
    fn on_the_loopback_each_side_has_its_own_and_at_a_tap_all_come_in() {
        let left = |row: Row, packets| Row { packets, direction: 1, ..row };
        let (rows, at_a_tap) =
            ([left(ASKS, 50), ASKS, left(ANSWERS, 90), ANSWERS], [ASKS, Row { direction: 0, ..ANSWERS }]);
        assert_eq!(packets(&join(&rows, 5).1), [(5, Some(90)), (50, Some(9))]);
        assert_eq!(packets(&join(&at_a_tap, 5).1), [(5, Some(9))]);
    }

    #[test]
    fn no_more_wait_than_there_is_room_for_and_nothing_is_lost() {
        let mut biflows = Biflows::new(PATIENCE, 10);
        let rows: Vec<Row> =
            (0..50).map(|number| Row { src: (CLIENT.0, 1_024 + number), packets: 1, ..ASKS }).collect();
        let sent = packets(&biflows.join(flows(&rows), NOW));
        assert_eq!(sent.len(), 40);
        assert_eq!(sent.len() + packets(&biflows.join(Vec::new(), Instant::MAX)).len(), 50);
    }
}

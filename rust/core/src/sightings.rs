//! Sightings: what each second of an exporter's headers tells of its clocks.
//!
//! A header says what a clock read when it was written, and we know when it arrived. Of all those
//! differences of a second the two extremes bound the clock's error nearly as well as all of them
//! would: the one most ahead from below, because nothing arrives before it was written, the one
//! most behind from above. So a busy exporter costs as little as a quiet one.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};

use crate::{
    address::Address,
    batch::{Batch, Table},
    columns::{AnyColumn, Column},
    decoder::SessionKey,
    time::{Instant, MILLISECOND, SECOND},
    wire::{ExportHeader, ProtocolVersion},
};

/// Differences farther apart than this were not read from one clock that ran on: it was set, or began anew.
const FARTHEST: i64 = 10 * SECOND;
/// How long rows gather: a file of them for each drain would cost more than they do.
const GATHER: Instant = 5 * SECOND;
/// After so long without a header no more are waited for.
const SILENCE: Instant = 2 * SECOND;

/// Which of its clocks an exporter read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockKind {
    /// What time it is.
    Wall,
    /// Milliseconds since it booted, modulo 2^32.
    Uptime,
}

impl ClockKind {
    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Uptime => "uptime",
        }
    }
}

/// The extremes of a second's differences, reading minus arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The latest arrival.
    pub received: Instant,
    /// Arrival of the header most ahead.
    pub ahead_at: Instant,
    /// Its reading minus its arrival.
    pub ahead: i64,
    /// Arrival of the header most behind.
    pub behind_at: Instant,
    /// Its reading minus its arrival.
    pub behind: i64,
    /// How many headers there were.
    pub headers: u32,
    /// What readings were seen to be multiples of, apart from a constant; at most a second.
    pub quantum: i64,
}

impl Sighting {
    fn of(difference: i64, received: Instant) -> Self {
        Self {
            received,
            ahead_at: received,
            ahead: difference,
            behind_at: received,
            behind: difference,
            headers: 1,
            quantum: SECOND,
        }
    }

    fn is_of(&self, difference: i64, received: Instant) -> bool {
        received.div_euclid(SECOND) == self.received.div_euclid(SECOND) && is_near(difference, self.ahead)
    }

    fn add(&mut self, difference: i64, received: Instant) {
        self.received = self.received.max(received);
        self.headers = self.headers.saturating_add(1);
        if difference > self.ahead {
            (self.ahead, self.ahead_at) = (difference, received);
        }
        if difference < self.behind {
            (self.behind, self.behind_at) = (difference, received);
        }
    }
}

/// One clock, as the headers of one session show it.
#[derive(Debug, Default)]
struct Watch {
    open: Option<Sighting>,
    /// The last reading, and what it was ahead of its arrival.
    last: Option<(i64, i64)>,
    /// Greatest common divisor of what passed between readings; 0 before any did.
    divisor: u64,
}

impl Watch {
    /// Note a reading; returns the sighting that it ends.
    fn see(&mut self, reading: i64, received: Instant) -> Option<Sighting> {
        let difference = reading.saturating_sub(received);
        if let Some((before, ahead)) = self.last
            && is_near(difference, ahead)
        {
            let passed = reading.abs_diff(before);
            // Once the divisor is found, and that is soon, this is one division.
            if passed > 0 && (self.divisor == 0 || !passed.is_multiple_of(self.divisor)) {
                self.divisor = greatest_common_divisor(passed, self.divisor);
            }
        }
        self.last = Some((reading, difference));
        if let Some(open) = &mut self.open
            && open.is_of(difference, received)
        {
            open.add(difference, received);
            return None;
        }
        let ended = self.take();
        self.open = Some(Sighting::of(difference, received));
        ended
    }

    /// Take the open sighting if its second began before `second`.
    fn take_before(&mut self, second: i64) -> Option<Sighting> {
        if self.open?.received.div_euclid(SECOND) < second { self.take() } else { None }
    }

    fn take(&mut self) -> Option<Sighting> {
        let mut taken = self.open.take()?;
        if self.divisor > 0 {
            taken.quantum = i64::try_from(self.divisor).map_or(SECOND, |divisor| divisor.min(SECOND));
        }
        Some(taken)
    }
}

fn is_near(one: i64, other: i64) -> bool {
    one.saturating_sub(other).saturating_abs() <= FARTHEST
}

fn greatest_common_divisor(mut one: u64, mut other: u64) -> u64 {
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one
}

/// The clocks of one session.
#[derive(Debug, Default)]
pub struct Watches {
    wall: Watch,
    uptime: Watch,
}

impl Watches {
    /// Note what a header says; `shift` is added to its time. Returns the sightings that it ends.
    pub fn see(&mut self, header: &ExportHeader, shift: Instant, received: Instant) -> [Option<Ended>; 2] {
        let wall = self.wall.see(header.export_time.saturating_add(shift), received);
        let uptime = header.uptime_ms.and_then(|count| self.uptime.see(i64::from(count) * MILLISECOND, received));
        [ended(ClockKind::Wall, wall), ended(ClockKind::Uptime, uptime)]
    }

    /// Take what was seen in seconds before `second`, counted from 1970.
    pub fn take_before(&mut self, second: i64) -> [Option<Ended>; 2] {
        [
            ended(ClockKind::Wall, self.wall.take_before(second)),
            ended(ClockKind::Uptime, self.uptime.take_before(second)),
        ]
    }
}

/// A sighting that is whole, and of which clock.
pub type Ended = (ClockKind, Sighting);

fn ended(clock: ClockKind, sighting: Option<Sighting>) -> Option<Ended> {
    sighting.map(|sighting| (clock, sighting))
}

struct Row {
    exporter: Address,
    observation_domain: u32,
    version: ProtocolVersion,
    clock: ClockKind,
    sighting: Sighting,
}

/// Sightings waiting to be stored.
#[derive(Default)]
pub struct SightingRows {
    rows: Vec<Row>,
    /// The latest arrival of any header, or a moment until which none came.
    newest: Option<Instant>,
}

impl SightingRows {
    /// Note that a header arrived, or that none did until a moment.
    pub fn enter(&mut self, moment: Instant) {
        self.newest = self.newest.max(Some(moment));
    }

    /// The second that is open, counted from 1970: headers that arrive from now on belong to it or later ones.
    pub fn open_second(&self) -> i64 {
        self.newest.map_or(i64::MIN, |newest| newest.div_euclid(SECOND))
    }

    /// Add what was seen of a session's clocks. The port is no part of it: a restarted exporter's clock runs on.
    pub fn extend(&mut self, key: &SessionKey, ended: [Option<Ended>; 2]) {
        self.rows.extend(ended.into_iter().flatten().map(|(clock, sighting)| Row {
            exporter: key.exporter,
            observation_domain: key.observation_domain,
            version: key.version,
            clock,
            sighting,
        }));
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether the oldest waited so long that a file of them is worth its cost.
    pub fn is_due(&self) -> bool {
        let Some((newest, first)) = self.newest.zip(self.rows.first()) else { return false };
        let last = self.rows.last().unwrap_or(first);
        let waited = |row: &Row| newest.saturating_sub(row.sighting.received).saturating_abs();
        waited(first) >= GATHER || waited(last) >= SILENCE
    }

    /// Take all rows as a batch; `None` when there are none.
    pub fn take(&mut self) -> Option<Batch> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() { None } else { Some(batch(&rows)) }
    }
}

fn batch(rows: &[Row]) -> Batch {
    let seen = || rows.iter().map(|row| row.sighting);
    let count = rows.len();
    let columns: Vec<ArrayRef> = vec![
        AnyColumn::Instant(column(seen().map(|seen| seen.received))).take(count),
        AnyColumn::Address(column(rows.iter().map(|row| row.exporter))).take(count),
        AnyColumn::U32(column(rows.iter().map(|row| row.observation_domain))).take(count),
        AnyColumn::Version(column(rows.iter().map(|row| row.version as u8))).take(count),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.clock.name()))),
        AnyColumn::Instant(column(seen().map(|seen| seen.ahead_at))).take(count),
        AnyColumn::I64(column(seen().map(|seen| seen.ahead))).take(count),
        AnyColumn::Instant(column(seen().map(|seen| seen.behind_at))).take(count),
        AnyColumn::I64(column(seen().map(|seen| seen.behind))).take(count),
        AnyColumn::U32(column(seen().map(|seen| seen.headers))).take(count),
        AnyColumn::I64(column(seen().map(|seen| seen.quantum))).take(count),
    ];
    let records = RecordBatch::try_new(Table::Sightings.schema(), columns).expect("columns have the table's types");
    Batch::new(Table::Sightings, records)
}

fn column<T: Copy + Default + PartialEq>(values: impl Iterator<Item = T>) -> Column<T> {
    let mut column = Column::default();
    column.extend_valid(0, values);
    column
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = 1_700_000_000 * SECOND;

    /// The sightings of (arrival after `NOW`, reading after `NOW`) pairs, in milliseconds.
    fn seen(stamps: &[(i64, i64)]) -> Vec<Sighting> {
        let mut watch = Watch::default();
        let stamp = |after: i64| NOW + after * MILLISECOND;
        let mut found: Vec<_> =
            stamps.iter().filter_map(|&(arrival, reading)| watch.see(stamp(reading), stamp(arrival))).collect();
        found.extend(watch.take());
        found
    }

    #[test]
    fn of_a_second_the_extremes_are_kept() {
        let [one] = seen(&[(100, 90), (200, 195), (300, 280)])[..] else { panic!("one second is one sighting") };
        assert_eq!((one.ahead, one.ahead_at), (-5 * MILLISECOND, NOW + 200 * MILLISECOND));
        assert_eq!((one.behind, one.behind_at), (-20 * MILLISECOND, NOW + 300 * MILLISECOND));
        assert_eq!((one.headers, one.received), (3, NOW + 300 * MILLISECOND));
    }

    #[test]
    fn each_second_is_its_own() {
        let headers: Vec<_> = seen(&[(900, 0), (1_100, 0), (1_200, 0)]).iter().map(|seen| seen.headers).collect();
        assert_eq!(headers, [1, 2]);
    }

    #[test]
    fn a_clock_that_was_set_in_a_second_is_seen_twice() {
        let [before, after] = seen(&[(100, 90), (200, 3_600_195)])[..] else { panic!("two clocks are two") };
        assert_eq!((before.ahead, after.behind), (-10 * MILLISECOND, 3_600_000 * MILLISECOND - 5 * MILLISECOND));
    }

    #[test]
    fn the_quantum_is_what_readings_differ_by() {
        let last = |stamps: &[(i64, i64)]| seen(stamps).last().map(|seen| seen.quantum / MILLISECOND);
        assert_eq!(last(&[(0, 3)]), Some(1_000), "one reading tells nothing");
        assert_eq!(last(&[(0, 3), (130, 131), (400, 387)]), Some(128), "whatever it counts from");
        assert_eq!(last(&[(0, 0), (60_000, 60_000)]), Some(1_000), "no clock is read more coarsely");
        assert_eq!(last(&[(0, 0), (50, 50), (60, 3_600_007)]), Some(50), "a step is no multiple of anything");
    }

    #[test]
    fn rows_gather_for_seconds() {
        let mut rows = SightingRows::default();
        let mut watches = Watches::default();
        let key = SessionKey { exporter: [1; 16], port: 1, version: ProtocolVersion::Ipfix, observation_domain: 0 };
        watches.wall.see(NOW, NOW);
        rows.enter(NOW);
        rows.extend(&key, watches.take_before(rows.open_second()));
        assert!(rows.is_empty(), "more of the second may come");
        rows.enter(NOW + SECOND);
        rows.extend(&key, watches.take_before(rows.open_second()));
        assert_eq!((rows.len(), rows.is_due()), (1, false));
        rows.enter(NOW + SILENCE);
        assert!(rows.is_due(), "nobody sends any more");
        assert_eq!(rows.take().unwrap().records().num_rows(), 1);
        assert!(rows.take().is_none());
    }
}

//! The loss ledger: what was received, decoded, stored and lost, by exporter and minute.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};

use crate::{
    batch::{Batch, Table},
    columns::{AnyColumn, Column},
    decoder::SessionKey,
    schema::{COUNTERS, Counter},
    time::{Instant, minute_of},
};

const COUNT: usize = COUNTERS.len();

/// Running totals of one session or of the listener, and what of them the ledger has already.
#[derive(Debug)]
pub struct Account {
    totals: [u64; COUNT],
    reported: [u64; COUNT],
    minute: Instant,
    last_received: Instant,
    clock_low: Option<i64>,
    clock_high: Option<i64>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            totals: [0; COUNT],
            reported: [0; COUNT],
            minute: Instant::MIN,
            last_received: Instant::MIN,
            clock_low: None,
            clock_high: None,
        }
    }
}

/// What changed in one account within one minute.
#[derive(Clone, Debug)]
pub struct LedgerRow {
    /// The session; `None` is the listener itself.
    pub key: Option<SessionKey>,
    /// Start of the minute.
    pub minute: Instant,
    /// Latest arrival in it.
    pub last_received: Instant,
    /// Templates known at its end.
    pub template_count: Option<u32>,
    /// Sampling interval known at its end.
    pub sampling_interval: Option<u32>,
    /// Largest header time minus arrival: the exporter's clock is at least this far ahead.
    pub clock_low: Option<i64>,
    /// Smallest header time plus its quantum minus arrival.
    pub clock_high: Option<i64>,
    /// Increase of each counter.
    pub counts: [u64; COUNT],
}

impl LedgerRow {
    /// Add a later row of the same minute and session.
    pub fn add(&mut self, later: &Self) {
        self.last_received = self.last_received.max(later.last_received);
        self.template_count = later.template_count.or(self.template_count);
        self.sampling_interval = later.sampling_interval.or(self.sampling_interval);
        // Each row proves a bound on the exporter's clock; of several, the tightest holds.
        self.clock_low = self.clock_low.max(later.clock_low);
        self.clock_high = [self.clock_high, later.clock_high].into_iter().flatten().min();
        for (sum, count) in self.counts.iter_mut().zip(later.counts) {
            *sum = sum.saturating_add(count);
        }
    }
}

impl Account {
    /// Add to a counter. What exporters tell of themselves may be any number: it ends at the largest.
    #[inline]
    pub fn add(&mut self, counter: Counter, count: u64) {
        let total = &mut self.totals[counter as usize];
        *total = total.saturating_add(count);
    }

    /// Set a counter that is known in sum; it never falls.
    pub fn raise(&mut self, counter: Counter, total: u64) {
        let place = &mut self.totals[counter as usize];
        *place = total.max(*place);
    }

    /// The total of a counter.
    pub fn total(&self, counter: Counter) -> u64 {
        self.totals[counter as usize]
    }

    /// Add what another account counted.
    pub fn add_all(&mut self, counts: &[u64; COUNT]) {
        for (total, count) in self.totals.iter_mut().zip(counts) {
            *total = total.saturating_add(*count);
        }
    }

    /// All totals, in the order of [`COUNTERS`].
    pub fn totals(&self) -> &[u64; COUNT] {
        &self.totals
    }

    /// Start of the minute of the latest arrival.
    pub fn minute(&self) -> Instant {
        self.minute
    }

    /// Latest arrival.
    pub fn last_received(&self) -> Instant {
        self.last_received
    }

    /// Whether an arrival belongs to another minute than what is open.
    pub fn enters_new_minute(&self, received: Instant) -> bool {
        self.minute != Instant::MIN && minute_of(received) != self.minute
    }

    /// Note an arrival.
    pub fn enter(&mut self, received: Instant) {
        self.minute = minute_of(received);
        self.last_received = self.last_received.max(received);
    }

    /// Note what a header's clock reading says: it was taken before the datagram arrived.
    pub fn clock(&mut self, export_time: Instant, quantum: i64, received: Instant) {
        let low = export_time.saturating_sub(received);
        let high = low.saturating_add(quantum);
        self.clock_low = Some(self.clock_low.map_or(low, |known| known.max(low)));
        self.clock_high = Some(self.clock_high.map_or(high, |known| known.min(high)));
    }

    /// Take what changed since the last row; `None` when nothing did.
    pub fn take_row(&mut self, key: Option<SessionKey>) -> Option<LedgerRow> {
        if self.totals == self.reported {
            return None;
        }
        let mut counts = self.totals;
        for (count, reported) in counts.iter_mut().zip(self.reported) {
            *count -= reported;
        }
        self.reported = self.totals;
        Some(LedgerRow {
            key,
            minute: self.minute,
            last_received: self.last_received,
            template_count: None,
            sampling_interval: None,
            clock_low: self.clock_low.take(),
            clock_high: self.clock_high.take(),
            counts,
        })
    }
}

/// Ledger rows waiting to be stored.
#[derive(Default)]
pub struct LedgerRows {
    rows: Vec<LedgerRow>,
}

impl LedgerRows {
    /// Add a row.
    pub fn push(&mut self, row: LedgerRow) {
        self.rows.push(row);
    }

    /// Add rows.
    pub fn extend(&mut self, rows: impl IntoIterator<Item = LedgerRow>) {
        self.rows.extend(rows);
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Take all rows as a batch; `None` when there are none.
    pub fn take(&mut self, writer: &str) -> Option<Batch> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return None;
        }
        Some(ledger_batch(&rows, std::iter::repeat(writer)))
    }
}

/// Rows as a batch, each with the name of its writer.
pub fn ledger_batch<'a>(rows: &[LedgerRow], writers: impl Iterator<Item = &'a str>) -> Batch {
    let count = rows.len();
    let keys = || rows.iter().map(|row| row.key);
    let mut columns: Vec<ArrayRef> = vec![
        AnyColumn::Instant(column(rows.iter().map(|row| Some(row.minute)))).take(count),
        AnyColumn::Address(column(keys().map(|key| Some(key?.exporter)))).take(count),
        AnyColumn::U16(column(keys().map(|key| Some(key?.port)))).take(count),
        AnyColumn::U32(column(keys().map(|key| Some(key?.observation_domain)))).take(count),
        AnyColumn::Version(column(keys().map(|key| Some(key?.version as u8)))).take(count),
        Arc::new(StringArray::from_iter_values(writers.take(count))),
        AnyColumn::Instant(column(rows.iter().map(|row| Some(row.last_received)))).take(count),
        AnyColumn::U32(column(rows.iter().map(|row| row.template_count))).take(count),
        AnyColumn::U32(column(rows.iter().map(|row| row.sampling_interval))).take(count),
        AnyColumn::I64(column(rows.iter().map(|row| row.clock_low))).take(count),
        AnyColumn::I64(column(rows.iter().map(|row| row.clock_high))).take(count),
    ];
    columns.extend(
        (0..COUNT).map(|place| AnyColumn::U64(column(rows.iter().map(|row| Some(row.counts[place])))).take(count)),
    );
    let records = RecordBatch::try_new(Table::Ledger.schema(), columns).expect("columns have the table's types");
    Batch::new(Table::Ledger, records)
}

fn column<T: Copy + Default + PartialEq>(values: impl Iterator<Item = Option<T>>) -> Column<T> {
    let mut column = Column::default();
    column.extend(0, values);
    column
}

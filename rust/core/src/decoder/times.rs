//! Times of records: what they are counted from, and which instants they then are.

use super::{Session, fill::Origin};
use crate::{
    templates::{BELOW_MICROSECONDS, Plan, Records, TimeForm, unsigned},
    time::{Instant, MILLISECOND, SECOND, instant_from_ntp, instant_from_uptime},
    wire::{ExportHeader, ProtocolVersion},
};

/// An event may lie so far above the header's uptime; one farther above a header's 0 was never placed.
const LATEST_AFTER_BOOT_MS: i32 = 3_600_000;

/// What times in a set are relative to.
#[derive(Clone, Copy)]
pub(super) struct Times<'a> {
    pub(super) header: &'a ExportHeader,
    pub(super) shift: Instant,
    system_init_ms: Option<i64>,
    /// Place of systemInitTimeMilliseconds in the record itself.
    init: Option<usize>,
    /// Where nobody says when the exporter booted, the latest uptime of the set. It stands in for the one that
    /// the header lacks: times come out late by how long that record waited, and distances right.
    latest_ms: Option<u32>,
}

impl<'a> Times<'a> {
    /// Those of the records of a set.
    pub(super) fn of(plan: &Plan, records: &Records<'_>, origin: &Origin<'a>, session: &Session) -> Self {
        let mut times = Self {
            header: origin.header,
            shift: origin.shift,
            system_init_ms: session.system_init_ms,
            init: plan.system_init,
            latest_ms: None,
        };
        if !times.knows_boot() {
            times.latest_ms = latest_uptime(plan, records);
        }
        times
    }

    /// Whether anybody says what "milliseconds since boot" count from.
    fn knows_boot(&self) -> bool {
        self.header.version != ProtocolVersion::Ipfix || self.init.is_some() || self.system_init_ms.is_some()
    }

    /// Whether distances are counted from the header's time, and not from when the exporter says that it booted.
    pub(super) fn are_counted_from_header(&self, plan: &Plan) -> bool {
        plan.uptimes.is_empty() || self.header.uptime_ms.or(self.latest_ms).is_some()
    }

    /// Whether times made from "milliseconds since boot" can be taken at their word. A header's uptime of 0
    /// may mean that it tells none.
    pub(super) fn is_exact(&self) -> bool {
        self.knows_boot() && self.header.uptime_ms != Some(0)
    }

    #[inline]
    pub(super) fn instant(&self, form: TimeForm, count: u64, records: &Records<'_>, record: usize) -> Option<Instant> {
        // Zero stands for "no time": 1970 is older than NetFlow.
        if count == 0 && !matches!(form, TimeForm::Uptime | TimeForm::DeltaMicroseconds) {
            return None;
        }
        match form {
            TimeForm::Seconds => i64::try_from(count).ok()?.checked_mul(SECOND),
            TimeForm::Milliseconds => i64::try_from(count).ok()?.checked_mul(MILLISECOND),
            TimeForm::Ntp => Some(instant_from_ntp(count, self.header.export_time)),
            TimeForm::NtpMicroseconds => Some(instant_from_ntp(count & !BELOW_MICROSECONDS, self.header.export_time)),
            TimeForm::DeltaMicroseconds => {
                self.header.export_time.checked_sub(i64::try_from(count).ok()?.checked_mul(1000)?)
            }
            TimeForm::Uptime => self.instant_from_uptime(count as u32, records, record),
        }
    }

    /// v9 and v5 send the uptime in the header; IPFIX says when the exporter booted, if anything.
    fn instant_from_uptime(&self, event_ms: u32, records: &Records<'_>, record: usize) -> Option<Instant> {
        if let Some(uptime_ms) = self.header.uptime_ms.or(self.latest_ms) {
            let is_placed = self.header.uptime_ms != Some(0) || (event_ms as i32) <= LATEST_AFTER_BOOT_MS;
            return is_placed.then(|| instant_from_uptime(event_ms, uptime_ms, self.header.export_time));
        }
        let in_record = self.init.and_then(|index| unsigned(records.value(record, index)));
        let init_ms = in_record.and_then(|init| i64::try_from(init).ok()).or(self.system_init_ms)?;
        let uptime_ms = (self.header.export_time / MILLISECOND).wrapping_sub(init_ms) as u32;
        let now = self.header.export_time - self.header.export_time.rem_euclid(MILLISECOND);
        Some(instant_from_uptime(event_ms, uptime_ms, now))
    }
}

/// The latest "milliseconds since boot" that a set tells.
fn latest_uptime(plan: &Plan, records: &Records<'_>) -> Option<u32> {
    let told = plan.uptimes.iter().flat_map(|read| records.values(read.index)).filter_map(unsigned);
    told.map(|uptime| uptime as u32).reduce(|latest, uptime| {
        let is_later = uptime.wrapping_sub(latest) as i32 > 0;
        if is_later { uptime } else { latest }
    })
}

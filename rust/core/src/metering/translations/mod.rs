//! Which address and port stand for which on the other side of this router, and since when.
//!
//! Fed with what the kernel says of its connections ([`crate::conntrack`]); asked when the record of a flow is made,
//! which is after the connection may have ended. So a translation is kept for a while after its end, beside a
//! later one of the same ends, and a flow gets the one of its own time. Each start and end is also an event for
//! the log (RFC 8158).
//!
//! Events may be lost. Then the kernel's table is listed anew: what is missing there ended meanwhile, what is there
//! and unknown began meanwhile, and both are logged with the stretch of time in which it happened.

mod events;
mod flows;
mod table;

#[cfg(test)]
mod tests;

use self::{
    events::{Event, Kind, batch_from_events},
    table::{Table, Translation},
};
use crate::{
    batch::Batch,
    conntrack::{Connection, Message, Tuple, messages},
    time::{Instant, SECOND},
};

/// The first packet of a connection is metered before the kernel has noted its translation, and a packet may be
/// metered after the end: so far apart the two may be.
const SLACK: i64 = SECOND;

/// Events that wait to be taken; more are counted, not kept.
const MAXIMUM_EVENTS: usize = 1 << 20;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct TranslationLimits {
    /// Translations at a time, ended ones included.
    pub maximum_translations: usize,
    /// How long one is kept after its end, in nanoseconds: until the last flow in it is reported.
    pub keep: i64,
    /// Whether their beginnings and ends are kept for the log too.
    pub with_events: bool,
}

/// What was heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TranslationCounters {
    /// Connections whose translation began.
    pub created: u64,
    /// Connections whose translation ended.
    pub deleted: u64,
    /// Packets of both directions of those that ended, where the kernel counts.
    pub packets: u64,
    /// Their IP bytes.
    pub bytes: u64,
    /// Translations not kept, because the table was full.
    pub left_out: u64,
    /// Events not kept, because nobody took them.
    pub events_left_out: u64,
    /// Messages that could not be read.
    pub malformed: u64,
    /// How often the kernel dropped messages because we were too slow.
    pub overruns: u64,
    /// How many it dropped.
    pub lost: u64,
}

/// What a read of the kernel's messages asks the reader to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Go on.
    News,
    /// The list that was asked for has ended.
    ListEnd,
    /// The kernel refused a request, with this error number.
    Refused(i32),
}

/// Translations by their ends, and the events of their lives.
pub struct Translations {
    table: Table,
    limits: TranslationLimits,
    events: Vec<Event>,
    counters: TranslationCounters,
    /// Since when we may have missed something; `None` while all is known.
    unsure_since: Option<Instant>,
    /// The last time that messages were lost: from, until.
    gap: Option<(Instant, Instant)>,
}

impl Translations {
    /// Nothing known yet.
    pub fn new(limits: TranslationLimits) -> Self {
        Self {
            table: Table::new(limits.maximum_translations),
            limits,
            events: Vec::new(),
            counters: TranslationCounters::default(),
            unsure_since: None,
            gap: None,
        }
    }

    /// Read what the kernel sent, which arrived at `received`.
    pub fn feed(&mut self, bytes: &[u8], received: Instant) -> Told {
        let mut told = Told::News;
        for message in messages(bytes) {
            match message {
                Message::Created(connection) if connection.is_translated() => self.create(&connection, received),
                Message::Gone(connection) if connection.is_translated() => self.delete(&connection, received),
                Message::Listed(connection) if connection.is_translated() => self.list(&connection, received),
                Message::ListEnd => {
                    self.end_list(received);
                    told = Told::ListEnd;
                }
                Message::Refused(number) if number != 0 => told = Told::Refused(number),
                Message::Malformed => self.counters.malformed += 1,
                _ => {}
            }
        }
        self.table.forget_ended_before(received.saturating_sub(self.limits.keep));
        told
    }

    /// The kernel's table is about to be listed.
    pub fn begin_list(&mut self, now: Instant) {
        self.table.begin_list(now);
    }

    /// The kernel has dropped messages: `lost` in number, somewhere in this stretch of time. List its table next.
    pub fn overrun(&mut self, lost: u64, from: Instant, until: Instant) {
        self.counters.overruns += 1;
        self.counters.lost += lost;
        self.gap = Some((from, until));
        self.unsure_since = Some(self.unsure_since.unwrap_or(from));
    }

    /// The ends that a flow had on the other side of the translation, in the flow's own direction.
    ///
    /// It may have been metered before or after it.
    pub fn find(&self, flow: &Tuple, start: Instant, end: Instant) -> Option<Tuple> {
        let of_its_time = |translation: &Translation| {
            translation.since <= end.saturating_add(SLACK)
                && translation.until.is_none_or(|until| start <= until.saturating_add(SLACK))
        };
        let before = self.table.find(flow, of_its_time).map(|translation| translation.other(flow).inverted());
        before.or_else(|| {
            let back = flow.inverted();
            self.table.find(&back, of_its_time).map(|translation| translation.other(&back))
        })
    }

    /// Tell of each flow of a meter, whose clock is so far ahead, what its ends were on the other side.
    #[must_use]
    pub fn translate(&self, flows: &Batch, clock_offset: Instant) -> Batch {
        flows::translated(flows, self, clock_offset)
    }

    /// Take the events since the last call, as rows of the flows table without counters, by a clock that is so far ahead.
    pub fn drain(&mut self, clock_offset: Instant) -> Option<Batch> {
        let mut events = std::mem::take(&mut self.events);
        for event in &mut events {
            event.start = event.start.saturating_add(clock_offset);
            event.end = event.end.saturating_add(clock_offset);
        }
        batch_from_events(&events)
    }

    /// What was heard so far, each count with its name.
    pub fn named(&self) -> [(&'static str, u64); 10] {
        let counters = &self.counters;
        [
            ("nat_open", self.table.open() as u64),
            ("nat_created", counters.created),
            ("nat_deleted", counters.deleted),
            ("nat_packets", counters.packets),
            ("nat_bytes", counters.bytes),
            ("nat_left_out", counters.left_out),
            ("nat_events_left_out", counters.events_left_out),
            ("nat_malformed", counters.malformed),
            ("nat_overruns", counters.overruns),
            ("nat_lost", counters.lost),
        ]
    }

    /// Translations that are in force, as far as we know.
    pub fn open(&self) -> usize {
        self.table.open()
    }

    /// Whether there are translations whose end the kernel may keep to itself, because they began before anybody
    /// listened: only listing the table again tells.
    pub fn has_silent(&self) -> bool {
        self.table.has_silent()
    }

    /// What was heard so far.
    pub fn counters(&self) -> TranslationCounters {
        self.counters
    }

    /// When messages were last lost: from, until.
    pub fn gap(&self) -> Option<(Instant, Instant)> {
        self.gap
    }

    fn create(&mut self, connection: &Connection, received: Instant) {
        if self.table.mark_begun(connection.id, &connection.original) {
            return;
        }
        let since = connection.start.or(connection.time).unwrap_or(received);
        self.insert(connection, since, false);
        self.tell(Kind::Create, connection, (since, since));
    }

    fn list(&mut self, connection: &Connection, received: Instant) {
        if self.table.mark_there(connection.id, &connection.original) {
            return;
        }
        let since = connection.start.or(self.unsure_since);
        self.insert(connection, since.unwrap_or(received), true);
        // What was there before us, nobody knows since when, is no event.
        if let Some(since) = since {
            self.tell(Kind::Create, connection, (since, connection.start.unwrap_or(received)));
        }
    }

    fn insert(&mut self, connection: &Connection, since: Instant, is_silent: bool) {
        let translation = Translation {
            id: connection.id,
            original: connection.original,
            reply: connection.reply,
            since,
            until: None,
        };
        self.counters.left_out += u64::from(!self.table.insert(translation, is_silent));
    }

    fn delete(&mut self, connection: &Connection, received: Instant) {
        let until = connection.stop.or(connection.time).unwrap_or(received);
        for counted in [connection.counted_original, connection.counted_reply].into_iter().flatten() {
            self.counters.packets = self.counters.packets.saturating_add(counted.packets);
            self.counters.bytes = self.counters.bytes.saturating_add(counted.bytes);
        }
        if self.table.end(connection.id, &connection.original, until) {
            self.tell(Kind::Delete, connection, (until, until));
        }
    }

    fn end_list(&mut self, received: Instant) {
        let listed_before = self.table.listed_at();
        for translation in self.table.end_list(received) {
            let from = self.unsure_since.or(listed_before).unwrap_or(translation.since).max(translation.since);
            let connection =
                Connection { original: translation.original, reply: translation.reply, ..Connection::default() };
            self.tell(Kind::Delete, &connection, (from, received.max(from)));
        }
        self.unsure_since = None;
    }

    fn tell(&mut self, kind: Kind, connection: &Connection, (start, end): (Instant, Instant)) {
        match kind {
            Kind::Create => self.counters.created += 1,
            Kind::Delete => self.counters.deleted += 1,
        }
        if !self.limits.with_events {
            return;
        }
        if self.events.len() < MAXIMUM_EVENTS {
            let after = connection.reply.inverted();
            self.events.push(Event { kind, before: connection.original, after, start, end });
        } else {
            self.counters.events_left_out += 1;
        }
    }
}

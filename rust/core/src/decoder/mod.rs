//! Datagrams in, rows out.
//!
//! One decoder is one local socket or one import: templates and sequence numbers are kept by
//! (exporter address and port, version, observation domain). Time and bytes are brought by the
//! caller; malformed input is counted with a reason and everything before it is kept.

mod checksums;
mod dissecting;
mod drops;
mod fill;
#[cfg(test)]
mod floods;
mod gaps;
mod knowledge;
mod learning;
mod limits;
mod nested;
mod numbering;
mod parking;
mod sample_row;
mod samples;
mod sampling;
mod sections;
mod sequence;
mod session;
mod sessions;
mod sets;
mod sources;
mod statistics;
mod step;
mod streams;
#[cfg(test)]
mod tests;
mod times;
mod unread;

use std::collections::BTreeMap;

pub use knowledge::{ForeignKnowledge, MAXIMUM_KNOWLEDGE_BYTES, joint_knowledge};
pub use limits::{Leniency, Limits};
pub use session::{Session, SessionKey};

use self::{
    drops::Drops,
    parking::Parking,
    sessions::{Evicted, Sessions},
    sources::Sources,
    streams::Streams,
};
use crate::{
    address::Address,
    batch::Batch,
    columns::{FlowColumns, OptionColumns},
    datagram::Datagram,
    dissection::Dissection,
    ledger::{Account, LedgerRows},
    schema::Counter,
    sightings::SightingRows,
    templates::{Span, Told, ToldElements},
    time::Instant,
    wire::{ExportHeader, Malformed, ProtocolVersion},
};

/// Full batches that wait before reading stops.
const MAXIMUM_BATCHES: usize = 16;
/// Rows of the ledger, or sightings, that wait before reading stops; a flood of forged senders makes many.
const MAXIMUM_ROWS_BESIDE: usize = 1 << 16;
/// Bytes decoded into one batch, or kept by name in its options rows.
const MAXIMUM_BATCH_BYTES: usize = 16 << 20;

/// What takes a copy of a message.
pub type Copying = Box<dyn FnMut(Datagram<'_>) + Send>;

/// Decodes export datagrams of all versions.
pub struct Decoder {
    limits: Limits,
    leniency: Leniency,
    writer: String,
    verbatim: bool,
    /// What a person told of elements.
    person: ToldElements,
    /// Added to every time an exporter says, to replay a recording as if it were now.
    shift: Instant,
    sessions: Sessions,
    /// What no exporter can be blamed for: unknown versions, kernel drops.
    listener: Account,
    drops: Drops,
    /// Of the kernel's drops, those that came after the datagram at hand was queued.
    dropped_after: u64,
    parking: Parking,
    streams: Streams,
    /// Whether what it decodes comes over connections.
    is_in_streams: bool,
    /// Who else wants the messages of connections.
    copying: Option<Copying>,
    /// Grows when something is learnt of sampling or of when an exporter booted.
    options_changes: u64,
    /// What `knowledge` told last, so that it need not be told again.
    known_changes: u64,
    /// Messages taken apart, where somebody wants to see that.
    dissection: Option<Box<Dissection>>,
    flows: FlowColumns,
    options: OptionColumns,
    /// Bytes decoded into the open batches: texts of flows are bounded by nothing else.
    open_bytes: usize,
    ledger: LedgerRows,
    sightings: SightingRows,
    /// Whether no more input will come.
    is_closed: bool,
    finished: Vec<Batch>,
    /// Sessions fed since somebody last asked; one that was evicted and came back is there twice.
    touched: Vec<SessionKey>,
    /// The numbers of sFlow's samples.
    sources: Sources,
    spans: Vec<Span>,
    /// Where values are written as text, kept for its room.
    text: String,
}

impl Decoder {
    /// A decoder without any template yet. `writer` goes into every ledger row; with `verbatim`
    /// every element of a record goes to `other` by name.
    pub fn new(limits: Limits, writer: String, verbatim: bool) -> Self {
        Self {
            writer,
            verbatim,
            person: ToldElements::default(),
            shift: 0,
            sessions: Sessions::new(limits),
            listener: Account::default(),
            drops: Drops::default(),
            dropped_after: 0,
            parking: Parking::new(limits),
            streams: Streams::default(),
            is_in_streams: false,
            copying: None,
            options_changes: 0,
            known_changes: 0,
            dissection: None,
            leniency: Leniency::default(),
            flows: FlowColumns::default(),
            options: OptionColumns::default(),
            open_bytes: 0,
            ledger: LedgerRows::default(),
            sightings: SightingRows::default(),
            is_closed: false,
            finished: Vec::new(),
            touched: Vec::new(),
            sources: Sources::new(limits.sources),
            spans: Vec::new(),
            text: String::new(),
            limits,
        }
    }

    /// Name elements as a person told from here on, and no longer as told before.
    pub fn name_elements(&mut self, told: BTreeMap<(u32, u16), Told>) {
        self.person = ToldElements::of_person(told, self.person.serial() + 1);
        self.sessions.recompile(&self.person, self.verbatim);
    }

    /// Hand a copy of each message that comes over a connection to somebody else, from now on.
    pub fn copy_messages(&mut self, copying: Copying) {
        self.copying = Some(copying);
    }

    /// Treat habits that the standards leave open in this way from now on.
    pub fn set_leniency(&mut self, leniency: Leniency) {
        self.leniency = leniency;
        if !leniency.borrows_templates {
            self.sessions.lend_nothing();
        }
    }

    /// Take every message apart from now on, with all its elements by name: see [`Self::take_dissection`].
    pub fn dissect(&mut self) {
        self.verbatim = true;
        self.dissection = Some(Box::default());
    }

    /// Take what was taken apart since the last call: a line of JSON for each message.
    pub fn take_dissection(&mut self) -> Vec<u8> {
        self.dissection.as_mut().map(|dissection| dissection.take()).unwrap_or_default()
    }

    /// Move every time said from here on; arrivals are the caller's to move.
    pub fn shift(&mut self, shift: Instant) {
        self.shift = shift;
    }

    /// Decode one datagram that came from `exporter`:`port` at `received`.
    pub fn feed(&mut self, datagram: &[u8], exporter: Address, port: u16, received: Instant) {
        self.decode(datagram, exporter, port, received, true);
    }

    /// Decode one datagram whose arrival nobody noted: `received` is what its own header says, so it tells
    /// nothing of the exporter's clocks.
    pub fn feed_undated(&mut self, datagram: &[u8], exporter: Address, received: Instant) {
        self.decode(datagram, exporter, 0, received, false);
    }

    /// Note bytes that stood where a message ought to.
    pub fn refuse(&mut self, bytes: &[u8], exporter: Address, received: Instant) {
        self.count_refusal(Malformed::UnknownVersion, received);
        if let Some(dissection) = &mut self.dissection {
            dissection.begin(bytes, exporter, 0, None);
            dissection.problem(0, Malformed::UnknownVersion.name());
            dissection.end();
        }
    }

    fn decode(&mut self, datagram: &[u8], exporter: Address, port: u16, received: Instant, is_dated: bool) {
        if let Some(dissection) = &mut self.dissection {
            dissection.begin(datagram, exporter, port, is_dated.then_some(received));
        }
        self.decode_message(datagram, exporter, port, received, is_dated);
        if let Some(dissection) = &mut self.dissection {
            dissection.end();
        }
    }

    fn decode_message(&mut self, datagram: &[u8], exporter: Address, port: u16, received: Instant, is_dated: bool) {
        let header = match ExportHeader::read(datagram) {
            Ok(header) => header.near(received.saturating_sub(self.shift)),
            Err(reason) => {
                self.tell_problem(0, reason);
                return self.count_refusal(reason, received);
            }
        };
        let key = SessionKey {
            exporter: header.agent.unwrap_or(exporter),
            port,
            version: header.version,
            observation_domain: header.observation_domain,
        };
        let evicted = self.sessions.enter(key, received);
        self.book(evicted, received);
        let session = self.sessions.get(&key);
        if !std::mem::replace(&mut session.is_touched, true) {
            self.touched.push(key);
        }
        session.account.add(Counter::Datagrams, 1);
        session.account.add(Counter::DatagramBytes, datagram.len() as u64);
        session.note_uptime(header.uptime_ms);
        if is_dated && header.version.has_wall_clock() {
            session.account.clock(header.export_time.saturating_add(self.shift), header.quantum, received);
            let ended = session.watches.see(&header, self.shift, received);
            self.sightings.enter(received);
            if session.was_understood() {
                self.sightings.extend(&key, ended);
            }
        }
        self.give_up_parked(received);
        if let Some(dissection) = &mut self.dissection {
            dissection.header(header.version, datagram);
        }
        let step = match header.version {
            ProtocolVersion::NetflowV9 | ProtocolVersion::Ipfix => self.decode_sets(&key, &header, datagram, received),
            ProtocolVersion::SflowV5 => self.decode_samples(&key, &header, datagram, received),
            _ => self.decode_records(&key, &header, datagram, received),
        };
        let session = self.sessions.get(&key);
        session.count_records_together(step.flows);
        if header.version.has_sequence() {
            let dropped = self.listener.total(Counter::LostKernel).saturating_sub(self.dropped_after);
            if let Some(found) = session.sequence.observe(header.version, header.sequence, step, dropped) {
                self.drops.explain(found.since, dropped, session.datagrams_of(found.missing));
                if found.is_anew {
                    self.drops.begin_anew(found.since);
                }
            }
        }
        self.finish_full_batches();
    }

    /// Count datagrams the kernel dropped before we saw them.
    pub fn kernel_dropped(&mut self, datagrams: u64, received: Instant) {
        self.listener.enter(received);
        self.listener.add(Counter::LostKernel, datagrams);
    }

    /// Note how many of the kernel's drops came after the next datagram was queued.
    pub fn note_dropped_after(&mut self, datagrams: u64) {
        self.dropped_after = datagrams;
    }

    /// Note that nothing arrived until `now`: what was seen of a clock before need not wait for more.
    pub fn pass(&mut self, now: Instant) {
        self.sightings.enter(now);
    }

    /// Give up what still waits for a template: no more input will come.
    pub fn close(&mut self) {
        self.give_up_parked(Instant::MAX);
        self.is_closed = true;
    }

    /// Take the rows decoded since the last call; the ledger row that accounts for them comes last.
    ///
    /// What headers showed of clocks comes with them once it has gathered for some seconds.
    pub fn drain(&mut self) -> Vec<Batch> {
        self.finish_batches();
        let mut batches = std::mem::take(&mut self.finished);
        self.take_touched();
        let second = if self.is_closed { i64::MAX } else { self.sightings.open_second() };
        for session in self.sessions.all_mut() {
            session.settle();
            if let Some(row) = session.take_row() {
                self.ledger.push(row);
            }
            if session.was_understood() {
                self.sightings.extend(&session.key, session.watches.take_before(second));
            }
        }
        if self.is_closed || self.sightings.is_due() || self.sightings.len() >= MAXIMUM_ROWS_BESIDE {
            batches.extend(self.sightings.take());
        }
        self.settle_drops();
        if let Some(row) = self.listener.take_row(None) {
            self.ledger.push(row);
        }
        batches.extend(self.ledger.take(&self.writer));
        batches
    }

    /// Whether rows wait in more than the batch being filled.
    pub fn has_full_batch(&self) -> bool {
        !self.finished.is_empty() || self.rows_beside() >= MAXIMUM_ROWS_BESIDE
    }

    /// Whether so many rows wait that reading on would grow memory without bound.
    pub fn is_congested(&self) -> bool {
        self.finished.len() >= MAXIMUM_BATCHES || self.rows_beside() >= MAXIMUM_ROWS_BESIDE
    }

    /// Continue the sequence of a session that an earlier collector followed.
    pub fn resume(&mut self, key: SessionKey, sequence: u32) {
        let evicted = self.sessions.create(key);
        self.book(evicted, Instant::MIN);
        self.sessions.get(&key).sequence.resume(key.version, sequence);
    }

    /// Take the list of sessions fed since the last call, or since the last drain.
    pub fn take_touched(&mut self) -> Vec<SessionKey> {
        let touched = std::mem::take(&mut self.touched);
        for key in &touched {
            if let Some(session) = self.sessions.find(key) {
                session.is_touched = false;
            }
        }
        touched
    }

    /// One session, if it is there.
    pub fn session(&self, key: &SessionKey) -> Option<&Session> {
        self.sessions.look(key)
    }

    /// Every session that was heard, for snapshots: what is known of others comes from before.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.all().filter(|session| session.account.last_received() > Instant::MIN)
    }

    /// Counters that belong to no exporter.
    pub fn listener(&self) -> &Account {
        &self.listener
    }

    /// Totals over the listener and every session, evicted ones included.
    pub fn totals(&self) -> Vec<u64> {
        let mut totals = self.sessions.evicted_totals().to_vec();
        for account in self.sessions.all().map(|session| &session.account).chain([&self.listener]) {
            for (total, count) in totals.iter_mut().zip(account.totals()) {
                *total = total.saturating_add(*count);
            }
        }
        totals
    }

    /// Book how much of what the kernel dropped the numbers of exporters have told of.
    fn settle_drops(&mut self) {
        let dropped = self.listener.total(Counter::LostKernel);
        if self.listener.total(Counter::ShownKernel) == dropped {
            return;
        }
        let numbered = self.sessions().filter(|it| it.key.version.has_sequence() && it.was_understood());
        let heard: Vec<_> = numbered.map(|it| (it.account.last_received(), it.sequence.dropped())).collect();
        let now = heard.iter().map(|&(last, _)| last).max().unwrap_or(Instant::MIN);
        let shown = self.drops.shown(dropped, now.max(self.listener.last_received()), &heard);
        self.listener.raise(Counter::ShownKernel, shown);
    }

    /// Book what evicted sessions leave behind.
    fn book(&mut self, evicted: Evicted, received: Instant) {
        if evicted.sessions > 0 {
            self.listener.enter(received);
            self.listener.add(Counter::EvictedSessions, evicted.sessions);
        }
        self.ledger.extend(evicted.rows);
        for (key, ended) in evicted.sightings {
            self.sightings.extend(&key, ended);
        }
        if let Some(counts) = evicted.never_understood {
            self.listener.enter(received);
            self.listener.add_all(&counts);
        }
    }

    /// Rows that wait in the tables that tell of exporters and not of flows.
    fn rows_beside(&self) -> usize {
        self.ledger.len().max(self.sightings.len())
    }

    /// Cut batches before they outgrow what 32-bit offsets and memory can take.
    fn finish_full_batches(&mut self) {
        let options_bytes = self.options.scope.held_bytes() + self.options.other.held_bytes();
        if self.flows.is_full() || self.open_bytes.max(options_bytes) >= MAXIMUM_BATCH_BYTES {
            self.finish_batches();
        }
    }

    fn finish_batches(&mut self) {
        self.finished.extend(self.flows.take());
        self.finished.extend(self.options.take());
        self.open_bytes = 0;
    }
}

//! Datagrams in, rows out.
//!
//! One decoder is one local socket or one import: templates and sequence numbers are kept by
//! (exporter address and port, version, observation domain). Time and bytes are brought by the
//! caller; malformed input is counted with a reason and everything before it is kept.

mod fill;
#[cfg(test)]
mod floods;
mod learning;
mod limits;
mod nested;
mod parking;
mod sample_row;
mod samples;
mod sampling;
mod sections;
mod sequence;
mod session;
mod sessions;
mod sources;
mod streams;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

pub use limits::Limits;
pub use session::{Session, SessionKey};

use self::{
    fill::Origin,
    parking::Parking,
    sequence::Step,
    sessions::{Evicted, Sessions},
    sources::Sources,
    streams::Streams,
};
use crate::{
    address::Address,
    batch::Batch,
    columns::{FlowColumns, OptionColumns},
    ledger::{Account, LedgerRows},
    schema::Counter,
    sightings::SightingRows,
    templates::{Records, Span, Template, Told, ToldElements},
    time::Instant,
    wire::{ExportHeader, Malformed, ProtocolVersion, Set, SetKind, Sets, fixed_template},
};

/// Full batches that wait before reading stops.
const MAXIMUM_BATCHES: usize = 4;
/// Rows of the ledger, or sightings, that wait before reading stops; a flood of forged senders makes many.
const MAXIMUM_ROWS_BESIDE: usize = 1 << 16;
/// Bytes decoded into one batch, or kept by name in its options rows.
const MAXIMUM_BATCH_BYTES: usize = 64 << 20;

/// Decodes export datagrams of all versions.
pub struct Decoder {
    limits: Limits,
    writer: String,
    verbatim: bool,
    /// What a person told of elements.
    person: ToldElements,
    /// Added to every time an exporter says, to replay a recording as if it were now.
    shift: Instant,
    sessions: Sessions,
    /// What no exporter can be blamed for: unknown versions, kernel drops.
    listener: Account,
    parking: Parking,
    streams: Streams,
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
            parking: Parking::new(limits),
            streams: Streams::default(),
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

    fn decode(&mut self, datagram: &[u8], exporter: Address, port: u16, received: Instant, is_dated: bool) {
        let header = match ExportHeader::read(datagram) {
            Ok(header) => header.near(received.saturating_sub(self.shift)),
            Err(reason) => {
                self.listener.enter(received);
                return self.listener.add(reason.counter(), 1);
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
        if is_dated && header.version.has_wall_clock() {
            session.account.clock(header.export_time.saturating_add(self.shift), header.quantum, received);
            let ended = session.watches.see(&header, self.shift, received);
            self.sightings.enter(received);
            if session.was_understood() {
                self.sightings.extend(&key, ended);
            }
        }
        self.give_up_parked(received);
        let step = match header.version {
            ProtocolVersion::NetflowV9 | ProtocolVersion::Ipfix => self.decode_sets(&key, &header, datagram, received),
            ProtocolVersion::SflowV5 => self.decode_samples(&key, &header, datagram, received),
            _ => self.decode_records(&key, &header, datagram, received),
        };
        if header.version.has_sequence() {
            self.sessions.get(&key).sequence.observe(header.version, header.sequence, step);
        }
        self.finish_full_batches();
    }

    /// Count datagrams the kernel dropped before we saw them.
    pub fn kernel_dropped(&mut self, datagrams: u64, received: Instant) {
        self.listener.enter(received);
        self.listener.add(Counter::LostKernel, datagrams);
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

    /// Every session, for snapshots.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.all()
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
                *total += count;
            }
        }
        totals
    }

    /// NetFlow without templates: the records follow the header.
    fn decode_records(&mut self, key: &SessionKey, header: &ExportHeader, datagram: &[u8], received: Instant) -> Step {
        let Some(template) = fixed_template(header.version, header.scheme, self.verbatim) else {
            self.sessions.get(key).account.add(Malformed::UnknownScheme.counter(), 1);
            return Step::UNKNOWN;
        };
        let body = &datagram[header.length..];
        let announced = header.message_length.unwrap_or_default().saturating_sub(header.length);
        if announced > body.len() {
            self.sessions.get(key).account.add(Malformed::TruncatedRecord.counter(), 1);
        }
        let count = self.decode_data(key, header, &template, &body[..announced.min(body.len())], received);
        Step { records: Some(count), flows: Some(count) }
    }

    /// NetFlow v9 and IPFIX: sets of templates and data.
    fn decode_sets(&mut self, key: &SessionKey, header: &ExportHeader, datagram: &[u8], received: Instant) -> Step {
        let mut step = Step { records: Some(0), flows: Some(0) };
        let end = header.message_length.unwrap_or(datagram.len());
        if end > datagram.len() || end < header.length {
            self.sessions.get(key).account.add(Malformed::TruncatedRecord.counter(), 1);
            step = Step::UNKNOWN;
        }
        let body = &datagram[header.length..end.clamp(header.length, datagram.len())];
        for set in Sets::new(header.version, body) {
            match set {
                Ok(Set { kind: SetKind::Data(id), body }) => {
                    step = step.and(self.decode_data_set(key, header, id, body, received));
                }
                Ok(Set { kind: SetKind::Reserved, .. }) => {}
                Ok(Set { kind, body }) => self.learn(key, header.version, kind, body, received),
                Err(reason) => {
                    self.sessions.get(key).account.add(reason.counter(), 1);
                    step = Step::UNKNOWN;
                }
            }
        }
        step
    }

    fn decode_data_set(
        &mut self,
        key: &SessionKey,
        header: &ExportHeader,
        id: u16,
        body: &[u8],
        received: Instant,
    ) -> Step {
        let Some((template, borrowed)) = self.sessions.template(key, id) else {
            self.park(key, header, id, body, received);
            return Step::UNKNOWN;
        };
        let template = if borrowed {
            self.sessions.get(key).account.add(Counter::BorrowedTemplates, 1);
            template
        } else {
            self.with_what_is_told(key, template)
        };
        let count = self.decode_data(key, header, &template, body, received);
        let flows = if template.is_options() { 0 } else { count };
        Step { records: Some(count), flows: Some(flows) }
    }

    /// The template, made anew where its session has told of elements since.
    fn with_what_is_told(&mut self, key: &SessionKey, template: Arc<Template>) -> Arc<Template> {
        let elements = self.sessions.get(key).elements(&self.person);
        if template.plan.serial == elements.serial() {
            return template;
        }
        let again = template.recompile(key.version, self.verbatim, elements);
        self.sessions.define(key, again);
        self.sessions.template(key, template.id).map_or(template, |(again, _)| again)
    }

    /// Decode the records of one set; returns how many there were.
    fn decode_data(
        &mut self,
        key: &SessionKey,
        header: &ExportHeader,
        template: &Template,
        body: &[u8],
        received: Instant,
    ) -> u32 {
        let (records, malformed) = Records::find(&template.plan.layout, body, &mut self.spans);
        let session = self.sessions.get(key);
        if let Some(reason) = malformed {
            session.account.add(reason.counter(), 1);
        }
        self.open_bytes += body.len();
        let origin =
            Origin { key, header, received, shift: self.shift, template_id: template.id, person: &self.person };
        let count = records.count();
        if template.is_options() {
            session.account.add(Counter::OptionRecords, count as u64);
            let told = session.told.held_bytes();
            fill::options(&mut self.options, &template.plan, &records, &origin, session);
            let told = session.told.held_bytes() - told;
            self.sessions.note_told(told);
        } else {
            session.account.add(Counter::Records, count as u64);
            fill::flows(&mut self.flows, &template.plan, &records, &origin, session);
        }
        count as u32
    }

    /// Book what evicted sessions leave behind.
    fn book(&mut self, evicted: Evicted, received: Instant) {
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

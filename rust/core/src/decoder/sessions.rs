//! All sessions of a decoder, bounded in number and in what their templates take.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use super::{Limits, Session, SessionKey, statistics::Statistics};
use crate::{
    address::Address,
    ledger::LedgerRow,
    schema::{COUNTERS, Counter},
    sightings::Ended,
    templates::{Template, ToldElements},
    time::{Instant, minute_of},
    wire::{Malformed, ProtocolVersion, SetKind},
};

/// Exporter, version and domain without the port, and a template id: who may lend it.
type LenderKey = (Address, ProtocolVersion, u32, u16);

/// Exporter, version and domain, whatever the connection.
type OriginKey = (Address, ProtocolVersion, u32);

/// What lays out a data set.
pub struct Found {
    /// The template.
    pub template: Arc<Template>,
    /// The port it came from, where that is another than the data's.
    pub lender: Option<u16>,
}

/// What evicted sessions leave behind.
#[derive(Default)]
pub struct Evicted {
    /// How many there were.
    pub sessions: u64,
    /// Ledger rows of those that were understood.
    pub rows: Vec<LedgerRow>,
    /// What these had seen of their clocks.
    pub sightings: Vec<(SessionKey, [Option<Ended>; 2])>,
    /// What the others counted, in one sum: a flood of forged senders must not become a flood of rows.
    pub never_understood: Option<[u64; COUNTERS.len()]>,
}

/// All sessions of a decoder.
pub struct Sessions {
    live: Vec<Session>,
    /// Where each session stands among those that live.
    places: HashMap<SessionKey, usize>,
    /// The place last entered: a datagram asks for its session several times.
    last: usize,
    /// Ports of the sessions that have a template.
    lenders: HashMap<LenderKey, Vec<u16>>,
    template_bytes: usize,
    /// Totals told in connections that have ended: who connects again goes on with them.
    totals: HashMap<OriginKey, Statistics>,
    evicted: [u64; COUNTERS.len()],
    entries: u64,
    /// Whether a session's templates may lay out what another port of its exporter sends.
    is_lending: bool,
    /// Grows with each template learnt or forgotten, and each session that turns out to be of use.
    changes: u64,
    limits: Limits,
}

/// The part of a session's templates that goes to make room for one more: a flood of templates then costs one
/// pass over them now and then.
const EVICTED_PART: usize = 16;

impl Sessions {
    /// None yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            live: Vec::new(),
            places: HashMap::new(),
            last: 0,
            lenders: HashMap::new(),
            template_bytes: 0,
            totals: HashMap::new(),
            evicted: [0; COUNTERS.len()],
            entries: 0,
            is_lending: true,
            changes: 0,
            limits,
        }
    }

    /// Make sure the session exists and its account is in the right minute.
    pub fn enter(&mut self, key: SessionKey, received: Instant) -> Evicted {
        let (place, mut evicted) = self.place_or_create(key);
        self.entries += 1;
        self.last = place;
        self.live[place].entered = self.entries;
        if self.live[place].account.minute() != minute_of(received) {
            self.expire(&key, received);
            evicted.rows.extend(self.live[place].end_minute());
        }
        self.live[place].account.enter(received);
        evicted
    }

    /// Make sure the session exists; returns what those leave that had to go for it.
    pub fn create(&mut self, key: SessionKey) -> Evicted {
        self.place_or_create(key).1
    }

    fn place_or_create(&mut self, key: SessionKey) -> (usize, Evicted) {
        if let Some(place) = self.place(&key) {
            return (place, Evicted::default());
        }
        let evicted = if self.live.len() >= self.limits.sessions { self.evict() } else { Evicted::default() };
        self.entries += 1;
        let place = self.live.len();
        let mut session = Session::new(key, self.entries);
        session.statistics = self.totals.remove(&origin_key(&key)).unwrap_or_default();
        self.live.push(session);
        self.places.insert(key, place);
        (place, evicted)
    }

    fn place(&self, key: &SessionKey) -> Option<usize> {
        match self.live.get(self.last) {
            Some(session) if session.key == *key => Some(self.last),
            _ => self.places.get(key).copied(),
        }
    }

    /// A session that was entered.
    pub fn get(&mut self, key: &SessionKey) -> &mut Session {
        self.find(key).expect("a session is entered before it is used")
    }

    /// A session, if it is still there.
    pub fn find(&mut self, key: &SessionKey) -> Option<&mut Session> {
        let place = self.place(key)?;
        Some(&mut self.live[place])
    }

    /// A session to look at, if it is still there.
    pub fn look(&self, key: &SessionKey) -> Option<&Session> {
        Some(&self.live[self.place(key)?])
    }

    fn remove(&mut self, key: &SessionKey) -> Option<Session> {
        let place = self.places.remove(key)?;
        let removed = self.live.swap_remove(place);
        if let Some(moved) = self.live.get(place) {
            self.places.insert(moved.key, place);
        }
        Some(removed)
    }

    /// The template of a session, or else the only one its exporter sent for that version, domain and id from
    /// another port.
    ///
    /// Borrowing comes second because exporters behind one address differ by port alone.
    pub fn template(&mut self, key: &SessionKey, id: u16, received: Instant) -> Option<Found> {
        if self.look(key).is_some_and(|session| session.template(id).is_some()) {
            return self.lay_out(key, id, None);
        }
        if !self.is_lending {
            return None;
        }
        let [port] = self.lenders.get(&lender_key(key, id))?[..] else { return None };
        let lender = SessionKey { port, ..*key };
        // The lender may be silent itself, and then nothing else looks how old its templates are.
        self.expire(&lender, received);
        self.lay_out(&lender, id, Some(port))
    }

    fn lay_out(&mut self, key: &SessionKey, id: u16, lender: Option<u16>) -> Option<Found> {
        let entries = self.entries;
        let session = self.find(key)?;
        let known = session.template_mut(id)?;
        let template = known.template.clone();
        known.used = entries;
        if !std::mem::replace(&mut session.is_useful, true) {
            // Now it is worth keeping.
            self.changes += 1;
        }
        Some(Found { template, lender })
    }

    /// Learn a template; one of the same id is replaced. Whose templates had to go for it is in the ledger.
    pub fn define(&mut self, key: &SessionKey, template: Template, refreshed: Instant) {
        let id = template.id;
        self.forget(key, id);
        self.make_room(key);
        self.changes += 1;
        self.template_bytes += template.held_bytes();
        let used = self.entries;
        self.get(key).insert(template, refreshed, used);
        self.lenders.entry(lender_key(key, id)).or_default().push(key.port);
        if self.template_bytes > self.limits.template_bytes {
            self.forget_largest();
        }
    }

    /// Account for what a session was told of elements; it is bounded together with templates.
    pub fn note_told(&mut self, bytes: usize) {
        self.template_bytes += bytes;
        if bytes > 0 && self.template_bytes > self.limits.template_bytes {
            self.forget_largest();
        }
    }

    /// Make the plans of all templates anew.
    pub fn recompile(&mut self, person: &ToldElements, verbatim: bool) {
        self.live.iter_mut().for_each(|session| session.recompile(person, verbatim));
        self.template_bytes = self.live.iter().map(Session::template_bytes).sum();
    }

    /// Put another plan in the place of a template's own.
    pub fn replace(&mut self, key: &SessionKey, again: Template) {
        let Some(session) = self.find(key) else { return };
        let before = session.template_bytes();
        session.replace(again);
        let after = session.template_bytes();
        self.template_bytes = self.template_bytes - before + after;
    }

    /// Note that a template was sent again, which renews its lifetime.
    pub fn refresh(&mut self, key: &SessionKey, id: u16, received: Instant) {
        let used = self.entries;
        if let Some(known) = self.get(key).template_mut(id) {
            known.refreshed = received;
            known.used = used;
        }
    }

    /// Forget a template; `false` when it was not known.
    pub fn forget(&mut self, key: &SessionKey, id: u16) -> bool {
        let Some(session) = self.find(key) else { return false };
        let before = session.template_bytes();
        if !session.remove(id) {
            return false;
        }
        let freed = before - session.template_bytes();
        self.changes += 1;
        self.template_bytes -= freed;
        self.stop_lending(key, id);
        true
    }

    /// Forget all templates of a kind; returns how many there were.
    pub fn forget_all(&mut self, key: &SessionKey, kind: SetKind) -> u64 {
        let ids = self.look(key).map_or_else(Vec::new, |session| session.ids(kind));
        let forgotten = self.forget_each(key, &ids);
        if let Some(session) = self.find(key) {
            let before = session.template_bytes();
            session.forget_elements();
            let freed = before - session.template_bytes();
            self.template_bytes -= freed;
        }
        forgotten
    }

    /// A number that is another one whenever a template was learnt or forgotten, or a session turned out to be of use.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Keep the templates of a session to itself from now on.
    pub fn lend_nothing(&mut self) {
        self.is_lending = false;
    }

    /// End what came from one port of an exporter: templates and sequence numbers begin anew, counts go on.
    pub fn end(&mut self, exporter: Address, port: u16) {
        let is_its = |key: &&SessionKey| (key.exporter, key.port) == (exporter, port);
        let keys: Vec<_> = self.places.keys().filter(is_its).copied().collect();
        for key in keys {
            self.forget_all(&key, SetKind::Templates);
            self.forget_all(&key, SetKind::OptionsTemplates);
            let session = self.get(&key);
            session.sequence.restart();
            let totals = std::mem::take(&mut session.statistics);
            if !totals.is_empty() && self.totals.len() < self.limits.sessions {
                self.totals.insert(origin_key(&key), totals);
            }
        }
    }

    /// Every session.
    pub fn all(&self) -> impl Iterator<Item = &Session> {
        self.live.iter()
    }

    /// Every session, to settle.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Session> {
        self.live.iter_mut()
    }

    /// Sums of the sessions that are gone, as far as they are in no other account.
    pub fn evicted_totals(&self) -> &[u64] {
        &self.evicted
    }

    /// Drop a quarter: first those heard little, of them those silent longest.
    ///
    /// A flood of forged senders so costs one pass over the table now and then, not one for each
    /// datagram, and pushes out its own kind before any exporter we know.
    fn evict(&mut self) -> Evicted {
        let mut order: Vec<_> =
            self.live.iter().map(|session| (session.was_heard_often(), session.entered, session.key)).collect();
        let count = (order.len() / 4).max(1);
        order.select_nth_unstable_by_key(count - 1, |&(often, entered, _)| (often, entered));
        let mut evicted = Evicted { sessions: count as u64, ..Evicted::default() };
        for (.., key) in &order[..count] {
            self.forget_all(key, SetKind::Templates);
            self.forget_all(key, SetKind::OptionsTemplates);
            if let Some(session) = self.remove(key) {
                self.close(session, &mut evicted);
            }
        }
        evicted
    }

    fn close(&mut self, mut session: Session, evicted: &mut Evicted) {
        session.settle();
        let mut totals = *session.account.totals();
        let row = session.take_row();
        if session.was_understood() {
            evicted.rows.extend(row);
            evicted.sightings.push((session.key, session.watches.take_before(i64::MAX)));
        } else if let Some(row) = row {
            let sum = evicted.never_understood.get_or_insert([0; COUNTERS.len()]);
            for ((sum, count), total) in sum.iter_mut().zip(row.counts).zip(&mut totals) {
                *sum = sum.saturating_add(count);
                *total -= count;
            }
        }
        for (sum, total) in self.evicted.iter_mut().zip(totals) {
            *sum = sum.saturating_add(total);
        }
    }

    /// Let a session that has as many templates as it may forget those it did not use for longest.
    fn make_room(&mut self, key: &SessionKey) {
        let limit = self.limits.templates_per_session;
        let session = self.get(key);
        if session.template_count() < limit {
            return;
        }
        let surplus = session.template_count() + 1 - limit;
        let ids = session.ids_least_used(surplus.max(limit / EVICTED_PART));
        let evicted = self.forget_each(key, &ids);
        self.get(key).account.add(Counter::EvictedTemplates, evicted);
    }

    /// Make room again by a quarter, from whoever holds most for each datagram it sent: an exporter that is heard all
    /// the time keeps its templates, whoever floods us with them does not, and the pass is paid for by the bytes it
    /// took to get here.
    fn forget_largest(&mut self) {
        let cost = |session: &Session| session.template_bytes() as u64 / session.heard().max(1);
        let mut order: Vec<_> = self.live.iter().map(|session| (cost(session), session.key)).collect();
        order.sort_unstable_by_key(|&(cost, _)| Reverse(cost));
        for (_, key) in order {
            if self.template_bytes <= self.limits.template_bytes / 4 * 3 {
                return;
            }
            let evicted = self.forget_all(&key, SetKind::Templates) + self.forget_all(&key, SetKind::OptionsTemplates);
            let account = &mut self.get(&key).account;
            account.add(Counter::EvictedTemplates, evicted);
            account.add(Malformed::Limit.counter(), 1);
        }
    }

    /// Forget what a session's exporter did not send again within the lifetime of a template.
    fn expire(&mut self, key: &SessionKey, now: Instant) {
        let Some(oldest) = self.limits.template_lifetime.map(|lifetime| now.saturating_sub(lifetime)) else { return };
        let ids = self.look(key).map_or_else(Vec::new, |session| session.ids_older_than(oldest));
        let expired = self.forget_each(key, &ids);
        if let Some(session) = self.find(key) {
            session.account.add(Counter::ExpiredTemplates, expired);
        }
    }

    fn forget_each(&mut self, key: &SessionKey, ids: &[u16]) -> u64 {
        ids.iter().map(|&id| u64::from(self.forget(key, id))).sum()
    }

    fn stop_lending(&mut self, key: &SessionKey, id: u16) {
        let lender = lender_key(key, id);
        if let Some(ports) = self.lenders.get_mut(&lender) {
            ports.retain(|&port| port != key.port);
            if ports.is_empty() {
                self.lenders.remove(&lender);
            }
        }
    }
}

fn origin_key(key: &SessionKey) -> OriginKey {
    (key.exporter, key.version, key.observation_domain)
}

fn lender_key(key: &SessionKey, id: u16) -> LenderKey {
    (key.exporter, key.version, key.observation_domain, id)
}

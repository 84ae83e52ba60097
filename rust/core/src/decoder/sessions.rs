//! All sessions of a decoder, bounded in number and in what their templates take.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use super::{Limits, Session, SessionKey};
use crate::{
    address::Address,
    ledger::LedgerRow,
    schema::COUNTERS,
    sightings::Ended,
    templates::{Template, ToldElements},
    time::Instant,
    wire::{Malformed, ProtocolVersion, SetKind},
};

/// Exporter, version and domain without the port, and a template id: who may lend it.
type LenderKey = (Address, ProtocolVersion, u32, u16);

/// What evicted sessions leave behind.
#[derive(Default)]
pub struct Evicted {
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
    evicted: [u64; COUNTERS.len()],
    entries: u64,
    /// Whether a session's templates may lay out what another port of its exporter sends.
    is_lending: bool,
    limits: Limits,
}

impl Sessions {
    /// None yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            live: Vec::new(),
            places: HashMap::new(),
            last: 0,
            lenders: HashMap::new(),
            template_bytes: 0,
            evicted: [0; COUNTERS.len()],
            entries: 0,
            is_lending: true,
            limits,
        }
    }

    /// Make sure the session exists and its account is in the right minute.
    pub fn enter(&mut self, key: SessionKey, received: Instant) -> Evicted {
        let (place, mut evicted) = self.place_or_create(key);
        self.entries += 1;
        self.last = place;
        let session = &mut self.live[place];
        session.entered = self.entries;
        evicted.rows.extend(session.enter_minute(received));
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
        self.live.push(Session::new(key, self.entries));
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

    /// The template of a session, or else the only one its exporter sent for that version, domain and
    /// id from another port; the flag tells which.
    ///
    /// Borrowing comes second because exporters behind one address differ by port alone.
    pub fn template(&self, key: &SessionKey, id: u16) -> Option<(Arc<Template>, bool)> {
        if let Some(template) = self.look(key).and_then(|session| session.template(id)) {
            return Some((template.clone(), false));
        }
        if !self.is_lending {
            return None;
        }
        let [port] = self.lenders.get(&lender_key(key, id))?[..] else { return None };
        let lent = self.look(&SessionKey { port, ..*key })?.template(id)?;
        Some((lent.clone(), true))
    }

    /// Learn a template; one of the same id is replaced. Whose templates had to go for it is in the ledger.
    pub fn define(&mut self, key: &SessionKey, template: Template) {
        let id = template.id;
        self.forget(key, id);
        self.template_bytes += template.held_bytes();
        self.get(key).insert(template);
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

    /// Forget a template, if it is known.
    pub fn forget(&mut self, key: &SessionKey, id: u16) {
        let session = self.get(key);
        let before = session.template_bytes();
        if session.remove(id) {
            let freed = before - session.template_bytes();
            self.template_bytes -= freed;
            self.stop_lending(key, id);
        }
    }

    /// Forget all templates of a kind.
    pub fn forget_all(&mut self, key: &SessionKey, kind: SetKind) {
        let Some(session) = self.find(key) else { return };
        let before = session.template_bytes();
        let ids = session.remove_kind(kind);
        let freed = before - session.template_bytes();
        self.template_bytes -= freed;
        for id in ids {
            self.stop_lending(key, id);
        }
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
            self.get(&key).sequence.restart();
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
        let mut evicted = Evicted::default();
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
                *sum += count;
                *total -= count;
            }
        }
        for (sum, total) in self.evicted.iter_mut().zip(totals) {
            *sum += total;
        }
    }

    /// Make room again by a quarter, from whoever holds most: no exporter needs what a flood of
    /// templates takes, and the pass is paid for by the bytes it took to get here.
    fn forget_largest(&mut self) {
        let mut order: Vec<_> = self.live.iter().map(|session| (session.template_bytes(), session.key)).collect();
        order.sort_unstable_by_key(|&(bytes, _)| Reverse(bytes));
        for (_, key) in order {
            if self.template_bytes <= self.limits.template_bytes / 4 * 3 {
                return;
            }
            self.forget_all(&key, SetKind::Templates);
            self.forget_all(&key, SetKind::OptionsTemplates);
            self.get(&key).account.add(Malformed::Limit.counter(), 1);
        }
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

fn lender_key(key: &SessionKey, id: u16) -> LenderKey {
    (key.exporter, key.version, key.observation_domain, id)
}

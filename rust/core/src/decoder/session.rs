//! What is known of one transport session of an exporter.

use std::{collections::HashMap, sync::Arc};

use super::{Limits, sampling::Sampling, sequence::Sequence};
use crate::{
    address::Address,
    ledger::{Account, LedgerRow},
    schema::{COUNTERS, Counter},
    templates::{FieldSpecifier, Template},
    time::Instant,
    wire::{ProtocolVersion, SetKind},
};

/// What tells sessions apart, besides the local socket whose decoder this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionKey {
    /// Sender's address.
    pub exporter: Address,
    /// Sender's port.
    pub port: u16,
    /// Protocol.
    pub version: ProtocolVersion,
    /// Observation domain, source id or engine.
    pub observation_domain: u32,
}

/// Templates, sequence, sampling and account of one session.
#[derive(Debug)]
pub struct Session {
    /// Whose session it is.
    pub key: SessionKey,
    /// What was counted.
    pub account: Account,
    /// What is missing by sequence number.
    pub sequence: Sequence,
    /// How the exporter samples.
    pub sampling: Sampling,
    /// When the exporter booted, milliseconds since 1970, if it said so in an options record.
    pub system_init_ms: Option<i64>,
    templates: HashMap<u16, Arc<Template>>,
}

impl Session {
    fn new(key: SessionKey) -> Self {
        Self {
            key,
            account: Account::default(),
            sequence: Sequence::default(),
            sampling: Sampling::default(),
            system_init_ms: None,
            templates: HashMap::new(),
        }
    }

    /// Number of templates known.
    pub fn template_count(&self) -> usize {
        self.templates.len()
    }

    /// A template by its id.
    pub fn template(&self, id: u16) -> Option<&Arc<Template>> {
        self.templates.get(&id)
    }

    /// Whether the same definition is known already: a refresh.
    pub fn is_known(&self, id: u16, fields: &[FieldSpecifier], scopes: usize) -> bool {
        self.template(id).is_some_and(|known| known.fields == fields && known.scopes == scopes)
    }

    /// Learn a template; one of the same id is replaced.
    pub fn define(&mut self, template: Template) {
        self.templates.insert(template.id, Arc::new(template));
    }

    /// Forget a template, or with the set's own id all of its kind (RFC 7011, section 8.1).
    pub fn withdraw(&mut self, id: u16, kind: SetKind) {
        let of_options = kind == SetKind::OptionsTemplates;
        if id >= 256 {
            self.templates.remove(&id);
        } else {
            self.templates.retain(|_, template| template.is_options() != of_options);
        }
    }

    /// Book what is only known in sum: sequence gaps, and that drained records are handed over.
    pub fn settle(&mut self) {
        self.account.raise(Counter::LostSequence, self.sequence.lost());
        self.account.raise(Counter::Stored, self.account.total(Counter::Records));
    }

    /// The ledger row of what changed since the last.
    pub fn take_row(&mut self) -> Option<LedgerRow> {
        let mut row = self.account.take_row(Some(self.key))?;
        row.template_count = Some(self.templates.len() as u32);
        row.sampling_interval = self.sampling.default_interval();
        Some(row)
    }
}

/// Exporter, version and domain without the port: who may lend a template.
type LenderKey = (Address, ProtocolVersion, u32);

/// All sessions of a decoder, bounded in number.
pub struct Sessions {
    by_key: HashMap<SessionKey, Session>,
    ports: HashMap<LenderKey, Vec<u16>>,
    evicted: Vec<u64>,
    limits: Limits,
}

impl Sessions {
    /// None yet.
    pub fn new(limits: Limits) -> Self {
        Self { by_key: HashMap::new(), ports: HashMap::new(), evicted: vec![0; COUNTERS.len()], limits }
    }

    /// Make sure the session exists and its account is in the right minute.
    ///
    /// Returns the ledger rows this closed: the minute before, and evicted sessions.
    pub fn enter(&mut self, key: SessionKey, received: Instant) -> Vec<LedgerRow> {
        let mut rows = self.create(key);
        let session = self.get(&key);
        if session.account.enters_new_minute(received) {
            session.settle();
            rows.extend(session.take_row());
        }
        session.account.enter(received);
        rows
    }

    /// Make sure the session exists; returns the ledger rows of those that had to go for it.
    pub fn create(&mut self, key: SessionKey) -> Vec<LedgerRow> {
        if self.by_key.contains_key(&key) {
            return Vec::new();
        }
        let rows = if self.by_key.len() >= self.limits.sessions { self.evict() } else { Vec::new() };
        self.ports.entry(lender_key(&key)).or_default().push(key.port);
        self.by_key.insert(key, Session::new(key));
        rows
    }

    /// A session that was entered.
    pub fn get(&mut self, key: &SessionKey) -> &mut Session {
        self.by_key.get_mut(key).expect("a session is entered before it is used")
    }

    /// A session, if it is still there.
    pub fn find(&mut self, key: &SessionKey) -> Option<&mut Session> {
        self.by_key.get_mut(key)
    }

    /// A session to look at, if it is still there.
    pub fn look(&self, key: &SessionKey) -> Option<&Session> {
        self.by_key.get(key)
    }

    /// The template of a session, or else the only one its exporter sent for that version, domain and
    /// id from another port; the flag tells which.
    ///
    /// Borrowing comes second because exporters behind one address differ by port alone.
    pub fn template(&self, key: &SessionKey, id: u16) -> Option<(Arc<Template>, bool)> {
        if let Some(template) = self.by_key.get(key).and_then(|session| session.template(id)) {
            return Some((template.clone(), false));
        }
        let ports = self.ports.get(&lender_key(key))?;
        let mut offers = ports.iter().filter_map(|&port| self.by_key.get(&SessionKey { port, ..*key })?.template(id));
        let only = offers.next()?;
        offers.next().is_none().then(|| (only.clone(), true))
    }

    /// Every session.
    pub fn all(&self) -> impl Iterator<Item = &Session> {
        self.by_key.values()
    }

    /// Every session, to settle.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Session> {
        self.by_key.values_mut()
    }

    /// Sums of the sessions that are gone.
    pub fn evicted_totals(&self) -> &[u64] {
        &self.evicted
    }

    /// Drop the quarter that was silent longest, so that a flood of forged senders costs one pass
    /// over the table now and then and not one per datagram.
    fn evict(&mut self) -> Vec<LedgerRow> {
        let mut ages: Vec<_> =
            self.by_key.values().map(|session| (session.account.last_received(), session.key)).collect();
        let count = (ages.len() / 4).max(1);
        ages.select_nth_unstable_by_key(count - 1, |&(last_received, _)| last_received);
        let mut rows = Vec::new();
        for (_, key) in &ages[..count] {
            let Some(mut session) = self.by_key.remove(key) else { continue };
            if let Some(ports) = self.ports.get_mut(&lender_key(key)) {
                ports.retain(|&port| port != key.port);
                if ports.is_empty() {
                    self.ports.remove(&lender_key(key));
                }
            }
            session.settle();
            rows.extend(session.take_row());
            for (sum, total) in self.evicted.iter_mut().zip(session.account.totals()) {
                *sum += total;
            }
        }
        rows
    }
}

fn lender_key(key: &SessionKey) -> LenderKey {
    (key.exporter, key.version, key.observation_domain)
}

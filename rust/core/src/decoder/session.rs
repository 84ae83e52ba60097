//! What is known of one transport session of an exporter.

use std::{collections::BTreeMap, sync::Arc};

use super::{sampling::Sampling, sequence::Sequence};
use crate::{
    address::Address,
    ledger::{Account, LedgerRow},
    schema::Counter,
    sightings::Watches,
    templates::{Elements, FieldSpecifier, Template, ToldElements},
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
    /// Tells it from an earlier session of the same key, which was evicted.
    pub serial: u64,
    /// What was counted.
    pub account: Account,
    /// What its headers show of its clocks.
    pub watches: Watches,
    /// What is missing by sequence number.
    pub sequence: Sequence,
    /// How the exporter samples.
    pub sampling: Sampling,
    /// When the exporter booted, milliseconds since 1970, if it said so in an options record.
    pub system_init_ms: Option<i64>,
    /// What it told of elements.
    pub told: ToldElements,
    /// Whether it stands in the list of sessions fed since somebody last asked.
    pub(super) is_touched: bool,
    /// When it was last entered, in entries of any session: unlike arrival times this never goes back.
    pub(super) entered: u64,
    // Apart, so that withdrawing all of a kind is no search.
    flow_templates: BTreeMap<u16, Arc<Template>>,
    options_templates: BTreeMap<u16, Arc<Template>>,
    template_bytes: usize,
}

/// Datagrams after which an exporter is no passer-by.
const OFTEN: u64 = 16;

impl Session {
    pub(super) fn new(key: SessionKey, serial: u64) -> Self {
        Self {
            key,
            serial,
            account: Account::default(),
            watches: Watches::default(),
            sequence: Sequence::default(),
            sampling: Sampling::default(),
            system_init_ms: None,
            told: ToldElements::default(),
            is_touched: false,
            entered: serial,
            flow_templates: BTreeMap::new(),
            options_templates: BTreeMap::new(),
            template_bytes: 0,
        }
    }

    /// Number of templates known.
    pub fn template_count(&self) -> usize {
        self.flow_templates.len() + self.options_templates.len()
    }

    /// Bytes the templates take, and what was told of their elements.
    pub fn template_bytes(&self) -> usize {
        self.template_bytes + self.told.held_bytes()
    }

    /// What is known of the elements of its templates, with what a person told.
    pub fn elements<'a>(&'a self, person: &'a ToldElements) -> Elements<'a> {
        Elements { person: Some(person), exporter: Some(&self.told) }
    }

    /// A template by its id.
    pub fn template(&self, id: u16) -> Option<&Arc<Template>> {
        self.flow_templates.get(&id).or_else(|| self.options_templates.get(&id))
    }

    /// Whether the same definition is known already: a refresh.
    pub fn is_known(&self, id: u16, fields: &[FieldSpecifier], scopes: usize) -> bool {
        self.template(id).is_some_and(|known| known.fields == fields && known.scopes == scopes)
    }

    /// Whether it sent anything that could be read, and not only refuse.
    pub fn was_understood(&self) -> bool {
        [Counter::Records, Counter::OptionRecords, Counter::Templates].iter().any(|&it| self.account.total(it) > 0)
    }

    /// Whether it was heard so often that a passing flood should not cost us what it said.
    pub fn was_heard_often(&self) -> bool {
        self.account.total(Counter::Datagrams) >= OFTEN
    }

    /// Note an arrival; returns the ledger row of the minute it ends, if it does.
    pub(super) fn enter_minute(&mut self, received: Instant) -> Option<LedgerRow> {
        let ended = self.account.enters_new_minute(received);
        let row = if ended {
            self.settle();
            self.take_row()
        } else {
            None
        };
        self.account.enter(received);
        row
    }

    /// Book what is only known in sum: sequence gaps, and that drained records are handed over.
    pub fn settle(&mut self) {
        self.account.raise(Counter::LostSequence, self.sequence.lost());
        self.account.raise(Counter::Stored, self.account.total(Counter::Records));
    }

    /// The ledger row of what changed since the last.
    pub fn take_row(&mut self) -> Option<LedgerRow> {
        let mut row = self.account.take_row(Some(self.key))?;
        row.template_count = Some(self.template_count() as u32);
        row.sampling_interval = self.sampling.told();
        Some(row)
    }

    /// Make the plans of all templates anew.
    pub(super) fn recompile(&mut self, person: &ToldElements, verbatim: bool) {
        let known: Vec<_> = self.flow_templates.values().chain(self.options_templates.values()).cloned().collect();
        for template in known {
            let again = template.recompile(self.key.version, verbatim, self.elements(person));
            self.template_bytes -= template.held_bytes();
            self.insert(again);
        }
    }

    pub(super) fn insert(&mut self, template: Template) {
        self.template_bytes += template.held_bytes();
        let templates = if template.is_options() { &mut self.options_templates } else { &mut self.flow_templates };
        templates.insert(template.id, Arc::new(template));
    }

    /// Forget a template; `false` when there was none.
    pub(super) fn remove(&mut self, id: u16) -> bool {
        let removed = self.flow_templates.remove(&id).or_else(|| self.options_templates.remove(&id));
        self.template_bytes -= removed.as_ref().map_or(0, |template| template.held_bytes());
        removed.is_some()
    }

    /// Forget all templates of a kind; returns their ids.
    pub(super) fn remove_kind(&mut self, kind: SetKind) -> Vec<u16> {
        let templates = match kind {
            SetKind::OptionsTemplates => &mut self.options_templates,
            _ => &mut self.flow_templates,
        };
        let removed = std::mem::take(templates);
        self.template_bytes -= removed.values().map(|template| template.held_bytes()).sum::<usize>();
        if self.template_count() == 0 {
            self.told = ToldElements::default();
        }
        removed.into_keys().collect()
    }
}

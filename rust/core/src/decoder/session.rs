//! What is known of one transport session of an exporter.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use super::{drops::about, sampling::Sampling, sequence::Sequence, statistics::Statistics};
use crate::{
    address::Address,
    ledger::{Account, LedgerRow},
    schema::Counter,
    sightings::Watches,
    templates::{Elements, Template, ToldElements},
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

/// A template of a session, and what tells whether it is still worth keeping.
#[derive(Clone, Debug)]
pub struct Known {
    /// The template.
    pub template: Arc<Template>,
    /// When its exporter last sent it.
    pub refreshed: Instant,
    /// When it was last sent or used, in entries of any session.
    pub(super) used: u64,
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
    /// What the exporter counted of itself.
    pub statistics: Statistics,
    /// When the exporter booted, milliseconds since 1970, if it said so in an options record.
    pub system_init_ms: Option<i64>,
    /// What it told of elements.
    pub told: ToldElements,
    /// Whether an options record told something new of sampling, of elements, or of when the exporter booted.
    pub has_learnt: bool,
    /// Whether a template of it ever laid out data.
    pub is_useful: bool,
    /// Datagrams heard by a collector that ran before.
    pub heard_before: u64,
    /// The exporter's uptime in the latest header that told one.
    pub(super) uptime_ms: Option<u32>,
    /// Whether it stands in the list of sessions fed since somebody last asked.
    pub(super) is_touched: bool,
    /// When it was last entered, in entries of any session: unlike arrival times this never goes back.
    pub(super) entered: u64,
    // Apart, so that withdrawing all of a kind is no search.
    flow_templates: BTreeMap<u16, Known>,
    options_templates: BTreeMap<u16, Known>,
    template_bytes: usize,
}

/// Datagrams after which an exporter is no passer-by.
const OFTEN: u64 = 16;
/// An uptime that fell by more than this is that of an exporter that booted, and no late datagram.
const LATEST_UPTIME_MS: i32 = 60_000;

impl Session {
    pub(super) fn new(key: SessionKey, serial: u64) -> Self {
        Self {
            key,
            serial,
            account: Account::default(),
            watches: Watches::default(),
            sequence: Sequence::default(),
            sampling: Sampling::default(),
            statistics: Statistics::default(),
            system_init_ms: None,
            told: ToldElements::default(),
            has_learnt: false,
            is_useful: false,
            heard_before: 0,
            uptime_ms: None,
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

    /// Every template, options templates last.
    pub fn templates(&self) -> impl Iterator<Item = &Known> {
        self.flow_templates.values().chain(self.options_templates.values())
    }

    /// A template by its id: flow and options templates share the numbers.
    pub fn template(&self, id: u16) -> Option<&Known> {
        self.flow_templates.get(&id).or_else(|| self.options_templates.get(&id))
    }

    /// The same, to note that it was used or sent again.
    pub(super) fn template_mut(&mut self, id: u16) -> Option<&mut Known> {
        self.flow_templates.get_mut(&id).or_else(|| self.options_templates.get_mut(&id))
    }

    /// Whether it sent anything that could be read, and not only refuse.
    pub fn was_understood(&self) -> bool {
        [Counter::Records, Counter::OptionRecords, Counter::Templates].iter().any(|&it| self.account.total(it) > 0)
    }

    /// Whether it was heard so often that a passing flood should not cost us what it said.
    pub fn was_heard_often(&self) -> bool {
        self.heard() >= OFTEN
    }

    /// Datagrams heard of it, by collectors that ran before as well.
    pub fn heard(&self) -> u64 {
        self.heard_before.saturating_add(self.account.total(Counter::Datagrams))
    }

    /// Note the uptime that a header tells: one that fell belongs to an exporter that booted, and numbers anew. Its
    /// templates stay until it sends others.
    pub(super) fn note_uptime(&mut self, uptime_ms: Option<u32>) {
        // A header's uptime of 0 may mean that it tells none.
        let Some(now) = uptime_ms.filter(|&uptime| uptime > 0) else { return };
        let Some(before) = self.uptime_ms else {
            self.uptime_ms = Some(now);
            return;
        };
        let gained = now.wrapping_sub(before) as i32;
        if gained < -LATEST_UPTIME_MS {
            self.sequence.reboot();
        }
        if !(-LATEST_UPTIME_MS..0).contains(&gained) {
            self.uptime_ms = Some(now);
        }
    }

    /// The ledger row of a minute that is over, if there was one.
    pub(super) fn end_minute(&mut self) -> Option<LedgerRow> {
        if self.account.minute() == Instant::MIN {
            return None;
        }
        self.settle();
        self.take_row()
    }

    /// Flow records came together: count them once more, squared.
    pub(super) fn count_records_together(&mut self, flows: u32) {
        self.account.add(Counter::RecordSquares, u64::from(flows) * u64::from(flows));
    }

    /// About how many of its datagrams are missing, by what is missing in the unit it numbers.
    pub(super) fn datagrams_of(&self, missing: u32) -> f64 {
        let [datagrams, records, options] =
            [Counter::Datagrams, Counter::Records, Counter::OptionRecords].map(|it| about(self.account.total(it)));
        let each = if self.sequence.is_by_datagram() { 1.0 } else { (records + options) / datagrams };
        f64::from(missing) / each.max(1.0)
    }

    /// Book what is only known in sum: sequence gaps, and that drained records are handed over.
    pub fn settle(&mut self) {
        let told = self.account.total(Counter::LostSequence) - self.account.total(Counter::FoundSequence);
        let lost = self.sequence.lost();
        // What the ledger has already cannot be taken back from it.
        self.account.add(Counter::LostSequence, lost.saturating_sub(told));
        if self.sequence.counts_otherwise(self.key.version) {
            self.account.add(Counter::LostOtherwise, lost.saturating_sub(told));
        }
        self.account.add(Counter::FoundSequence, told.saturating_sub(lost));
        self.account.raise(Counter::LostUpstream, self.sequence.lost_upstream());
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
        let known: Vec<_> = self.templates().map(|known| known.template.clone()).collect();
        for template in known {
            let again = template.recompile(self.key.version, verbatim, self.elements(person));
            self.replace(again);
        }
    }

    /// Put another plan in the place of a template's own.
    pub(super) fn replace(&mut self, again: Template) {
        let bytes = again.held_bytes();
        let Some(known) = self.template_mut(again.id) else { return };
        let before = std::mem::replace(&mut known.template, Arc::new(again)).held_bytes();
        self.template_bytes = self.template_bytes - before + bytes;
    }

    /// Forget what it told of elements, once it has no template that they could stand in.
    pub(super) fn forget_elements(&mut self) {
        if self.template_count() == 0 {
            self.told = ToldElements::default();
        }
    }

    pub(super) fn insert(&mut self, template: Template, refreshed: Instant, used: u64) {
        self.template_bytes += template.held_bytes();
        let templates = if template.is_options() { &mut self.options_templates } else { &mut self.flow_templates };
        templates.insert(template.id, Known { template: Arc::new(template), refreshed, used });
    }

    /// Forget a template; `false` when there was none.
    pub(super) fn remove(&mut self, id: u16) -> bool {
        let removed = self.flow_templates.remove(&id).or_else(|| self.options_templates.remove(&id));
        self.template_bytes -= removed.as_ref().map_or(0, |known| known.template.held_bytes());
        removed.is_some()
    }

    /// Ids of all templates of a kind.
    pub(super) fn ids(&self, kind: SetKind) -> Vec<u16> {
        match kind {
            SetKind::OptionsTemplates => self.options_templates.keys().copied().collect(),
            _ => self.flow_templates.keys().copied().collect(),
        }
    }

    /// Ids of the templates that were not sent again since a moment.
    pub(super) fn ids_older_than(&self, moment: Instant) -> Vec<u16> {
        self.templates().filter(|known| known.refreshed < moment).map(|known| known.template.id).collect()
    }

    /// Ids of so many templates, those that were not used for longest.
    pub(super) fn ids_least_used(&self, count: usize) -> Vec<u16> {
        let mut order: Vec<_> = self.templates().map(|known| (Reverse(known.used), known.template.id)).collect();
        order.sort_unstable();
        order.split_off(order.len().saturating_sub(count)).into_iter().map(|(_, id)| id).collect()
    }
}

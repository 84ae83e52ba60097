//! Learning templates, and the data sets that wait for them.

use super::{Decoder, SessionKey, parking::Parked, sessions::Found};
use crate::{
    dissection::{Outcome, Unparked},
    schema::Counter,
    templates::{FieldSpecifier, Lists, Records, Template},
    time::Instant,
    wire::{ExportHeader, Malformed, Set, SetKind, TemplateRecord, read_templates},
};

impl Decoder {
    /// Learn what a set of templates says, record by record. Its body begins at an offset of the message.
    pub(super) fn learn(&mut self, key: &SessionKey, set: &Set<'_>, offset: usize, received: Instant) {
        let Set { kind, style, body, .. } = *set;
        if let Some(dissection) = &mut self.dissection {
            dissection.begin_templates();
        }
        let mut end = 0;
        for placed in read_templates(style, kind, body) {
            end = placed.offset + placed.length;
            let outcome = match &placed.record {
                TemplateRecord::Definition { id, scopes, fields } => {
                    self.define(key, set, (*id, *scopes, fields), received)
                }
                TemplateRecord::Withdrawal { id } => self.withdraw(key, *id, kind),
                TemplateRecord::Refusal { id } => self.refuse_template(key, *id, Malformed::BadTemplate),
            };
            if let Some(dissection) = &mut self.dissection {
                let elements = self.sessions.get(key).elements(&self.person);
                dissection.template(style, offset, body, &placed, outcome, elements);
                if let Outcome::Refused(reason) = outcome {
                    dissection.problem(offset + placed.offset, reason.name());
                }
            }
        }
        if let Some(dissection) = &mut self.dissection {
            dissection.end_templates();
            dissection.end_set(offset + end, &body[end..]);
        }
    }

    fn define(
        &mut self,
        key: &SessionKey,
        set: &Set<'_>,
        (id, scopes, fields): (u16, usize, &[FieldSpecifier]),
        received: Instant,
    ) -> Outcome {
        let session = self.sessions.get(key);
        session.account.add(Counter::Templates, 1);
        let is_options = set.kind == SetKind::OptionsTemplates;
        let known = session.template(id).map(|known| &known.template);
        let is_repeated = known
            .is_some_and(|known| known.fields == fields && known.scopes == scopes && known.is_options() == is_options);
        if is_repeated {
            self.sessions.refresh(key, id, received);
            return Outcome::Repeated;
        }
        let is_changed = known.is_some();
        if is_changed {
            session.account.add(Counter::ChangedTemplates, 1);
            self.note_conflict(key);
        }
        if fields.len() > self.limits.fields_per_template {
            return self.refuse_template(key, id, Malformed::Limit);
        }
        if Template::is_hollow(fields) {
            return self.refuse_template(key, id, Malformed::BadTemplate);
        }
        let elements = self.sessions.get(key).elements(&self.person);
        let mut template = Template::compile(set.style, id, scopes, fields.to_vec(), self.verbatim, elements);
        template.plan.is_options = is_options;
        self.sessions.define(key, template, received);
        self.decode_parked(key, id, received);
        if is_changed { Outcome::Replaced } else { Outcome::Learnt }
    }

    /// What follows is not laid out as before: no layout is better than the wrong one.
    fn refuse_template(&mut self, key: &SessionKey, id: u16, reason: Malformed) -> Outcome {
        self.sessions.get(key).account.add(reason.counter(), 1);
        self.sessions.forget(key, id);
        Outcome::Refused(reason)
    }

    /// RFC 7011, section 8.1: the number of the set itself stands for all templates of its kind.
    fn withdraw(&mut self, key: &SessionKey, id: u16, kind: SetKind) -> Outcome {
        let is_all = matches!((id, kind), (2, SetKind::Templates) | (3, SetKind::OptionsTemplates));
        if id < 256 && !is_all {
            return self.refuse_template(key, id, Malformed::BadTemplate);
        }
        if !self.is_in_streams && !self.leniency.heeds_withdrawals {
            self.sessions.get(key).account.add(Counter::IgnoredWithdrawals, 1);
            return Outcome::Ignored;
        }
        let withdrawn =
            if is_all { self.sessions.forget_all(key, kind) } else { u64::from(self.sessions.forget(key, id)) };
        self.sessions.get(key).account.add(Counter::WithdrawnTemplates, withdrawn);
        if withdrawn > 0 || is_all {
            return Outcome::Withdrawn;
        }
        self.note_conflict(key);
        Outcome::NotKnown
    }

    /// Over a connection nothing is lost or overtaken, so its exporter contradicts itself (RFC 7011, section 8.1).
    fn note_conflict(&mut self, key: &SessionKey) {
        if self.is_in_streams {
            self.sessions.get(key).account.add(Counter::TemplateConflicts, 1);
        }
    }

    /// Set a data set aside until its template comes. Its body begins at an offset of the message.
    pub(super) fn park(
        &mut self,
        key: &SessionKey,
        header: &ExportHeader,
        id: u16,
        (body, offset): (&[u8], usize),
        received: Instant,
    ) -> Outcome {
        let parked = Parked { key: *key, header: *header, received, offset: offset as u32, body: body.into() };
        let session = self.sessions.get(key);
        let is_passer_by = !session.was_heard_often();
        session.account.add(Counter::Parked, 1);
        if self.parking.push(id, parked, is_passer_by) {
            session.sequence.set_aside();
            return Outcome::Parked;
        }
        session.account.add(Malformed::Limit.counter(), 1);
        session.account.add(Counter::LostNoTemplate, 1);
        Outcome::GivenUp
    }

    /// A template came: decode what waited for it. Sets of other ports may borrow it if it is the only one.
    fn decode_parked(&mut self, key: &SessionKey, id: u16, received: Instant) {
        let ports = self.parking.ports(key, id);
        if ports.is_empty() {
            return;
        }
        for port in ports {
            let waiting = SessionKey { port, ..*key };
            let Some(Found { template, lender }) = self.sessions.template(&waiting, id, received) else { continue };
            // A session that was evicted meanwhile is not brought back: the one at hand takes its rows.
            let booked = if self.sessions.look(&waiting).is_some() { waiting } else { *key };
            for parked in self.parking.take(&waiting, id) {
                let evicted = self.sessions.enter(booked, parked.received);
                self.book(evicted, parked.received);
                let account = &mut self.sessions.get(&booked).account;
                account.add(Counter::Unparked, 1);
                account.add(Counter::BorrowedTemplates, u64::from(lender.is_some()));
                let count = self.decode_data(&booked, &parked.header, &template, &parked.body, parked.received);
                let session = self.sessions.get(&booked);
                session.sequence.found(Some(count));
                session.count_records_together(if template.is_options() { 0 } else { count });
                self.tell_unparked(&booked, &template, &parked);
                self.finish_full_batches();
            }
            if let Some(session) = self.sessions.find(&booked)
                && !std::mem::replace(&mut session.is_touched, true)
            {
                self.touched.push(booked);
            }
        }
        // Back from the minutes those sets had come in.
        let evicted = self.sessions.enter(*key, received);
        self.book(evicted, received);
    }

    fn tell_unparked(&mut self, key: &SessionKey, template: &Template, parked: &Parked) {
        let Some(dissection) = &mut self.dissection else { return };
        let (records, _) = Records::find(&template.plan.layout, &parked.body, &mut self.spans);
        let of = Unparked {
            received: parked.received,
            port: parked.key.port,
            sequence: parked.header.sequence,
            offset: parked.offset as usize,
        };
        let session = self.sessions.get(key);
        let templates = |id| session.template(id).map(|known| &*known.template);
        let elements = session.elements(&self.person);
        let lists = Lists { elements, templates: &templates, export_time: parked.header.export_time };
        dissection.unparked(template, &records, &parked.body, &of, &lists);
    }

    pub(super) fn give_up_parked(&mut self, now: Instant) {
        for key in self.parking.expire(now) {
            self.count_never_laid_out(&key);
        }
    }
}

//! Learning templates, and the data sets that wait for them.

use super::{Decoder, SessionKey, parking::Parked};
use crate::{
    schema::Counter,
    templates::{FieldSpecifier, Template},
    time::Instant,
    wire::{ExportHeader, Malformed, ProtocolVersion, SetKind, TemplateRecord, read_templates},
};

impl Decoder {
    pub(super) fn learn(
        &mut self,
        key: &SessionKey,
        version: ProtocolVersion,
        kind: SetKind,
        body: &[u8],
        received: Instant,
    ) {
        let (records, malformed) = read_templates(version, kind, body);
        if let Some(reason) = malformed {
            self.sessions.get(key).account.add(reason.counter(), 1);
        }
        for record in records {
            match record {
                TemplateRecord::Definition { id, scopes, fields } => {
                    self.define(key, id, scopes, kind, fields, received);
                }
                TemplateRecord::Withdrawal { id } => self.withdraw(key, id, kind),
            }
        }
    }

    fn define(
        &mut self,
        key: &SessionKey,
        id: u16,
        scopes: usize,
        kind: SetKind,
        fields: Vec<FieldSpecifier>,
        received: Instant,
    ) {
        let session = self.sessions.get(key);
        session.account.add(Counter::Templates, 1);
        if session.is_known(id, &fields, scopes) {
            return;
        }
        let is_new_id = session.template(id).is_none();
        let is_too_many = is_new_id && session.template_count() >= self.limits.templates_per_session;
        let refusal = if is_too_many || fields.len() > self.limits.fields_per_template {
            Some(Malformed::Limit)
        } else {
            Template::is_hollow(&fields).then_some(Malformed::BadTemplate)
        };
        if let Some(reason) = refusal {
            session.account.add(reason.counter(), 1);
            // What follows is not laid out as before: no layout is better than the wrong one.
            return self.sessions.forget(key, id);
        }
        let elements = session.elements(&self.person);
        let mut template = Template::compile(key.version, id, scopes, fields, self.verbatim, elements);
        template.plan.is_options = kind == SetKind::OptionsTemplates;
        self.sessions.define(key, template);
        self.decode_parked(key, id, received);
    }

    /// RFC 7011, section 8.1: the number of the set itself stands for all templates of its kind.
    fn withdraw(&mut self, key: &SessionKey, id: u16, kind: SetKind) {
        match (id, kind) {
            (256.., _) => self.sessions.forget(key, id),
            (2, SetKind::Templates) | (3, SetKind::OptionsTemplates) => self.sessions.forget_all(key, kind),
            _ => self.sessions.get(key).account.add(Malformed::BadTemplate.counter(), 1),
        }
    }

    pub(super) fn park(&mut self, key: &SessionKey, header: &ExportHeader, id: u16, body: &[u8], received: Instant) {
        let parked = Parked { key: *key, header: *header, received, body: body.into() };
        let account = &mut self.sessions.get(key).account;
        account.add(Counter::Parked, 1);
        if !self.parking.push(id, parked) {
            account.add(Malformed::Limit.counter(), 1);
            account.add(Counter::LostNoTemplate, 1);
        }
    }

    /// A template came: decode what waited for it. Sets of other ports may borrow it if it is the only one.
    fn decode_parked(&mut self, key: &SessionKey, id: u16, received: Instant) {
        let ports = self.parking.ports(key, id);
        if ports.is_empty() {
            return;
        }
        for port in ports {
            let waiting = SessionKey { port, ..*key };
            let Some((template, borrowed)) = self.sessions.template(&waiting, id) else { continue };
            // A session that was evicted meanwhile is not brought back: the one at hand takes its rows.
            let booked = if self.sessions.look(&waiting).is_some() { waiting } else { *key };
            for parked in self.parking.take(&waiting, id) {
                let evicted = self.sessions.enter(booked, parked.received);
                self.book(evicted, parked.received);
                let account = &mut self.sessions.get(&booked).account;
                account.add(Counter::Unparked, 1);
                account.add(Counter::BorrowedTemplates, u64::from(borrowed));
                self.decode_data(&booked, &parked.header, &template, &parked.body, parked.received);
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

    pub(super) fn give_up_parked(&mut self, now: Instant) {
        for key in self.parking.expire(now) {
            self.count_never_laid_out(&key);
        }
    }
}

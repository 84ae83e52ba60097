//! Messages of NetFlow and IPFIX: sets of templates and data, or records without a template.

use std::sync::Arc;

use super::{
    Decoder, SessionKey,
    fill::{self, Origin},
    sessions::Found,
    step::Step,
};
use crate::{
    dissection::{Outcome, offset_in},
    schema::Counter,
    templates::{Records, Template},
    time::Instant,
    wire::{ExportHeader, Malformed, Set, SetKind, Sets, fixed_template},
};

impl Decoder {
    /// NetFlow without templates: the records follow the header.
    pub(super) fn decode_records(
        &mut self,
        key: &SessionKey,
        header: &ExportHeader,
        datagram: &[u8],
        received: Instant,
    ) -> Step {
        let Some(template) = fixed_template(header.version, header.scheme, self.verbatim) else {
            self.sessions.get(key).account.add(Malformed::UnknownScheme.counter(), 1);
            self.tell_problem(header.length, Malformed::UnknownScheme);
            return Step::UNKNOWN;
        };
        let body = &datagram[header.length..];
        let announced = header.message_length.unwrap_or_default().saturating_sub(header.length);
        if announced > body.len() {
            self.sessions.get(key).account.add(Malformed::TruncatedRecord.counter(), 1);
            self.tell_problem(datagram.len(), Malformed::TruncatedRecord);
        }
        let body = &body[..announced.min(body.len())];
        let count = self.decode_data(key, header, &template, body, received);
        let end = header.length + self.tell_records(key, &template, (body, header.length), header);
        if let Some(dissection) = &mut self.dissection {
            dissection.trailing(end, &datagram[end..]);
        }
        Step::of(count, count)
    }

    /// NetFlow v9 and IPFIX: sets of templates and data.
    pub(super) fn decode_sets(
        &mut self,
        key: &SessionKey,
        header: &ExportHeader,
        datagram: &[u8],
        received: Instant,
    ) -> Step {
        let mut step = Step::of(0, 0);
        let end = header.message_length.unwrap_or(datagram.len());
        if end > datagram.len() || end < header.length {
            self.sessions.get(key).account.add(Malformed::TruncatedRecord.counter(), 1);
            self.tell_problem(datagram.len(), Malformed::TruncatedRecord);
            step = Step::UNKNOWN;
        }
        let (message, trailing) = datagram.split_at(end.clamp(header.length, datagram.len()));
        if !trailing.is_empty() {
            self.sessions.get(key).account.add(Counter::TrailingBytes, trailing.len() as u64);
        }
        let mut end = header.length;
        if let Some(dissection) = &mut self.dissection {
            dissection.begin_sets();
        }
        for set in Sets::new(header.version, &message[end..]).with_v9_sets(self.leniency.reads_v9_sets) {
            match set {
                Ok(set) => {
                    let offset = offset_in(message, set.body);
                    end = offset + set.body.len();
                    step = step.and(self.decode_set(key, header, &set, (message, offset), received));
                }
                Err(reason) => {
                    self.sessions.get(key).account.add(reason.counter(), 1);
                    self.tell_problem(end, reason);
                    step = step.and(Step::UNKNOWN);
                }
            }
        }
        if let Some(dissection) = &mut self.dissection {
            dissection.end_sets(end, &message[end..]);
            dissection.trailing(message.len(), trailing);
        }
        step
    }

    /// One set, whose body begins at an offset of its message.
    fn decode_set(
        &mut self,
        key: &SessionKey,
        header: &ExportHeader,
        set: &Set<'_>,
        (message, offset): (&[u8], usize),
        received: Instant,
    ) -> Step {
        if let Some(dissection) = &mut self.dissection {
            dissection.begin_set(set, offset);
        }
        match set.kind {
            SetKind::Data(id) => return self.decode_data_set(key, header, (id, set.body), (message, offset), received),
            SetKind::Templates | SetKind::OptionsTemplates => self.learn(key, set, offset, received),
            SetKind::Reserved => self.tell_unread(offset, set.body, None),
        }
        Step::of(0, 0)
    }

    fn decode_data_set(
        &mut self,
        key: &SessionKey,
        header: &ExportHeader,
        (id, body): (u16, &[u8]),
        (message, offset): (&[u8], usize),
        received: Instant,
    ) -> Step {
        let Some(Found { template, lender }) = self.sessions.template(key, id, received) else {
            let outcome = self.park(key, header, id, (body, offset), received);
            self.tell_unread(offset, body, Some(outcome));
            return if outcome == Outcome::Parked { Step::WAITS } else { Step::UNKNOWN };
        };
        let template = if lender.is_some() {
            self.sessions.get(key).account.add(Counter::BorrowedTemplates, 1);
            template
        } else {
            self.with_what_is_told(key, template)
        };
        if let Some(dissection) = &mut self.dissection {
            dissection.laid_out_by(&template, lender);
        }
        let count = self.decode_data(key, header, &template, body, received);
        let end = self.tell_records(key, &template, (body, offset), header);
        if let Some(dissection) = &mut self.dissection {
            dissection.end_set(offset + end, &body[end..]);
        }
        if template.is_options() {
            self.check_message(key, &template, (message, offset), body);
        }
        let flows = if template.is_options() { 0 } else { count };
        Step::of(count, flows)
    }

    /// The template, made anew where its session has told of elements since.
    fn with_what_is_told(&mut self, key: &SessionKey, template: Arc<Template>) -> Arc<Template> {
        let elements = self.sessions.get(key).elements(&self.person);
        if template.plan.serial == elements.serial() {
            return template;
        }
        let again = template.recompile(key.version, self.verbatim, elements);
        self.sessions.replace(key, again);
        self.sessions
            .look(key)
            .and_then(|session| session.template(template.id))
            .map_or(template, |known| known.template.clone())
    }

    /// Decode the records of one set; returns how many there were.
    pub(super) fn decode_data(
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
            let news = std::mem::take(&mut session.has_learnt);
            let told = session.told.held_bytes() - told;
            self.options_changes += u64::from(news);
            self.sessions.note_told(told);
        } else {
            session.account.add(Counter::Records, count as u64);
            fill::flows(&mut self.flows, &template.plan, &records, &origin, session);
        }
        count as u32
    }
}

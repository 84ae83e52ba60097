//! What a message was made of, told beside its rows where somebody wants to see that.

use super::{Decoder, SessionKey};
use crate::{
    dissection::{Outcome, end_of_records},
    templates::{Lists, Records, Template},
    wire::{ExportHeader, Malformed},
};

impl Decoder {
    /// Show the records of a body; returns where in it they end.
    pub(super) fn tell_records(
        &mut self,
        key: &SessionKey,
        template: &Template,
        (body, offset): (&[u8], usize),
        header: &ExportHeader,
    ) -> usize {
        let Some(dissection) = &mut self.dissection else { return body.len() };
        let (records, malformed) = Records::find(&template.plan.layout, body, &mut self.spans);
        let session = self.sessions.get(key);
        let templates = |id| session.template(id).map(|known| &*known.template);
        let elements = session.elements(&self.person);
        let lists = Lists { elements, templates: &templates, export_time: header.export_time };
        dissection.records(template, &records, body, offset, &lists);
        let end = end_of_records(&records, template, body);
        if let Some(reason) = malformed {
            dissection.problem(offset + end, reason.name());
        }
        end
    }

    pub(super) fn tell_unread(&mut self, offset: usize, body: &[u8], outcome: Option<Outcome>) {
        if let Some(dissection) = &mut self.dissection {
            dissection.end_unread_set(offset, body, outcome);
        }
    }

    pub(super) fn tell_problem(&mut self, offset: usize, reason: Malformed) {
        if let Some(dissection) = &mut self.dissection {
            dissection.problem(offset, reason.name());
        }
    }
}

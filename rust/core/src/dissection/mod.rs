//! Messages taken apart: every byte that came, where it stood, and what was made of it.
//!
//! The decoder tells as it goes, so what is written here is what it did, and not what another reader would have
//! done. Each message becomes a line of JSON. Nothing of it is made unless somebody asks.

mod headers;
mod json;
mod samples;

use self::{headers::header_words, json::Json};
use crate::{
    address::{Address, ip_from_address},
    schema::ElementType,
    templates::{ElementRead, Elements, FieldSpecifier, Lists, Records, Template, unsigned, value_text},
    time::{Instant, iso_8601},
    wire::{Malformed, PlacedTemplate, ProtocolVersion, SET_HEADER_BYTES, Set, SetKind, TemplateRecord},
};

/// What was made of a template, or of a set that none lays out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Learnt.
    Learnt,
    /// Known already; its lifetime begins anew.
    Repeated,
    /// Learnt in place of another one of the same number.
    Replaced,
    /// Refused; one of the same number is over all the same.
    Refused(Malformed),
    /// Taken back.
    Withdrawn,
    /// Taken back, but not known.
    NotKnown,
    /// A withdrawal that is not heeded over UDP.
    Ignored,
    /// Waits for its template.
    Parked,
    /// Given up, for there was no room to wait.
    GivenUp,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Learnt => "learnt",
            Self::Repeated => "repeated",
            Self::Replaced => "replaced",
            Self::Refused(_) => "refused",
            Self::Withdrawn => "withdrawn",
            Self::NotKnown => "not_known",
            Self::Ignored => "ignored",
            Self::Parked => "parked",
            Self::GivenUp => "given_up",
        }
    }
}

/// Messages taken apart, a line of JSON each.
#[derive(Default)]
pub struct Dissection {
    lines: Vec<u8>,
    message: Json,
    problems: Json,
    /// Sets of earlier messages that could be read now.
    unparked: Json,
    count: u64,
}

impl Dissection {
    /// Take the lines of the messages since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.lines)
    }

    /// A message begins.
    pub fn begin(&mut self, datagram: &[u8], exporter: Address, port: u16, received: Option<Instant>) {
        self.count += 1;
        let message = &mut self.message;
        message.open();
        message.number("message", self.count);
        message.text("exporter", ip_from_address(exporter).to_string().as_str());
        message.number("port", port);
        message.text("received", received.map(iso_8601).as_deref());
        message.number("length", datagram.len() as u64);
    }

    /// Its header.
    pub fn header(&mut self, version: ProtocolVersion, datagram: &[u8]) {
        let message = &mut self.message;
        message.text("protocol_version", version.name());
        message.open_list("header");
        for (name, offset, bytes) in header_words(version, datagram) {
            message.open();
            message.text("name", name);
            message.number("offset", offset as u64);
            message.number("length", bytes.len() as u64);
            match unsigned(bytes) {
                Some(number) => message.number("value", number),
                None => message.bytes("value", bytes),
            }
            message.close();
        }
        message.close_list();
    }

    /// Sets begin.
    pub fn begin_sets(&mut self) {
        self.message.open_list("sets");
    }

    /// A set begins. Its body does at an offset of the message.
    pub fn begin_set(&mut self, set: &Set<'_>, body_at: usize) {
        let kind = match set.kind {
            SetKind::Templates => "templates",
            SetKind::OptionsTemplates => "options_templates",
            SetKind::Data(_) => "data",
            SetKind::Reserved => "reserved",
        };
        self.message.open();
        self.message.number("offset", (body_at - SET_HEADER_BYTES) as u64);
        self.message.number("id", set.id);
        self.message.number("length", (set.body.len() + SET_HEADER_BYTES) as u64);
        self.message.text("kind", kind);
    }

    /// A set ends, with what is left of it in no record.
    pub fn end_set(&mut self, offset: usize, padding: &[u8]) {
        if !padding.is_empty() {
            self.message.name("padding");
            self.message.span(offset, padding);
        }
        self.message.close();
    }

    /// Templates begin.
    pub fn begin_templates(&mut self) {
        self.message.open_list("templates");
    }

    /// One of them: where its set's body begins, what was made of it, and by what its elements are named.
    pub fn template(
        &mut self,
        version: ProtocolVersion,
        body_at: usize,
        body: &[u8],
        placed: &PlacedTemplate,
        outcome: Outcome,
        known: Elements<'_>,
    ) {
        let raw = &body[placed.offset..placed.offset + placed.length];
        let message = &mut self.message;
        message.open();
        message.number("offset", (body_at + placed.offset) as u64);
        message.number("length", placed.length as u64);
        let (TemplateRecord::Definition { id, .. }
        | TemplateRecord::Withdrawal { id }
        | TemplateRecord::Refusal { id }) = &placed.record;
        message.number("id", *id);
        message.text("outcome", outcome.name());
        match &placed.record {
            TemplateRecord::Definition { scopes, fields, .. } => {
                if *scopes > 0 {
                    message.number("scopes", *scopes as u64);
                }
                let names = Template::compile(version, *id, *scopes, fields.clone(), true, known);
                message.open_list("fields");
                for ((field, read), offset) in
                    fields.iter().zip(elements(&names)).zip(field_offsets(version, raw, fields.len()))
                {
                    message.open();
                    message.number("offset", (body_at + placed.offset + offset) as u64);
                    describe(message, *field, read);
                    message.number("length", field.length);
                    message.flag("variable", field.length == FieldSpecifier::VARIABLE);
                    message.flag("scope", read.index < *scopes);
                    message.close();
                }
                message.close_list();
            }
            TemplateRecord::Withdrawal { .. } => {}
            TemplateRecord::Refusal { .. } => message.bytes("raw", raw),
        }
        message.close();
    }

    /// Templates end.
    pub fn end_templates(&mut self) {
        self.message.close_list();
    }

    /// The records of a set, or of a message that has no sets.
    pub fn records(
        &mut self,
        template: &Template,
        records: &Records<'_>,
        body: &[u8],
        offset: usize,
        lists: &Lists<'_>,
    ) {
        write_records(&mut self.message, template, records, (body, offset), lists);
    }

    /// The template that lays the records out, and the port that lent it.
    pub fn laid_out_by(&mut self, template: &Template, lender: Option<u16>) {
        self.message.number("template", template.id);
        self.message.flag("options", template.is_options());
        if let Some(port) = lender {
            self.message.number("borrowed_from_port", port);
        }
    }

    /// A set that no template lays out ends.
    pub fn end_unread_set(&mut self, offset: usize, body: &[u8], outcome: Option<Outcome>) {
        self.message.text("outcome", outcome.map(Outcome::name));
        self.message.name("undecoded");
        self.message.span(offset, body);
        self.message.close();
    }

    /// A set of an earlier message can be read now.
    pub fn unparked(
        &mut self,
        template: &Template,
        records: &Records<'_>,
        body: &[u8],
        of: &Unparked,
        lists: &Lists<'_>,
    ) {
        let set = &mut self.unparked;
        set.open();
        set.text("received", iso_8601(of.received).as_str());
        set.number("port", of.port);
        set.number("sequence", of.sequence);
        set.number("template", template.id);
        set.flag("options", template.is_options());
        write_records(set, template, records, (body, of.offset), lists);
        set.close();
    }

    /// Something could not be read.
    pub fn problem(&mut self, offset: usize, reason: &str) {
        self.problems.open();
        self.problems.number("offset", offset as u64);
        self.problems.text("reason", reason);
        self.problems.close();
    }

    /// Sets end, with what follows the last one and is none.
    pub fn end_sets(&mut self, offset: usize, rest: &[u8]) {
        self.message.close_list();
        if !rest.is_empty() {
            self.message.name("padding");
            self.message.span(offset, rest);
        }
    }

    /// What follows the message in its datagram.
    pub fn trailing(&mut self, offset: usize, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.message.name("trailing");
            self.message.span(offset, bytes);
        }
    }

    /// The message ends.
    pub fn end(&mut self) {
        for (name, list) in [("unparked", &mut self.unparked), ("problems", &mut self.problems)] {
            if !list.is_empty() {
                let written = std::mem::take(list);
                self.message.open_list(name);
                self.message.item(written);
                self.message.close_list();
            }
        }
        self.message.close();
        self.message.end_line();
        self.lines.extend(self.message.take());
    }
}

/// Where a set that waited came from.
pub struct Unparked {
    /// Arrival of its message.
    pub received: Instant,
    /// The port it came from.
    pub port: u16,
    /// Its message's sequence number.
    pub sequence: u32,
    /// Bytes of its message before its records.
    pub offset: usize,
}

/// Where the fields of a template record begin: those with an enterprise number take twice the bytes.
fn field_offsets(version: ProtocolVersion, raw: &[u8], count: usize) -> Vec<usize> {
    let width = |at: usize| {
        let has_enterprise = version == ProtocolVersion::Ipfix && raw.get(at).is_some_and(|byte| byte & 0x80 > 0);
        if has_enterprise { 8 } else { 4 }
    };
    // The header has four bytes, that of an options template six: what follows it must end with the record.
    let from = |header: usize| {
        let mut offsets = vec![header];
        for _ in 0..count {
            let at = offsets[offsets.len() - 1];
            offsets.push(at + width(at));
        }
        offsets
    };
    let offsets = from(4);
    if offsets.last() == Some(&raw.len()) { offsets } else { from(6) }
}

fn write_records(
    json: &mut Json,
    template: &Template,
    records: &Records<'_>,
    (body, offset): (&[u8], usize),
    lists: &Lists<'_>,
) {
    json.open_list("records");
    for record in 0..records.count() {
        json.open();
        json.open_list("elements");
        for (field, read) in template.fields.iter().zip(elements(template)) {
            let raw = records.value(record, read.index);
            let value = read.element_type.and_then(|element_type| value_of(element_type, raw, lists));
            json.open();
            json.number("offset", (offset + offset_in(body, raw)) as u64);
            json.number("length", raw.len() as u64);
            describe(json, *field, read);
            json.flag("scope", read.index < template.scopes);
            json.text("value", value.as_deref());
            json.bytes("raw", raw);
            json.close();
        }
        json.close_list();
        json.close();
    }
    json.close_list();
}

fn value_of(element_type: ElementType, raw: &[u8], lists: &Lists<'_>) -> Option<String> {
    if element_type.is_list() {
        lists.text(element_type, raw).json
    } else {
        value_text(element_type, raw, lists.export_time)
    }
}

fn describe(json: &mut Json, field: FieldSpecifier, read: &ElementRead) {
    if field.enterprise > 0 {
        json.number("enterprise", field.enterprise);
    }
    json.number("id", field.id);
    json.text("name", read.name.as_str());
}

/// The elements of a template that was compiled to keep each by name, in wire order.
fn elements(template: &Template) -> impl Iterator<Item = &ElementRead> {
    template.plan.scope.iter().chain(&template.plan.others)
}

/// Where the bytes of records end in their set: what follows is padding.
pub fn end_of_records(records: &Records<'_>, template: &Template, body: &[u8]) -> usize {
    let Some(last) = records.count().checked_sub(1) else { return 0 };
    let ends = (0..template.fields.len()).map(|index| {
        let raw = records.value(last, index);
        offset_in(body, raw) + raw.len()
    });
    ends.max().unwrap_or(0)
}

/// Where a part of a body stands in it.
pub fn offset_in(body: &[u8], part: &[u8]) -> usize {
    (part.as_ptr() as usize).saturating_sub(body.as_ptr() as usize).min(body.len())
}

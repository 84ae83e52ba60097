//! What a decoder knows of its exporters, as bytes that outlive it: templates, names of elements, sampling, when each
//! booted.
//!
//! Data comes all the time and templates only now and then, so a collector that starts anew without these could read
//! nothing until each exporter has repeated them. Numbers are big-endian:
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `TGKNOW` and two bytes of the format |
//! | 8, 8 | length and FNV-1a sum of the rest, so that a torn file is not taken for a whole one |
//! | … | the sessions, one after another, as [`write_session`] has them |
//!
//! What another format wrote is refused as a whole, and so is what was torn: half of what an exporter said may
//! be worse than nothing.

use std::fmt;

use super::{Decoder, Session, SessionKey};
use crate::{
    address::Address,
    schema::{Counter, ElementType},
    templates::{FieldSpecifier, Template},
    time::Instant,
    wire::{Cursor, ProtocolVersion},
};

const MAGIC: &[u8; 6] = b"TGKNOW";
const FORMAT: u16 = 2;
const HEADER_BYTES: usize = 24;
/// More is not written: those heard little go first, of them those silent longest.
pub const MAXIMUM_KNOWLEDGE_BYTES: usize = 16 << 20;

/// Why bytes are no knowledge of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKnowledge {
    /// They begin with something else.
    Stranger,
    /// Another release wrote them.
    OtherFormat(u16),
    /// They are not what was written.
    Torn,
}

impl fmt::Display for ForeignKnowledge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger => write!(formatter, "it is no file of templates"),
            Self::OtherFormat(found) => write!(formatter, "it has format {found}, and this release reads {FORMAT}"),
            Self::Torn => write!(formatter, "it was torn or changed after it was written"),
        }
    }
}

impl Decoder {
    /// What is known of all sessions worth it; `None` where nothing was learnt or forgotten since the last call.
    ///
    /// With `ages` it is told all the same where there is any: templates that are only repeated grow no older.
    pub fn knowledge(&mut self, ages: bool) -> Option<Vec<u8>> {
        (ages || self.has_learnt()).then(|| joint_knowledge(&[self.told_sessions(MAXIMUM_KNOWLEDGE_BYTES)]))
    }

    /// Whether anything was learnt or forgotten since sessions were told last.
    pub fn has_learnt(&self) -> bool {
        self.changes() != self.known_changes
    }

    /// What is known of the sessions worth it, for [`joint_knowledge`], in so many bytes at most.
    pub fn told_sessions(&mut self, maximum_bytes: usize) -> Vec<u8> {
        self.known_changes = self.changes();
        let mut order: Vec<&Session> = self.sessions.all().filter(|session| is_worth_keeping(session)).collect();
        order.sort_unstable_by_key(|session| (!session.was_heard_often(), u64::MAX - session.entered));
        let mut written = Vec::new();
        for session in order {
            let before = written.len();
            write_session(&mut written, session);
            if written.len() > maximum_bytes {
                written.truncate(before);
                break;
            }
        }
        written
    }

    fn changes(&self) -> u64 {
        self.sessions.changes() + self.options_changes
    }

    /// Take over what an earlier decoder knew, as far as it is not too old at `now`; returns how many templates.
    pub fn recall(&mut self, knowledge: &[u8], now: Instant) -> Result<u64, ForeignKnowledge> {
        self.recall_of(knowledge, now, |_| true)
    }

    /// The same, of some exporters only.
    pub fn recall_of(
        &mut self,
        knowledge: &[u8],
        now: Instant,
        is_ours: impl Fn(&Address) -> bool,
    ) -> Result<u64, ForeignKnowledge> {
        let mut cursor = Cursor::new(body_of(knowledge)?);
        let mut sessions = Vec::new();
        while !cursor.rest().is_empty() {
            sessions.push(read_session(&mut cursor).ok_or(ForeignKnowledge::Torn)?);
        }
        // The one heard last comes last again: it is the last to be forgotten.
        let ours = sessions.into_iter().rev().filter(|known| is_ours(&known.key.exporter));
        let recalled = ours.map(|known| self.recall_session(known, now)).sum();
        if recalled > 0 {
            self.listener.enter(now);
            self.listener.add(Counter::ResumedTemplates, recalled);
        }
        // It need not be written again before anything is learnt.
        self.known_changes = self.changes();
        Ok(recalled)
    }

    fn recall_session(&mut self, known: KnownSession, now: Instant) -> u64 {
        let evicted = self.sessions.create(known.key);
        self.book(evicted, now);
        let session = self.sessions.get(&known.key);
        session.heard_before = u64::from(known.heard);
        session.system_init_ms = known.system_init_ms;
        if let Some(interval) = known.whole {
            session.sampling.learn_whole(interval);
        }
        for (sampler, interval) in known.samplers {
            session.sampling.learn_sampler(sampler, interval);
        }
        if known.is_in_parts {
            session.sampling.learn_part();
        }
        let before = session.told.held_bytes();
        for KnownElement { enterprise, id, element_type, name } in known.elements {
            session.told.learn(enterprise, id, &name, element_type);
        }
        let told = session.told.held_bytes() - before;
        self.sessions.note_told(told);
        let mut recalled = 0;
        for KnownTemplate { id, scopes, is_options, refreshed, fields } in known.templates {
            let is_too_old =
                self.limits.template_lifetime.is_some_and(|lifetime| now.saturating_sub(refreshed) > lifetime);
            if is_too_old || fields.len() > self.limits.fields_per_template || Template::is_hollow(&fields) {
                continue;
            }
            let elements = self.sessions.get(&known.key).elements(&self.person);
            let mut template = Template::compile(known.key.version, id, scopes, fields, self.verbatim, elements);
            template.plan.is_options = is_options;
            self.sessions.define(&known.key, template, refreshed.min(now));
            recalled += 1;
        }
        recalled
    }
}

/// What decoders told of exporters, each of its own, as the knowledge of one.
pub fn joint_knowledge(told: &[Vec<u8>]) -> Vec<u8> {
    let body = told.concat();
    let mut written = Vec::with_capacity(HEADER_BYTES + body.len());
    written.extend(MAGIC);
    written.extend(FORMAT.to_be_bytes());
    written.extend((body.len() as u64).to_be_bytes());
    written.extend(sum_of(&body).to_be_bytes());
    written.extend(body);
    written
}

/// Whether a session is more than a passer-by that said something once.
fn is_worth_keeping(session: &Session) -> bool {
    let is_known = session.heard_before > 0 || session.was_heard_often();
    session.template_count() > 0 && (is_known || session.is_useful)
}

fn write_session(to: &mut Vec<u8>, session: &Session) {
    let key = session.key;
    to.extend(key.exporter);
    to.extend(key.port.to_be_bytes());
    to.extend(key.version.number().to_be_bytes());
    to.extend(key.observation_domain.to_be_bytes());
    to.extend((session.heard().min(u64::from(u32::MAX)) as u32).to_be_bytes());
    to.extend(session.system_init_ms.unwrap_or(i64::MIN).to_be_bytes());
    let (whole, samplers, is_in_parts) = session.sampling.learnt();
    let mut samplers: Vec<_> = samplers.collect();
    samplers.sort_unstable();
    to.extend(whole.unwrap_or(0).to_be_bytes());
    to.push(u8::from(is_in_parts));
    to.extend((samplers.len() as u16).to_be_bytes());
    for (sampler, interval) in samplers {
        to.extend(sampler.to_be_bytes());
        to.extend(interval.to_be_bytes());
    }
    to.extend((session.told.iter().len() as u16).to_be_bytes());
    for ((enterprise, id), told) in session.told.iter() {
        to.extend(enterprise.to_be_bytes());
        to.extend(id.to_be_bytes());
        to.push(told.element_type.number().unwrap_or(u8::MAX));
        to.push(told.name.len() as u8);
        to.extend(told.name.as_bytes());
    }
    to.extend((session.template_count() as u32).to_be_bytes());
    for known in session.templates() {
        let template = &known.template;
        to.extend(template.id.to_be_bytes());
        to.push(u8::from(template.is_options()));
        to.extend((template.scopes as u16).to_be_bytes());
        to.extend(known.refreshed.to_be_bytes());
        to.extend((template.fields.len() as u16).to_be_bytes());
        for field in &template.fields {
            to.extend(field.enterprise.to_be_bytes());
            to.extend(field.id.to_be_bytes());
            to.extend(field.length.to_be_bytes());
        }
    }
}

struct KnownSession {
    key: SessionKey,
    heard: u32,
    system_init_ms: Option<i64>,
    whole: Option<u32>,
    is_in_parts: bool,
    samplers: Vec<(u64, u32)>,
    elements: Vec<KnownElement>,
    templates: Vec<KnownTemplate>,
}

struct KnownElement {
    enterprise: u32,
    id: u16,
    element_type: ElementType,
    name: Vec<u8>,
}

struct KnownTemplate {
    id: u16,
    scopes: usize,
    is_options: bool,
    refreshed: Instant,
    fields: Vec<FieldSpecifier>,
}

fn body_of(knowledge: &[u8]) -> Result<&[u8], ForeignKnowledge> {
    let rest = knowledge.strip_prefix(MAGIC).ok_or(ForeignKnowledge::Stranger)?;
    let mut cursor = Cursor::new(rest);
    let format = cursor.u16().ok_or(ForeignKnowledge::Torn)?;
    if format != FORMAT {
        return Err(ForeignKnowledge::OtherFormat(format));
    }
    let (Some(length), Some(sum)) = (u64_of(&mut cursor), u64_of(&mut cursor)) else {
        return Err(ForeignKnowledge::Torn);
    };
    let body = cursor.rest();
    if body.len() as u64 != length || sum_of(body) != sum { Err(ForeignKnowledge::Torn) } else { Ok(body) }
}

fn read_session(cursor: &mut Cursor<'_>) -> Option<KnownSession> {
    let exporter = cursor.take(16)?.try_into().ok()?;
    let port = cursor.u16()?;
    let version = ProtocolVersion::from_number(cursor.u16()?)?;
    let key = SessionKey { exporter, port, version, observation_domain: cursor.u32()? };
    let heard = cursor.u32()?;
    let system_init_ms = Some(u64_of(cursor)? as i64).filter(|&init| init != i64::MIN);
    let whole = Some(cursor.u32()?).filter(|&interval| interval > 0);
    let is_in_parts = cursor.u8()? > 0;
    // Nothing is allocated ahead by a count: it may lie, as any byte here.
    let mut samplers = Vec::new();
    for _ in 0..cursor.u16()? {
        samplers.push((u64_of(cursor)?, cursor.u32()?));
    }
    let mut elements = Vec::new();
    for _ in 0..cursor.u16()? {
        elements.push(read_element(cursor)?);
    }
    let mut templates = Vec::new();
    for _ in 0..cursor.u32()? {
        templates.push(read_template(cursor)?);
    }
    Some(KnownSession { key, heard, system_init_ms, whole, is_in_parts, samplers, elements, templates })
}

fn read_element(cursor: &mut Cursor<'_>) -> Option<KnownElement> {
    let (enterprise, id) = (cursor.u32()?, cursor.u16()?);
    let element_type = ElementType::from_number(cursor.u8()?.into())?;
    let length = cursor.u8()?.into();
    Some(KnownElement { enterprise, id, element_type, name: cursor.take(length)?.to_vec() })
}

fn read_template(cursor: &mut Cursor<'_>) -> Option<KnownTemplate> {
    let id = cursor.u16()?;
    let is_options = cursor.u8()? > 0;
    let scopes = usize::from(cursor.u16()?);
    let refreshed = u64_of(cursor)? as i64;
    let mut fields = Vec::new();
    for _ in 0..cursor.u16()? {
        fields.push(FieldSpecifier { enterprise: cursor.u32()?, id: cursor.u16()?, length: cursor.u16()? });
    }
    (id >= 256 && scopes <= fields.len()).then_some(KnownTemplate { id, scopes, is_options, refreshed, fields })
}

fn u64_of(cursor: &mut Cursor<'_>) -> Option<u64> {
    Some(u64::from(cursor.u32()?) << 32 | u64::from(cursor.u32()?))
}

/// FNV-1a: what was torn or fell over is noticed, and nobody gains by forging it.
fn sum_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

//! The templates an exporter has announced, and when it has to repeat itself.

use super::{
    datagrams::Datagrams,
    options::{Options, OptionsRecord},
};
use crate::{
    templates::FieldSpecifier,
    time::{Instant, SECOND},
    wire::ProtocolVersion,
};

/// Templates are repeated after this many datagrams: over UDP the first may have been lost.
pub const REFRESH_DATAGRAMS: u64 = 500;
/// Templates are repeated after this long.
pub const REFRESH_INTERVAL: i64 = 30 * SECOND;
/// At this many, all are forgotten and ids start again; only hostile data has so many kinds of rows.
const MAXIMUM_TEMPLATES: usize = 128;
const FIRST_ID: u16 = 256;
const FIRST_OPTIONS_ID: u16 = FIRST_ID + MAXIMUM_TEMPLATES as u16;

/// What a template says: its fields, the first of which are scopes where it is one of options.
#[derive(Clone, PartialEq, Eq)]
pub struct Layout {
    pub scopes: usize,
    pub fields: Vec<FieldSpecifier>,
}

/// Templates in the order of their ids.
pub struct Announced {
    version: ProtocolVersion,
    templates: Vec<Layout>,
    options: Options,
    last_time: Instant,
    last_datagram: u64,
}

impl Announced {
    /// Nothing announced yet.
    pub fn new(version: ProtocolVersion) -> Self {
        Self { version, templates: Vec::new(), options: Options::default(), last_time: 0, last_datagram: 0 }
    }

    /// The id of a template, announced now if it never was.
    pub fn id(&mut self, layout: &Layout, datagrams: &mut Datagrams) -> u16 {
        let known = self.templates.iter().position(|template| template == layout);
        let index = known.unwrap_or_else(|| {
            if self.templates.len() == MAXIMUM_TEMPLATES {
                self.templates.clear();
            }
            self.templates.push(layout.clone());
            self.announce(self.templates.len() - 1, datagrams);
            self.templates.len() - 1
        });
        FIRST_ID + index as u16
    }

    /// Repeat an options record from the next refresh on.
    pub fn repeat(&mut self, record: OptionsRecord) {
        self.options.announce(record);
    }

    /// Announce every template again where that is due.
    #[inline]
    pub fn refresh(&mut self, now: Instant, datagrams: &mut Datagrams) {
        let is_due = datagrams.closed_ever() - self.last_datagram >= REFRESH_DATAGRAMS
            // Either way: a clock that was set back must not silence the templates.
            || now.saturating_sub(self.last_time).unsigned_abs() >= REFRESH_INTERVAL as u64;
        if is_due {
            (self.last_time, self.last_datagram) = (now, datagrams.closed_ever());
            for index in 0..self.templates.len() {
                self.announce(index, datagrams);
            }
            self.announce_options(datagrams);
        }
    }

    fn announce_options(&self, datagrams: &mut Datagrams) {
        let set_id = if self.version == ProtocolVersion::Ipfix { 3 } else { 1 };
        for template in self.options.templates(self.version, FIRST_OPTIONS_ID) {
            datagrams.append(set_id, template.len(), |out| out.extend(template));
        }
        for (number, record) in self.options.records() {
            datagrams.append(FIRST_OPTIONS_ID + number, record.length(), |out| record.write(out));
        }
    }

    fn announce(&self, index: usize, datagrams: &mut Datagrams) {
        let Layout { scopes, fields } = &self.templates[index];
        let set_id = match (self.version, scopes) {
            (ProtocolVersion::Ipfix, 0) => 2,
            (ProtocolVersion::Ipfix, _) => 3,
            (_, 0) => 0,
            _ => 1,
        };
        let enterprises = fields.iter().filter(|field| field.enterprise != 0).count();
        let counts = self.counts(*scopes, fields.len());
        datagrams.append(set_id, 2 + 2 * counts.len() + 4 * (fields.len() + enterprises), |out| {
            out.extend_from_slice(&(FIRST_ID + index as u16).to_be_bytes());
            for count in &counts {
                out.extend_from_slice(&count.to_be_bytes());
            }
            for field in fields {
                let enterprise_bit = if field.enterprise == 0 { 0 } else { 0x8000 };
                out.extend_from_slice(&(field.id | enterprise_bit).to_be_bytes());
                out.extend_from_slice(&field.length.to_be_bytes());
                if field.enterprise != 0 {
                    out.extend_from_slice(&field.enterprise.to_be_bytes());
                }
            }
        });
    }

    /// What stands between a template's id and its fields: numbers of fields, but in v9's options bytes of them.
    fn counts(&self, scopes: usize, fields: usize) -> Vec<u16> {
        match (self.version, scopes) {
            (_, 0) => vec![fields as u16],
            (ProtocolVersion::Ipfix, _) => vec![fields as u16, scopes as u16],
            _ => vec![4 * scopes as u16, 4 * (fields - scopes) as u16],
        }
    }
}

//! The templates an exporter has announced, and when it has to repeat itself.

use super::{
    Delivery,
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
const MAXIMUM_TEMPLATES: usize = 256;
const FIRST_ID: u16 = 256;
const FIRST_OPTIONS_ID: u16 = FIRST_ID + MAXIMUM_TEMPLATES as u16;

/// Sets of IPFIX that hold templates (RFC 7011, section 3.3.2).
pub const TEMPLATE_SET: u16 = 2;
const OPTIONS_TEMPLATE_SET: u16 = 3;

/// What a template says: its fields, the first of which are scopes where it is one of options.
#[derive(Clone, PartialEq, Eq)]
pub struct Layout {
    pub scopes: usize,
    pub fields: Vec<FieldSpecifier>,
}

/// Templates in the order of their ids.
pub struct Announced {
    version: ProtocolVersion,
    delivery: Delivery,
    templates: Vec<Layout>,
    options: Options,
    last_time: Instant,
    last_datagram: u64,
    /// Whether there are options that must not wait for the next repetition.
    is_awaited: bool,
}

impl Announced {
    /// Nothing announced yet.
    pub fn new(version: ProtocolVersion) -> Self {
        Self {
            version,
            delivery: Delivery::Datagrams,
            templates: Vec::new(),
            options: Options::default(),
            last_time: 0,
            last_datagram: 0,
            is_awaited: false,
        }
    }

    /// Announce once what arrives for certain.
    pub fn deliver(&mut self, delivery: Delivery) {
        self.delivery = delivery;
    }

    /// The id of a template, announced now if it never was.
    pub fn id(&mut self, layout: &Layout, datagrams: &mut Datagrams) -> u16 {
        let known = self.templates.iter().position(|template| template == layout);
        let index = known.unwrap_or_else(|| {
            if self.templates.len() == MAXIMUM_TEMPLATES {
                self.withdraw(datagrams);
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

    /// Say an options record as soon as possible, and repeat it.
    pub fn tell(&mut self, record: OptionsRecord) {
        self.options.announce(record);
        self.is_awaited = true;
    }

    /// Announce every template again where that is due, and options that are new.
    ///
    /// In a stream nothing gets lost, so there it is never due, and nothing but what changed is told again.
    #[inline]
    pub fn refresh(&mut self, now: Instant, datagrams: &mut Datagrams) {
        let is_due = datagrams.closed_ever() - self.last_datagram >= REFRESH_DATAGRAMS
            // Either way: a clock that was set back must not silence the templates.
            || now.saturating_sub(self.last_time).unsigned_abs() >= REFRESH_INTERVAL as u64;
        if is_due {
            (self.last_time, self.last_datagram) = (now, datagrams.closed_ever());
            match self.delivery {
                Delivery::Datagrams => self.announce_all(datagrams),
                Delivery::Stream => self.announce_options(datagrams),
            }
        } else if self.is_awaited {
            self.announce_options(datagrams);
        }
    }

    /// Announce everything, as a session begins.
    pub fn restart(&mut self, now: Instant, datagrams: &mut Datagrams) {
        (self.last_time, self.last_datagram) = (now, datagrams.closed_ever());
        self.announce_all(datagrams);
    }

    /// Tell options once more, behind messages that may have told what they were before.
    pub fn repeat_options(&mut self, datagrams: &mut Datagrams) {
        self.options.forget_records();
        self.announce_options(datagrams);
    }

    fn announce_all(&mut self, datagrams: &mut Datagrams) {
        for index in 0..self.templates.len() {
            self.announce(index, datagrams);
        }
        self.options.forget();
        self.announce_options(datagrams);
    }

    fn announce_options(&mut self, datagrams: &mut Datagrams) {
        self.is_awaited = false;
        let set_id = options_set(self.version);
        for template in self.options.untold_templates(self.version, FIRST_OPTIONS_ID) {
            datagrams.append(set_id, template.len(), |out| out.extend(template));
        }
        for (number, record) in self.options.untold_records() {
            datagrams.append(FIRST_OPTIONS_ID + number, record.length(), |out| record.write(out));
        }
    }

    /// Forget all templates, and make a stream's reader forget them: there an id is not given to another template
    /// before it was withdrawn (RFC 7011, section 8.1).
    fn withdraw(&mut self, datagrams: &mut Datagrams) {
        self.templates.clear();
        if self.delivery == Delivery::Stream {
            // What came before can be told from what follows: see `repetition`.
            datagrams.cut();
            for all in [TEMPLATE_SET, OPTIONS_TEMPLATE_SET] {
                datagrams.append(all, 4, |out| out.extend_from_slice(&[0, all as u8, 0, 0]));
            }
            self.options.forget();
            self.announce_options(datagrams);
        }
    }

    fn announce(&self, index: usize, datagrams: &mut Datagrams) {
        let Layout { scopes, fields } = &self.templates[index];
        let set_id = match (self.version, scopes) {
            (ProtocolVersion::Ipfix, 0) => TEMPLATE_SET,
            (_, 0) => 0,
            (version, _) => options_set(version),
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

fn options_set(version: ProtocolVersion) -> u16 {
    if version == ProtocolVersion::Ipfix { OPTIONS_TEMPLATE_SET } else { 1 }
}

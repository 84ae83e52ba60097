//! The fields of a template that hold the first bytes of a packet (PSAMP, RFC 5477).

use super::{FieldSpecifier, Records, unsigned};
use crate::packet::sampled::Start;

const IP_HEADER_SECTION: u16 = 313;
const IP_PAYLOAD_SECTION: u16 = 314;
const FRAME_SECTION: u16 = 315;
const MPLS_LABEL_STACK_SECTION: u16 = 316;
const MPLS_PAYLOAD_SECTION: u16 = 317;
const FRAME_SIZE: u16 = 312;
const FRAME_TYPE: u16 = 408;
const SECTION_OFFSET: u16 = 409;

/// `dataLinkFrameType` of Ethernet, and what a template without it means.
const ETHERNET: u64 = 1;

/// Where they are in the template.
#[derive(Clone, Debug)]
pub struct SectionFields {
    /// Sections, the one that begins farthest in front first.
    sections: Vec<(u16, usize)>,
    frame_size: Option<usize>,
    frame_type: Option<usize>,
    offset: Option<usize>,
}

/// The first bytes of a packet.
pub struct Section<'a> {
    /// What they begin with.
    pub start: Start,
    /// The bytes.
    pub bytes: &'a [u8],
    /// What the packet measured from there on.
    pub wire_length: usize,
}

impl SectionFields {
    /// Find them among the fields of a template; `None` where it has no section.
    pub fn of(fields: &[FieldSpecifier]) -> Option<Self> {
        // Hardly any template has one, and is looked through once.
        let is_section = |field: &FieldSpecifier| matches!(field.id, IP_HEADER_SECTION..=MPLS_PAYLOAD_SECTION);
        if !fields.iter().any(|field| field.enterprise == 0 && is_section(field)) {
            return None;
        }
        let find = |id| fields.iter().position(|field| field.enterprise == 0 && field.id == id);
        let order =
            [FRAME_SECTION, MPLS_LABEL_STACK_SECTION, MPLS_PAYLOAD_SECTION, IP_HEADER_SECTION, IP_PAYLOAD_SECTION];
        let sections: Vec<_> = order.into_iter().filter_map(|id| Some((id, find(id)?))).collect();
        Some(Self {
            sections,
            frame_size: find(FRAME_SIZE),
            frame_type: find(FRAME_TYPE),
            offset: find(SECTION_OFFSET),
        })
    }

    /// The sections of a record that can be read, the farthest in front first. `protocol` is what the record says that
    /// its packet carries.
    pub fn of_record<'a>(
        &'a self,
        records: &'a Records<'_>,
        record: usize,
        protocol: Option<u8>,
    ) -> impl Iterator<Item = Section<'a>> + 'a {
        let number = move |place: Option<usize>| unsigned(records.value(record, place?));
        // Bytes from the middle of a packet tell nothing of what they belong to.
        let begins_in_front = number(self.offset).unwrap_or_default() == 0;
        let is_ethernet = number(self.frame_type).unwrap_or(ETHERNET) == ETHERNET;
        self.sections.iter().filter(move |_| begins_in_front).filter_map(move |&(id, place)| {
            let start = match id {
                FRAME_SECTION => is_ethernet.then_some(Start::Ethernet)?,
                MPLS_LABEL_STACK_SECTION => Start::Mpls,
                IP_PAYLOAD_SECTION => Start::Transport(protocol?),
                _ => Start::Ip,
            };
            let bytes = records.value(record, place);
            let frame_size = number(self.frame_size).filter(|_| id == FRAME_SECTION);
            let wire_length = frame_size.map_or(bytes.len(), |size| size as usize).max(bytes.len());
            Some(Section { start, bytes, wire_length })
        })
    }
}

//! NetFlow versions without templates: 1, 5, 6, 7 and the aggregations of 8.
//!
//! Each layout is written down as a template of IANA elements, so that the one decoding plan of templates serves them
//! all. Who cannot say it in such elements has a name of its own.

use std::sync::{Arc, LazyLock};

use super::{Cursor, ExportHeader, ProtocolVersion, fixed_records::RECORDS};
use crate::{
    schema::ElementType,
    templates::{Elements, FieldSpecifier, Template},
    time::SECOND,
};

/// One field of a fixed record.
pub struct FixedField {
    /// IANA element; 0 where there is none.
    pub id: u16,
    /// Bytes.
    pub length: u16,
    /// What it is called where there is no element for it.
    pub name: &'static str,
}

/// The layout of the records of one version, of NetFlow 8 that of one aggregation scheme.
pub struct FixedRecord {
    /// Protocol.
    pub version: ProtocolVersion,
    /// Aggregation scheme; 0 for all but NetFlow 8.
    pub scheme: u8,
    /// Fields in wire order.
    pub fields: &'static [FixedField],
}

impl FixedRecord {
    /// Find the layout of a datagram's records; `None` for an aggregation scheme that nobody defined.
    pub fn find(version: ProtocolVersion, scheme: u8) -> Option<&'static Self> {
        place(version, scheme).map(|place| &RECORDS[place])
    }

    /// Bytes of a record.
    pub fn length(&self) -> usize {
        self.fields.iter().map(|field| usize::from(field.length)).sum()
    }

    /// The layout as fields of a template.
    pub fn specifiers(&self) -> Vec<FieldSpecifier> {
        // A field without an element gets a number that stands for none, and its name afterwards.
        let specifier = |field: &FixedField| FieldSpecifier {
            enterprise: if field.name.is_empty() { 0 } else { u32::MAX },
            id: field.id,
            length: field.length,
        };
        self.fields.iter().map(specifier).collect()
    }

    fn compile(&self, is_verbatim: bool) -> Template {
        let mut template = Template::compile(self.version, 0, 0, self.specifiers(), is_verbatim, Elements::REGISTRY);
        for read in &mut template.plan.others {
            let field = &self.fields[read.index];
            if !field.name.is_empty() {
                read.name = field.name.to_string();
                read.element_type = Some(ElementType::Unsigned64);
            }
        }
        template
    }
}

/// The template of a datagram's records, compiled once for all decoders; with `is_verbatim` every field goes to `other`.
pub fn fixed_template(version: ProtocolVersion, scheme: u8, is_verbatim: bool) -> Option<Arc<Template>> {
    type Templates = LazyLock<Vec<Arc<Template>>>;
    static FOR_COLUMNS: Templates = LazyLock::new(|| compile_all(false));
    static VERBATIM: Templates = LazyLock::new(|| compile_all(true));
    let templates = if is_verbatim { &VERBATIM } else { &FOR_COLUMNS };
    place(version, scheme).map(|place| templates[place].clone())
}

fn compile_all(is_verbatim: bool) -> Vec<Arc<Template>> {
    RECORDS.iter().map(|record| Arc::new(record.compile(is_verbatim))).collect()
}

fn place(version: ProtocolVersion, scheme: u8) -> Option<usize> {
    RECORDS.iter().position(|record| (record.version, record.scheme) == (version, scheme))
}

/// Read what follows the version number.
pub fn read_header(version: ProtocolVersion, mut cursor: Cursor<'_>) -> Option<ExportHeader> {
    let count = cursor.u16()?;
    let uptime_ms = cursor.u32()?;
    let seconds = cursor.u32()?;
    let nanoseconds = cursor.u32()?;
    // Some exporters send garbage here; a fraction is less than a second or it is nothing.
    let fraction = if i64::from(nanoseconds) < SECOND { i64::from(nanoseconds) } else { 0 };
    let mut header = ExportHeader {
        version,
        length: 16,
        message_length: None,
        export_time: i64::from(seconds) * SECOND + fraction,
        quantum: if fraction == 0 { SECOND } else { 1 },
        uptime_ms: Some(uptime_ms),
        sequence: 0,
        agent: None,
        observation_domain: 0,
        count,
        scheme: 0,
        sampling_interval: None,
    };
    if version != ProtocolVersion::NetflowV1 {
        header.sequence = cursor.u32()?;
        let [engine_type, engine_id, high, low] = *cursor.take(4)?.first_chunk()?;
        header.length += 8;
        if version != ProtocolVersion::NetflowV7 {
            header.observation_domain = u32::from(engine_type) << 8 | u32::from(engine_id);
        }
        match version {
            ProtocolVersion::NetflowV8 => {
                header.scheme = high;
                cursor.take(4)?;
                header.length += 4;
            }
            // The top two bits are the sampling mode.
            ProtocolVersion::NetflowV5 => {
                let interval = u32::from(u16::from_be_bytes([high, low]) & 0x3fff);
                header.sampling_interval = (interval > 0).then_some(interval);
            }
            _ => {}
        }
    }
    let record = FixedRecord::find(version, header.scheme);
    header.message_length = record.map(|record| header.length + usize::from(count) * record.length());
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_the_lengths_that_routers_send() {
        let lengths: Vec<usize> = RECORDS.iter().map(FixedRecord::length).collect();
        let of_version_8 = [28, 28, 32, 32, 40, 32, 40, 44, 32, 32, 32, 32, 40, 40];
        assert_eq!(lengths, [&[48, 48, 52, 52][..], &of_version_8].concat());
    }
}

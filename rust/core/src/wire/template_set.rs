//! Template sets: the records in which an exporter describes its data.

use super::{Cursor, ProtocolVersion, SetKind};
use crate::templates::FieldSpecifier;

/// What one record of a template set says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateRecord {
    /// A layout; the first `scopes` fields are the scope of an options template.
    Definition {
        /// Template id.
        id: u16,
        /// Number of scope fields; 0 for flow templates.
        scopes: usize,
        /// Fields in wire order.
        fields: Vec<FieldSpecifier>,
    },
    /// The template is no longer used (IPFIX); the set's own id means all of its kind.
    Withdrawal {
        /// Template id.
        id: u16,
    },
    /// What is no layout was meant to be one: whatever had this number before is over.
    Refusal {
        /// Template id.
        id: u16,
    },
}

/// A record and where it lies in its set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedTemplate {
    /// Bytes of the set's body before it.
    pub offset: usize,
    /// Its own bytes.
    pub length: usize,
    /// What it says.
    pub record: TemplateRecord,
}

/// Read every record of a template set. One that is cut off ends it, for nobody knows where the next begins.
pub fn read_templates(version: ProtocolVersion, kind: SetKind, body: &[u8]) -> Vec<PlacedTemplate> {
    let mut cursor = Cursor::new(body);
    let mut records = Vec::new();
    // Up to seven bytes of zeros may pad the set (RFC 7011, section 3.3.1); no template has id 0.
    while cursor.rest().len() >= 4 && cursor.rest()[..2] != [0, 0] {
        let offset = body.len() - cursor.rest().len();
        let id = u16::from_be_bytes([body[offset], body[offset + 1]]);
        let record = match kind {
            SetKind::OptionsTemplates => read_options_template(version, &mut cursor),
            _ => read_template(version, &mut cursor),
        };
        if record.is_none() {
            cursor = Cursor::new(&[]);
        }
        let length = body.len() - cursor.rest().len() - offset;
        records.push(PlacedTemplate { offset, length, record: record.unwrap_or(TemplateRecord::Refusal { id }) });
    }
    records
}

fn read_template(version: ProtocolVersion, cursor: &mut Cursor<'_>) -> Option<TemplateRecord> {
    let id = cursor.u16()?;
    let count = usize::from(cursor.u16()?);
    if count == 0 && version == ProtocolVersion::Ipfix {
        return Some(TemplateRecord::Withdrawal { id });
    }
    let fields = read_fields(version, cursor, count)?;
    Some(if id >= 256 { TemplateRecord::Definition { id, scopes: 0, fields } } else { TemplateRecord::Refusal { id } })
}

fn read_options_template(version: ProtocolVersion, cursor: &mut Cursor<'_>) -> Option<TemplateRecord> {
    let id = cursor.u16()?;
    let first = usize::from(cursor.u16()?);
    if first == 0 && version == ProtocolVersion::Ipfix {
        return Some(TemplateRecord::Withdrawal { id });
    }
    let second = usize::from(cursor.u16()?);
    // IPFIX counts fields, scopes included; v9 gives the bytes of the scopes and of the others.
    let (count, scopes) = match version {
        ProtocolVersion::Ipfix => (first, second),
        _ => ((first + second) / 4, first / 4),
    };
    let fields = read_fields(version, cursor, count)?;
    let scopes_make_sense = scopes <= count && (scopes > 0 || version == ProtocolVersion::NetflowV9);
    let is_definition = id >= 256 && scopes_make_sense;
    Some(if is_definition { TemplateRecord::Definition { id, scopes, fields } } else { TemplateRecord::Refusal { id } })
}

fn read_fields(version: ProtocolVersion, cursor: &mut Cursor<'_>, count: usize) -> Option<Vec<FieldSpecifier>> {
    // Checked before allocating: the count is the sender's word.
    if cursor.rest().len() < count * 4 {
        return None;
    }
    let mut fields = Vec::with_capacity(count);
    for _ in 0..count {
        let id = cursor.u16()?;
        let length = cursor.u16()?;
        let has_enterprise = version == ProtocolVersion::Ipfix && id & 0x8000 != 0;
        let enterprise = if has_enterprise { cursor.u32()? } else { 0 };
        fields.push(FieldSpecifier { enterprise, id: if has_enterprise { id & 0x7fff } else { id }, length });
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(version: ProtocolVersion, kind: SetKind, body: &[u8]) -> Vec<TemplateRecord> {
        read_templates(version, kind, body).into_iter().map(|placed| placed.record).collect()
    }

    /// Proves D4, C18.
    #[test]
    fn an_enterprise_bit_means_something_in_ipfix_only() {
        let body = [1, 0, 0, 1, 0x80, 1, 0, 4, 0, 0, 0x72, 0x79];
        let fields = vec![FieldSpecifier { enterprise: 29305, id: 1, length: 4 }];
        let record = TemplateRecord::Definition { id: 256, scopes: 0, fields };
        assert_eq!(read(ProtocolVersion::Ipfix, SetKind::Templates, &body), [record]);

        let fields = vec![FieldSpecifier { enterprise: 0, id: 0x8001, length: 4 }];
        let record = TemplateRecord::Definition { id: 256, scopes: 0, fields };
        assert_eq!(read(ProtocolVersion::NetflowV9, SetKind::Templates, &body[..8]), [record]);
    }

    /// Proves I2.
    #[test]
    fn a_field_count_beyond_the_bytes_is_refused() {
        let body = [1, 0, 0xff, 0xff, 0, 1, 0, 4];
        let records = read(ProtocolVersion::NetflowV9, SetKind::Templates, &body);
        assert_eq!(records, [TemplateRecord::Refusal { id: 256 }]);
    }

    /// Proves D6.
    #[test]
    fn scopes_that_make_no_sense_cost_their_template_and_not_the_next() {
        let template = |id: u8, scopes: u8| [1, id, 0, 2, 0, scopes, 0, 149, 0, 4, 0, 34, 0, 4];
        for senseless in [0, 3] {
            let body = [template(1, senseless), template(2, 1)].concat();
            let records = read_templates(ProtocolVersion::Ipfix, SetKind::OptionsTemplates, &body);
            assert_eq!(records[0].record, TemplateRecord::Refusal { id: 257 });
            assert!(matches!(records[1].record, TemplateRecord::Definition { id: 258, scopes: 1, .. }));
            assert_eq!((records[1].offset, records[1].length), (14, 14));
        }
    }

    /// Proves C5.
    #[test]
    fn options_templates_count_bytes_in_v9_and_fields_in_ipfix() {
        let v9 = [1, 1, 0, 4, 0, 4, 0, 1, 0, 4, 0, 34, 0, 4];
        let ipfix = [1, 1, 0, 2, 0, 1, 0, 149, 0, 4, 0, 34, 0, 4];
        for (version, body) in [(ProtocolVersion::NetflowV9, v9), (ProtocolVersion::Ipfix, ipfix)] {
            let records = read(version, SetKind::OptionsTemplates, &body);
            assert!(
                matches!(&records[..], [TemplateRecord::Definition { id: 257, scopes: 1, fields }] if fields.len() == 2)
            );
        }
    }
}

//! Lists inside records (RFC 6313), as JSON text.
//!
//! A list names its element or its templates itself, so that nothing can be planned ahead. What cannot be read is
//! shown as bytes: an unknown template's records under `raw`, what is cut off or beyond the bounds under `rest`.

use std::fmt::Write as _;

use super::{Elements, FieldSpecifier, Records, Span, Template, value::value_text};
use crate::{schema::ElementType, time::Instant, wire::Cursor};

/// Lists within lists.
const MAXIMUM_DEPTH: usize = 8;
/// Elements shown of one value of a record, those of nested lists included.
const MAXIMUM_ELEMENTS: usize = 8192;
/// What fills a record up.
const PADDING_OCTETS: (u32, u16) = (0, 210);

/// What lists are read with.
pub struct Lists<'a> {
    /// Names and types.
    pub elements: Elements<'a>,
    /// The templates of the session.
    pub templates: &'a dyn Fn(u16) -> Option<&'a Template>,
    /// The time of the message, for times that need one.
    pub export_time: Instant,
}

/// A list as text.
pub struct Text {
    /// JSON; `None` where not even the list's own header was there.
    pub json: Option<String>,
    /// Whether something in it reached past what holds it.
    pub is_malformed: bool,
}

impl Lists<'_> {
    /// Say a list as text.
    pub fn text(&self, element_type: ElementType, raw: &[u8]) -> Text {
        let mut writer = Writer {
            lists: self,
            json: String::new(),
            left: MAXIMUM_ELEMENTS,
            depth: 0,
            is_malformed: false,
            spans: Vec::new(),
        };
        let is_read = writer.list(element_type, raw);
        Text { json: is_read.then_some(writer.json), is_malformed: writer.is_malformed || !is_read && !raw.is_empty() }
    }

    /// The records of a list that are the only ones of their template, each with it: what they say, they say of the
    /// whole record. Lists of which not every part holds say nothing, and neither do lists in lists.
    pub fn each_only(&self, element_type: ElementType, raw: &[u8], mut see: impl FnMut(&Template, &Records<'_>)) {
        const ALL_OF: u8 = 3;
        const UNDEFINED: u8 = 255;
        let mut cursor = Cursor::new(raw);
        if !matches!(cursor.u8(), Some(ALL_OF | UNDEFINED)) {
            return;
        }
        let mut spans = Vec::new();
        let mut see_body = |id, body| {
            let Some(template) = (self.templates)(id) else { return };
            let (records, _) = Records::find(&template.plan.layout, body, &mut spans);
            if records.count() == 1 {
                see(template, &records);
            }
        };
        match element_type {
            ElementType::SubTemplateList => {
                if let Some(id) = cursor.u16() {
                    see_body(id, cursor.rest());
                }
            }
            ElementType::SubTemplateMultiList => {
                while let Some((id, body)) = entry(&mut cursor) {
                    see_body(id, body);
                }
            }
            _ => {}
        }
    }
}

/// The next template id and records of a subTemplateMultiList; its length counts itself and the id.
fn entry<'a>(cursor: &mut Cursor<'a>) -> Option<(u16, &'a [u8])> {
    let mut ahead = *cursor;
    let (id, length) = (ahead.u16()?, ahead.u16()?);
    let body = ahead.take(usize::from(length).checked_sub(4)?)?;
    *cursor = ahead;
    Some((id, body))
}

struct Writer<'w, 'a> {
    lists: &'w Lists<'a>,
    json: String,
    /// Elements that may still be shown.
    left: usize,
    depth: usize,
    is_malformed: bool,
    /// Memory of records' places, reused; a list in a list takes its own.
    spans: Vec<Span>,
}

impl Writer<'_, '_> {
    /// Write a list; `false`, and nothing written, where it is none.
    fn list(&mut self, element_type: ElementType, raw: &[u8]) -> bool {
        if self.depth == MAXIMUM_DEPTH {
            return false;
        }
        self.depth += 1;
        let written = match element_type {
            ElementType::BasicList => self.basic_list(raw),
            ElementType::SubTemplateList => self.sub_template_list(raw),
            ElementType::SubTemplateMultiList => self.sub_template_multi_list(raw),
            _ => None,
        };
        self.depth -= 1;
        written.is_some()
    }

    fn basic_list(&mut self, raw: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(raw);
        let (semantic, id, length) = (cursor.u8()?, cursor.u16()?, cursor.u16()?);
        let has_enterprise = id & FieldSpecifier::ENTERPRISE_BIT != 0;
        let enterprise = if has_enterprise { cursor.u32()? } else { 0 };
        let field = FieldSpecifier { enterprise, id: id & !FieldSpecifier::ENTERPRISE_BIT, length };
        let (name, element_type) = self.lists.elements.name(field);
        self.begin(semantic);
        self.json.push_str(",\"element\":");
        self.string(&name);
        self.json.push_str(",\"values\":[");
        let mut separator = "";
        while self.left > 0 {
            let mut ahead = cursor;
            let item = match length {
                FieldSpecifier::VARIABLE => ahead.variable(),
                0 => None,
                fixed => ahead.take(usize::from(fixed)),
            };
            let Some(item) = item else { break };
            cursor = ahead;
            self.left -= 1;
            self.json.push_str(separator);
            separator = ",";
            if !self.value(element_type, item) {
                self.json.push_str("{\"raw\":");
                self.hex(item);
                self.json.push('}');
            }
        }
        self.json.push(']');
        self.end(cursor.rest());
        Some(())
    }

    fn sub_template_list(&mut self, raw: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(raw);
        let (semantic, id) = (cursor.u8()?, cursor.u16()?);
        self.begin(semantic);
        self.json.push(',');
        self.records(id, cursor.rest());
        Some(())
    }

    fn sub_template_multi_list(&mut self, raw: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(raw);
        let semantic = cursor.u8()?;
        self.begin(semantic);
        self.json.push_str(",\"entries\":[");
        let mut separator = "{";
        while self.left > 0 {
            let Some((id, body)) = entry(&mut cursor) else { break };
            // An entry without records counts as well: as many of them fit as of elements of four bytes.
            self.left -= 1;
            self.json.push_str(separator);
            separator = ",{";
            self.records(id, body);
        }
        self.json.push(']');
        self.end(cursor.rest());
        Some(())
    }

    /// The records of one template, and the end of the object they stand in.
    fn records(&mut self, id: u16, body: &[u8]) {
        let _ = write!(self.json, "\"template\":{id}");
        let Some(template) = (self.lists.templates)(id) else {
            self.json.push_str(",\"raw\":");
            self.hex(body);
            self.json.push('}');
            return;
        };
        let mut spans = std::mem::take(&mut self.spans);
        let (records, malformed) = Records::find(&template.plan.layout, body, &mut spans);
        self.is_malformed |= malformed.is_some();
        self.json.push_str(",\"records\":[");
        let mut shown = 0;
        while shown < records.count() && self.left > 0 {
            if shown > 0 {
                self.json.push(',');
            }
            self.record(template, &records, shown);
            shown += 1;
        }
        self.json.push(']');
        let rest = &body[records.end(shown)..];
        self.end(rest);
        self.spans = spans;
    }

    /// One record, whole: its bytes are bounded by its list's, and its elements by its template's.
    fn record(&mut self, template: &Template, records: &Records<'_>, record: usize) {
        self.json.push('[');
        let mut separator = "";
        for (index, &field) in template.fields.iter().enumerate() {
            if (field.enterprise, field.id) == PADDING_OCTETS {
                continue;
            }
            let raw = records.value(record, index);
            let (name, element_type) = self.lists.elements.name(field);
            self.left = self.left.saturating_sub(1);
            self.json.push_str(separator);
            separator = ",";
            self.json.push_str("{\"element\":");
            self.string(&name);
            self.json.push_str(",\"value\":");
            let before = self.json.len();
            if !self.value(element_type, raw) {
                self.json.truncate(before - "value\":".len());
                self.json.push_str("raw\":");
                self.hex(raw);
            }
            self.json.push('}');
        }
        self.json.push(']');
    }

    /// Write a value; `false`, and nothing written, where only its bytes mean something.
    fn value(&mut self, element_type: Option<ElementType>, raw: &[u8]) -> bool {
        match element_type {
            Some(list) if list.is_list() => {
                let is_read = self.list(list, raw);
                self.is_malformed |= !is_read && !raw.is_empty() && self.depth < MAXIMUM_DEPTH;
                is_read
            }
            Some(element_type) => match value_text(element_type, raw, self.lists.export_time) {
                Some(text) => {
                    self.string(&text);
                    true
                }
                None => false,
            },
            None => false,
        }
    }

    /// Begin the object of a list by how its parts belong together.
    fn begin(&mut self, semantic: u8) {
        const SEMANTICS: [&str; 5] = ["noneOf", "exactlyOneOf", "oneOrMoreOf", "allOf", "ordered"];
        const UNDEFINED: u8 = 255;
        self.json.push_str("{\"semantic\":");
        match SEMANTICS.get(usize::from(semantic)) {
            Some(word) => self.string(word),
            None if semantic == UNDEFINED => self.string("undefined"),
            None => self.string(&semantic.to_string()),
        }
    }

    /// End an object; what it could not hold is left over. Zeros are filler, though no list should have any.
    fn end(&mut self, rest: &[u8]) {
        if !rest.is_empty() {
            self.json.push_str(",\"rest\":");
            self.hex(rest);
            self.is_malformed |= self.left > 0 && rest.iter().any(|&byte| byte != 0);
        }
        self.json.push('}');
    }

    fn string(&mut self, text: &str) {
        self.json.push('"');
        for character in text.chars() {
            match character {
                '"' => self.json.push_str("\\\""),
                '\\' => self.json.push_str("\\\\"),
                '\0'..='\x1f' => {
                    let _ = write!(self.json, "\\u{:04x}", u32::from(character));
                }
                _ => self.json.push(character),
            }
        }
        self.json.push('"');
    }

    fn hex(&mut self, raw: &[u8]) {
        self.json.push('"');
        for byte in raw {
            let _ = write!(self.json, "{byte:02x}");
        }
        self.json.push('"');
    }
}

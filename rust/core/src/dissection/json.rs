//! JSON as it is written down piece by piece.

use std::io::Write as _;

/// JSON text that grows. Commas come by themselves; who opens something closes it.
#[derive(Default)]
pub struct Json(Vec<u8>);

impl Json {
    /// Open an object, `{`.
    pub fn open(&mut self) {
        self.separate();
        self.0.push(b'{');
    }

    /// Close the object that was opened last.
    pub fn close(&mut self) {
        self.0.push(b'}');
    }

    /// Open a list under a name.
    pub fn open_list(&mut self, name: &str) {
        self.name(name);
        self.0.push(b'[');
    }

    /// Close the list that was opened last.
    pub fn close_list(&mut self) {
        self.0.push(b']');
    }

    /// Begin a member of an object; its value comes next.
    pub fn name(&mut self, name: &str) {
        self.separate();
        self.quote(name);
        self.0.push(b':');
    }

    /// A member whose value is a number.
    pub fn number(&mut self, name: &str, number: impl Into<i128>) {
        self.name(name);
        let _ = write!(self.0, "{}", number.into());
    }

    /// A member whose value is a text, or null.
    pub fn text<'a>(&mut self, name: &str, text: impl Into<Option<&'a str>>) {
        self.name(name);
        match text.into() {
            Some(text) => self.quote(text),
            None => self.0.extend(b"null"),
        }
    }

    /// A member that is there only where it is true.
    pub fn flag(&mut self, name: &str, is_set: bool) {
        if is_set {
            self.name(name);
            self.0.extend(b"true");
        }
    }

    /// A member whose value is bytes, in hexadecimal.
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) {
        self.name(name);
        self.0.push(b'"');
        for byte in bytes {
            let _ = write!(self.0, "{byte:02x}");
        }
        self.0.push(b'"');
    }

    /// Bytes and where they stand, as the value of a member or the next item of a list.
    pub fn span(&mut self, offset: usize, bytes: &[u8]) {
        self.open();
        self.number("offset", offset as u64);
        self.number("length", bytes.len() as u64);
        self.bytes("raw", bytes);
        self.close();
    }

    /// What was written elsewhere, as the next item of a list.
    pub fn item(&mut self, item: Self) {
        self.separate();
        self.0.extend(item.0);
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// End a line.
    pub fn end_line(&mut self) {
        self.0.push(b'\n');
    }

    /// Take what was written.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    fn separate(&mut self) {
        if self.0.last().is_some_and(|byte| !b"{[:\n".contains(byte)) {
            self.0.push(b',');
        }
    }

    fn quote(&mut self, text: &str) {
        self.0.push(b'"');
        for character in text.chars() {
            match character {
                '"' | '\\' => self.0.extend([b'\\', character as u8]),
                '\0'..='\x1f' => drop(write!(self.0, "\\u{:04x}", character as u32)),
                _ => self.0.extend(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        self.0.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_come_by_themselves_and_texts_are_quoted() {
        let mut json = Json::default();
        json.open();
        json.number("a", 1);
        json.open_list("b");
        for bytes in [&[0xab][..], &[]] {
            json.open();
            json.bytes("c", bytes);
            json.flag("d", bytes.is_empty());
            json.close();
        }
        json.close_list();
        json.text("e", "\"\\\n ü");
        json.text("f", None);
        json.close();
        let expected = r#"{"a":1,"b":[{"c":"ab"},{"c":"","d":true}],"e":"\"\\\u000a ü","f":null}"#;
        assert_eq!(String::from_utf8(json.take()).unwrap(), expected);
    }
}

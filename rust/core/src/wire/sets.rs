//! Sets: the framing NetFlow v9 and IPFIX share.

use super::{Cursor, Malformed, ProtocolVersion};

/// What a set holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetKind {
    /// Template records.
    Templates,
    /// Options template records.
    OptionsTemplates,
    /// Data records of this template.
    Data(u16),
    /// Reserved numbers; skipped by their length.
    Reserved,
}

/// One set of a message.
#[derive(Clone, Copy, Debug)]
pub struct Set<'a> {
    /// Its number.
    pub id: u16,
    /// What it holds.
    pub kind: SetKind,
    /// Whose way of writing templates it follows.
    pub style: ProtocolVersion,
    /// Its bytes without the set header.
    pub body: &'a [u8],
}

/// Bytes of a set's own header.
pub const HEADER_BYTES: usize = 4;

/// Walks the sets of a message; ends after the first that does not fit.
pub struct Sets<'a> {
    cursor: Cursor<'a>,
    version: ProtocolVersion,
    is_lenient: bool,
}

impl<'a> Sets<'a> {
    /// Start behind the message header.
    pub fn new(version: ProtocolVersion, body: &'a [u8]) -> Self {
        Self { cursor: Cursor::new(body), version, is_lenient: false }
    }

    /// Take the template sets of NetFlow v9 for such in IPFIX too, which has no use for their numbers (RFC 7011,
    /// section 3.3.2).
    #[must_use]
    pub fn with_v9_sets(self, reads_v9_sets: bool) -> Self {
        Self { is_lenient: reads_v9_sets, ..self }
    }

    /// Whose sets a number below 256 is taken to be one of.
    fn style(&self, id: u16) -> ProtocolVersion {
        if self.is_lenient && id < 2 { ProtocolVersion::NetflowV9 } else { self.version }
    }
}

impl<'a> Iterator for Sets<'a> {
    type Item = Result<Set<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.cursor.rest();
        let id = self.cursor.u16()?;
        let Some(length) = self.cursor.u16() else {
            // One to three bytes are padding: no set fits there.
            self.cursor = Cursor::new(&[]);
            return None;
        };
        if id == 0 && length == 0 && rest.iter().all(|&byte| byte == 0) {
            // Some exporters fill the datagram up with zeros.
            self.cursor = Cursor::new(&[]);
            return None;
        }
        let body = usize::from(length).checked_sub(HEADER_BYTES).and_then(|length| self.cursor.take(length));
        let Some(body) = body else {
            self.cursor = Cursor::new(&[]);
            return Some(Err(Malformed::BadSetLength));
        };
        let style = self.style(id);
        let kind = match (style, id) {
            (_, 256..) => SetKind::Data(id),
            (ProtocolVersion::NetflowV9, 0) | (ProtocolVersion::Ipfix, 2) => SetKind::Templates,
            (ProtocolVersion::NetflowV9, 1) | (ProtocolVersion::Ipfix, 3) => SetKind::OptionsTemplates,
            _ => SetKind::Reserved,
        };
        Some(Ok(Set { id, kind, style, body }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(body: &[u8]) -> Vec<Result<SetKind, Malformed>> {
        Sets::new(ProtocolVersion::Ipfix, body).map(|set| set.map(|set| set.kind)).collect()
    }

    /// Proves D2.
    #[test]
    fn template_sets_of_v9_are_read_in_ipfix_on_request_only() {
        let body = [0, 0, 0, 8, 1, 0, 0, 0, 0, 1, 0, 4];
        assert_eq!(kinds(&body), [Ok(SetKind::Reserved), Ok(SetKind::Reserved)]);
        let sets: Vec<_> = Sets::new(ProtocolVersion::Ipfix, &body).with_v9_sets(true).flatten().collect();
        assert_eq!([sets[0].kind, sets[1].kind], [SetKind::Templates, SetKind::OptionsTemplates]);
        assert_eq!(sets[0].style, ProtocolVersion::NetflowV9);
    }

    #[test]
    fn sets_are_walked_in_order() {
        let body = [0, 2, 0, 5, 9, 1, 0, 0, 6, 1, 1];
        assert_eq!(kinds(&body), [Ok(SetKind::Templates), Ok(SetKind::Data(256))]);
    }

    #[test]
    fn a_set_longer_than_the_message_ends_the_walk() {
        assert_eq!(kinds(&[1, 0, 0, 9, 0]), [Err(Malformed::BadSetLength)]);
        assert_eq!(kinds(&[1, 0, 0, 3, 0, 0]), [Err(Malformed::BadSetLength)]);
    }

    #[test]
    fn zero_filler_is_no_set() {
        assert_eq!(kinds(&[0, 0, 0, 0, 0, 0]), []);
    }
}

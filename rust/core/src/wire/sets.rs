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
    /// What it holds.
    pub kind: SetKind,
    /// Its bytes without the set header.
    pub body: &'a [u8],
}

/// Walks the sets of a message; ends after the first that does not fit.
pub struct Sets<'a> {
    cursor: Cursor<'a>,
    version: ProtocolVersion,
}

impl<'a> Sets<'a> {
    /// Start behind the message header.
    pub fn new(version: ProtocolVersion, body: &'a [u8]) -> Self {
        Self { cursor: Cursor::new(body), version }
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
        let body = usize::from(length).checked_sub(4).and_then(|length| self.cursor.take(length));
        let Some(body) = body else {
            self.cursor = Cursor::new(&[]);
            return Some(Err(Malformed::BadSetLength));
        };
        let kind = match (self.version, id) {
            (_, 256..) => SetKind::Data(id),
            (ProtocolVersion::NetflowV9, 0) | (ProtocolVersion::Ipfix, 2) => SetKind::Templates,
            (ProtocolVersion::NetflowV9, 1) | (ProtocolVersion::Ipfix, 3) => SetKind::OptionsTemplates,
            _ => SetKind::Reserved,
        };
        Some(Ok(Set { kind, body }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(body: &[u8]) -> Vec<Result<SetKind, Malformed>> {
        Sets::new(ProtocolVersion::Ipfix, body).map(|set| set.map(|set| set.kind)).collect()
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

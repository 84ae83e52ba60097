//! Messages that bring a checksum of themselves (RFC 5655, section 8.1.1).

use md5::{Digest as _, Md5};

use super::{Decoder, SessionKey};
use crate::{
    dissection::offset_in,
    schema::Counter,
    templates::{FieldSpecifier, Records, Template},
    wire::{Malformed, ProtocolVersion},
};

/// messageMD5Checksum
const CHECKSUM: FieldSpecifier = FieldSpecifier { enterprise: 0, id: 262, length: 16 };

impl Decoder {
    /// Compare a message with the checksum that an options record of it tells, if it does. What does not agree is
    /// counted and decoded all the same: the checksum may be what was damaged.
    pub(super) fn check_message(
        &mut self,
        key: &SessionKey,
        template: &Template,
        (message, offset): (&[u8], usize),
        body: &[u8],
    ) {
        let Some(index) = template.fields.iter().position(|&field| field == CHECKSUM) else { return };
        if key.version != ProtocolVersion::Ipfix {
            return;
        }
        let (records, _) = Records::find(&template.plan.layout, body, &mut self.spans);
        if records.count() == 0 {
            return;
        }
        let told = records.value(0, index);
        let at = offset_in(message, told);
        let agrees = md5_without(message, at, told.len()) == told;
        let account = &mut self.sessions.get(key).account;
        account.add(Counter::CheckedMessages, 1);
        if !agrees {
            account.add(Malformed::BadChecksum.counter(), 1);
            self.tell_problem(offset, Malformed::BadChecksum);
        }
    }
}

/// The MD5 sum of a message with zeros in place of the checksum.
pub fn md5_without(message: &[u8], at: usize, length: usize) -> [u8; 16] {
    let mut sum = Md5::new();
    sum.update(&message[..at]);
    sum.update(vec![0; length]);
    sum.update(&message[at + length..]);
    sum.finalize().into()
}

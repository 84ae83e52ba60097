//! A fingerprint of the program behind a ClientHello: JA4, the one for TLS clients.
//!
//! FoxIO describes it at github.com/FoxIO-LLC/ja4 and licenses this one, of all of JA4+, as BSD-3. It is made
//! of what a program offers, in an order that its shuffling does not change.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::ClientHello;

const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;

/// Characters of a digest that are told.
const DIGEST_CHARACTERS: usize = 12;

/// What carries the hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// TLS over TCP.
    Tcp,
    /// QUIC.
    Quic,
}

impl ClientHello {
    /// The JA4 fingerprint, such as `t13d1516h2_8daaf6152771_e5627efa2ab1`.
    pub fn fingerprint(&self, carrier: Carrier) -> String {
        let ciphers = without_grease(&self.ciphers);
        let extensions = without_grease(&self.extensions);
        let carrier = if carrier == Carrier::Quic { 'q' } else { 't' };
        let name = if extensions.contains(&SERVER_NAME) { 'd' } else { 'i' };
        format!(
            "{carrier}{version}{name}{:02}{:02}{}_{}_{}",
            ciphers.len().min(99),
            extensions.len().min(99),
            self.protocol_ends(),
            digest(&joined_in_order(ciphers)),
            self.extension_digest(extensions),
            version = self.version_name(),
        )
    }

    fn version_name(&self) -> &'static str {
        let offered = self.versions.iter().copied().filter(|&version| !is_grease(version)).max();
        match offered.unwrap_or(self.legacy_version) {
            0x0304 => "13",
            0x0303 => "12",
            0x0302 => "11",
            0x0301 => "10",
            0x0300 => "s3",
            0x0002 => "s2",
            _ => "00",
        }
    }

    /// The first and the last character of the first protocol, in hexadecimal where one of them is none.
    fn protocol_ends(&self) -> String {
        let (Some(&first), Some(&last)) = (self.raw_protocol.first(), self.raw_protocol.last()) else {
            return "00".to_string();
        };
        if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
            return [char::from(first), char::from(last)].iter().collect();
        }
        let (first, last) = (format!("{first:02x}"), format!("{last:02x}"));
        format!("{}{}", &first[..1], &last[1..])
    }

    fn extension_digest(&self, extensions: Vec<u16>) -> String {
        let told = extensions.into_iter().filter(|kind| !matches!(*kind, SERVER_NAME | ALPN)).collect();
        let mut text = joined_in_order(told);
        if !text.is_empty() && !self.signatures.is_empty() {
            text.push('_');
            text.push_str(&joined(&without_grease(&self.signatures)));
        }
        digest(&text)
    }
}

/// Values that clients send so that servers learn to ignore what they do not know (RFC 8701).
fn is_grease(value: u16) -> bool {
    value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff
}

fn without_grease(values: &[u16]) -> Vec<u16> {
    values.iter().copied().filter(|&value| !is_grease(value)).collect()
}

fn joined_in_order(mut values: Vec<u16>) -> String {
    values.sort_unstable();
    joined(&values)
}

fn joined(values: &[u16]) -> String {
    let words: Vec<String> = values.iter().map(|value| format!("{value:04x}")).collect();
    words.join(",")
}

fn digest(text: &str) -> String {
    if text.is_empty() {
        return "0".repeat(DIGEST_CHARACTERS);
    }
    let mut told = String::new();
    for byte in &Sha256::digest(text)[..DIGEST_CHARACTERS / 2] {
        let _ = write!(told, "{byte:02x}");
    }
    told
}

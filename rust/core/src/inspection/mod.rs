//! What payloads say about whom they are for: names, protocols, fingerprints.
//!
//! Bytes go in as they were captured, whoever sent them; every parser here is total, holds no more than
//! [`Stream`] does, and says one of three things: what it found, that more bytes may tell, or that this is not
//! its protocol. Nothing is guessed: a name is what a client itself put on the wire.

mod dns;
mod fingerprint;
mod hello;
mod host_name;
mod http;
mod quic;
mod stream;
mod tls;

#[cfg(test)]
mod tests;

pub use dns::{DnsAddress, DnsAnswer, answer_from_message, first_message, is_question, question_id};
pub use fingerprint::Carrier;
pub use hello::ClientHello;
pub use host_name::host_name;
pub use http::{is_request, request_host};
pub use quic::{InitialKeys, crypto_frames, is_initial};
pub use stream::{MAXIMUM_STREAM_BYTES, Stream};
pub use tls::{hello_from_message, hello_from_records, is_hello};

/// What a parser made of the first bytes of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding<T> {
    /// What it looks for.
    Found(T),
    /// So far it may be: with more bytes it will be clear.
    Unfinished,
    /// It is something else, or says nothing.
    Nothing,
}

/// Bytes that what [`is_hello`] or [`is_request`] look for may begin with.
const FIRST_BYTES: [bool; 256] = {
    let mut bytes = http::FIRST_BYTES;
    bytes[tls::HANDSHAKE as usize] = true;
    bytes
};

/// Whether the first byte of a payload leaves it open that it is a hello or a request, asked without branches.
#[inline]
pub fn may_begin(payload: &[u8]) -> bool {
    FIRST_BYTES[usize::from(*payload.first().unwrap_or(&0))]
}

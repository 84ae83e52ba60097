//! IPFIX over connections: messages one after another in a stream of bytes (RFC 7011, section 10.4).
//!
//! A connection is a transport session. Its templates and its sequence number end with it (section 8), and what it
//! sends is laid out by no other's templates.

use std::collections::HashMap;

use super::Decoder;
use crate::{
    address::Address,
    datagram::Datagram,
    schema::Counter,
    time::Instant,
    wire::{ExportHeader, Malformed, ProtocolVersion},
};

/// What tells connections to one listener apart.
type Ends = (Address, u16);

/// The beginnings of messages whose rest has not come: of each connection less than one message.
#[derive(Default)]
pub struct Streams(HashMap<Ends, Vec<u8>>);

impl Decoder {
    /// Decode the next bytes of a connection from `exporter`:`port`.
    ///
    /// # Errors
    /// When they are no message: where the next one begins nobody knows, so the connection has to be closed.
    pub fn feed_stream(
        &mut self,
        bytes: &[u8],
        exporter: Address,
        port: u16,
        received: Instant,
    ) -> Result<(), Malformed> {
        self.sessions.lend_nothing();
        self.is_in_streams = true;
        let ends = (exporter, port);
        let mut held = self.streams.0.remove(&ends).unwrap_or_default();
        let result = self.feed_messages(&mut held, bytes, ends, received);
        if result.is_ok() && !held.is_empty() {
            self.streams.0.insert(ends, held);
        }
        result
    }

    /// A connection has ended: forget the templates and the numbers of its sessions, and what waited for a template.
    pub fn end_stream(&mut self, exporter: Address, port: u16, received: Instant) {
        if self.streams.0.remove(&(exporter, port)).is_some() {
            self.count_refusal(Malformed::TruncatedRecord, received);
        }
        for key in self.parking.give_up(exporter, port) {
            self.count_never_laid_out(&key);
        }
        self.sessions.end(exporter, port);
    }

    fn feed_messages(
        &mut self,
        held: &mut Vec<u8>,
        mut bytes: &[u8],
        (exporter, port): Ends,
        received: Instant,
    ) -> Result<(), Malformed> {
        loop {
            // Of bytes that lie whole in what came now none is copied; a message is completed by no more than it needs.
            if !held.is_empty() {
                let wanted = self.length(held, received)?.unwrap_or(HEADER_BYTES);
                let (missing, rest) = bytes.split_at(bytes.len().min(wanted - held.len()));
                held.extend_from_slice(missing);
                bytes = rest;
                match self.length(held, received)? {
                    Some(length) if held.len() == length => {
                        self.feed_message(&std::mem::take(held), exporter, port, received);
                    }
                    _ if bytes.is_empty() => return Ok(()),
                    _ => {}
                }
                continue;
            }
            match self.length(bytes, received)? {
                Some(length) if length <= bytes.len() => {
                    let (message, rest) = bytes.split_at(length);
                    self.feed_message(message, exporter, port, received);
                    bytes = rest;
                }
                _ => {
                    held.extend_from_slice(bytes);
                    return Ok(());
                }
            }
        }
    }

    fn feed_message(&mut self, message: &[u8], exporter: Address, port: u16, received: Instant) {
        if let Some(copying) = &mut self.copying {
            copying(Datagram { payload: message, sender: (exporter, port), received });
        }
        self.feed(message, exporter, port, received);
    }

    /// The length of the message that begins here; `None` while its header has not come.
    fn length(&mut self, message: &[u8], received: Instant) -> Result<Option<usize>, Malformed> {
        message_length(message).inspect_err(|&reason| self.count_refusal(reason, received))
    }

    pub(super) fn count_refusal(&mut self, reason: Malformed, received: Instant) {
        self.listener.enter(received);
        self.listener.add(reason.counter(), 1);
    }

    pub(super) fn count_never_laid_out(&mut self, key: &super::SessionKey) {
        match self.sessions.find(key) {
            Some(session) => {
                session.account.add(Counter::LostNoTemplate, 1);
                session.sequence.found(None);
            }
            None => self.listener.add(Counter::LostNoTemplate, 1),
        }
    }
}

/// Bytes of an IPFIX header.
const HEADER_BYTES: usize = 16;

fn message_length(message: &[u8]) -> Result<Option<usize>, Malformed> {
    let is_other = message.iter().zip(ProtocolVersion::Ipfix.number().to_be_bytes()).any(|(&byte, own)| byte != own);
    if is_other {
        return Err(Malformed::UnknownVersion);
    }
    let Ok(header) = ExportHeader::read(message) else { return Ok(None) };
    match header.message_length {
        Some(length) if length >= header.length => Ok(Some(length)),
        _ => Err(Malformed::ShortHeader),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{EXPORTER, FIELDS, RECEIVED, bytes_of, data_set, decoder, ipfix, template_set, total};
    use super::*;

    fn session(values: &[u32]) -> Vec<u8> {
        let mut stream = ipfix(0, 7, &[template_set(256, &FIELDS)]);
        for (number, value) in values.iter().enumerate() {
            stream.extend(ipfix(number as u32, 7, &[data_set(256, &[*value])]));
        }
        stream
    }

    /// Proves E23.
    #[test]
    fn messages_are_found_however_the_stream_is_cut() {
        let stream = session(&[1, 2, 3]);
        for size in 1..=stream.len() {
            let mut decoder = decoder();
            for piece in stream.chunks(size) {
                decoder.feed_stream(piece, EXPORTER, 1, RECEIVED).unwrap();
            }
            assert_eq!(bytes_of(&decoder.drain()), [1, 2, 3], "in pieces of {size}");
            assert_eq!(total(&decoder, Counter::LostSequence), 0);
            decoder.end_stream(EXPORTER, 1, RECEIVED);
            assert_eq!(total(&decoder, Counter::MalformedTruncatedRecord), 0);
        }
    }

    /// Proves E23.
    #[test]
    fn what_is_no_message_ends_the_connection_and_nothing_before_it() {
        for (rest, reason) in [
            (&[0, 9, 0, 20][..], Malformed::UnknownVersion),
            (&[22], Malformed::UnknownVersion),
            (&[0, 10, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], Malformed::ShortHeader),
            (&[0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], Malformed::ShortHeader),
        ] {
            let mut decoder = decoder();
            let stream = [&session(&[5]), rest].concat();
            assert_eq!(decoder.feed_stream(&stream, EXPORTER, 1, RECEIVED), Err(reason));
            assert_eq!(bytes_of(&decoder.drain()), [5]);
            assert_eq!(total(&decoder, reason.counter()), 1);
        }
    }

    #[test]
    fn a_connection_holds_less_than_a_message() {
        let mut decoder = decoder();
        let mut stream = vec![0, 10, 0xff, 0xff];
        stream.resize(65_534, 0);
        for piece in stream.chunks(1000) {
            decoder.feed_stream(piece, EXPORTER, 1, RECEIVED).unwrap();
        }
        assert_eq!(decoder.streams.0[&(EXPORTER, 1)].len(), 65_534);
        decoder.feed_stream(&[0; 1], EXPORTER, 1, RECEIVED).unwrap();
        assert!(decoder.streams.0.is_empty());
    }

    #[test]
    fn a_message_that_was_cut_off_is_counted() {
        let mut decoder = decoder();
        decoder.feed_stream(&session(&[1])[..50], EXPORTER, 1, RECEIVED).unwrap();
        decoder.end_stream(EXPORTER, 1, RECEIVED);
        assert_eq!(total(&decoder, Counter::MalformedTruncatedRecord), 1);
        assert!(decoder.streams.0.is_empty());
    }

    #[test]
    fn templates_and_numbers_die_with_their_connection() {
        let mut decoder = decoder();
        decoder.feed_stream(&session(&[1, 2]), EXPORTER, 1, RECEIVED).unwrap();
        decoder.end_stream(EXPORTER, 1, RECEIVED);
        decoder.feed_stream(&ipfix(0, 7, &[data_set(256, &[3])]), EXPORTER, 1, RECEIVED).unwrap();
        assert_eq!(bytes_of(&decoder.drain()), [1, 2], "the same port, but another connection");
        assert_eq!(total(&decoder, Counter::LostSequence), 0);
        decoder.end_stream(EXPORTER, 1, RECEIVED);
        assert_eq!(total(&decoder, Counter::LostNoTemplate), 1, "no template comes for it any more");
    }

    #[test]
    fn no_connection_borrows_templates_of_another() {
        let mut decoder = decoder();
        decoder.feed_stream(&session(&[1]), EXPORTER, 1, RECEIVED).unwrap();
        decoder.feed_stream(&ipfix(0, 7, &[data_set(256, &[9])]), EXPORTER, 2, RECEIVED).unwrap();
        assert_eq!(bytes_of(&decoder.drain()), [1]);
        assert_eq!(total(&decoder, Counter::BorrowedTemplates), 0);
        decoder.feed_stream(&session(&[]), EXPORTER, 3, RECEIVED).unwrap();
        assert!(bytes_of(&decoder.drain()).is_empty(), "nor does a set that waits");
        decoder.feed_stream(&session(&[]), EXPORTER, 2, RECEIVED).unwrap();
        assert_eq!(bytes_of(&decoder.drain()), [9]);
    }
}

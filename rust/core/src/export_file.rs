//! Files of export datagrams: captures, datagrams back to back, IPFIX files (RFC 5655). Any of them may be compressed by
//! zstd.

use std::{
    io::{self, Read},
    ops::Range,
};

use crate::{
    address::Address,
    capture::{Capture, CaptureError, Span},
    datagram::Datagram,
    decoder::Decoder,
    packet::{Fragment, Packet},
    time::Instant,
    wire::{Cursor, ExportHeader, ProtocolVersion, SetKind, Sets, sflow},
};

/// A file of export datagrams being read.
pub struct ExportFile {
    source: Source,
    /// Sender of datagrams whose file does not name one.
    exporter: Address,
    /// Added to every arrival, and to every time in the records.
    shift: Instant,
    choice: Choice,
}

/// Which datagrams of a capture are taken.
#[derive(Clone)]
pub struct Choice {
    /// Those that arrived in this time.
    pub arrival: Range<Instant>,
    /// Also those that do not look like an export: in what a collector kept nothing else is.
    pub takes_unknown: bool,
}

impl Default for Choice {
    fn default() -> Self {
        Self { arrival: Instant::MIN..Instant::MAX, takes_unknown: false }
    }
}

enum Source {
    /// With room for where a datagram was found.
    Capture(Box<Capture<Box<dyn Read + Send>>>, Vec<Span>),
    Messages(Messages),
}

const UDP: u8 = 17;
/// Read at once, so that what is left of a window moves seldom.
const READ_BYTES: usize = 1 << 20;
/// The longest datagram there can be; a window of twice that always holds a whole one.
const MAXIMUM_DATAGRAM: usize = 65_535;
const ZSTD: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();
/// Longest look back into what was decompressed that is believed, as a power of two: who wrote a file must not choose our memory.
const MAXIMUM_WINDOW_LOG: u32 = 27;

impl ExportFile {
    /// Open a file; what is no capture is taken as datagrams back to back.
    pub fn open(file: impl Read + Send + 'static, exporter: Address, shift: Instant) -> io::Result<Self> {
        let (mut magic, mut whole) = begun(Box::new(file))?;
        if magic == ZSTD {
            let mut decompressed = zstd::Decoder::new(whole)?;
            decompressed.window_log_max(MAXIMUM_WINDOW_LOG)?;
            (magic, whole) = begun(Box::new(UntilTorn(decompressed)))?;
        }
        let source = if is_capture(magic) {
            Source::Capture(Box::new(Capture::open(whole).map_err(|error| invalid(&error))?), Vec::new())
        } else {
            Source::Messages(Messages {
                file: whole,
                window: Vec::new(),
                start: 0,
                at_end: false,
                is_ipfix: false,
                received: 0,
            })
        };
        Ok(Self { source, exporter, shift, choice: Choice::default() })
    }

    /// The same, taking only some datagrams where it is a capture.
    #[must_use]
    pub fn choosing(self, choice: Choice) -> Self {
        Self { choice, ..self }
    }

    /// Whether it tells when each datagram arrived.
    pub fn is_capture(&self) -> bool {
        matches!(self.source, Source::Capture(..))
    }

    /// The next datagram of a capture, `None` at its end; an error where the file is none, and does not tell when
    /// its datagrams arrived.
    pub fn next_captured(&mut self) -> io::Result<Option<Datagram<'_>>> {
        match &mut self.source {
            Source::Capture(capture, found) => Ok(next_captured(capture, found, &self.choice)),
            Source::Messages(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "it is no capture: pcap or pcapng")),
        }
    }

    /// Decode the next datagram; `false` at the end.
    pub fn feed_next(&mut self, decoder: &mut Decoder) -> io::Result<bool> {
        decoder.shift(self.shift);
        match &mut self.source {
            Source::Capture(capture, found) => {
                let Some(found) = next_captured(capture, found, &self.choice) else { return Ok(false) };
                let (exporter, port) = found.sender;
                decoder.feed(found.payload, exporter, port, found.received.saturating_add(self.shift));
                Ok(true)
            }
            Source::Messages(messages) => {
                messages.fill()?;
                let mut length = messages.next_length();
                while length.is_none() && messages.resynchronise(decoder, self.exporter)? {
                    length = messages.next_length();
                }
                let Some(length) = length else { return Ok(false) };
                let told =
                    ExportHeader::read(&messages.window[messages.start..]).map_or(0, |header| header.export_time);
                messages.received = told.saturating_add(self.shift);
                let received = messages.received;
                decoder.feed_undated(messages.take(length), self.exporter, received);
                Ok(true)
            }
        }
    }
}

/// Datagrams back to back: their own lengths tell where each ends.
struct Messages {
    file: Box<dyn Read + Send>,
    window: Vec<u8>,
    /// What lies before this in the window was taken.
    start: usize,
    at_end: bool,
    /// Whether what was read until now is an IPFIX file: its messages say how long they are, so that what
    /// follows a damaged one can be found again.
    is_ipfix: bool,
    /// What the latest message says was the time.
    received: Instant,
}

impl Messages {
    fn fill(&mut self) -> io::Result<()> {
        while !self.at_end && self.window.len() - self.start < 2 * MAXIMUM_DATAGRAM {
            self.window.drain(..self.start);
            self.start = 0;
            let begin = self.window.len();
            self.window.resize(begin + READ_BYTES, 0);
            let length = read_up_to(&mut self.file, &mut self.window[begin..])?;
            self.window.truncate(begin + length);
            self.at_end = length == 0;
        }
        Ok(())
    }

    /// Length of the datagram at the front, after skipping the zeros some exporters fill up with.
    ///
    /// What is no datagram ends the file, but for an IPFIX file: searching on would find some in any bytes.
    fn next_length(&mut self) -> Option<usize> {
        self.start += begin_behind_filler(&self.window[self.start..])?;
        let length = self.undamaged_length();
        self.is_ipfix = is_ipfix(&self.window[self.start..]);
        Some(length)
    }

    /// Length of the message at the front. Of an IPFIX file: where it says a length behind which no message begins,
    /// and one begins before, the length is what was damaged.
    fn undamaged_length(&self) -> usize {
        let window = &self.window[self.start..];
        let length = message_length(window);
        let is_whole = announced_length(window).is_none_or(|announced| announced <= window.len());
        if !self.is_ipfix || (is_whole && self.is_followed_well(&window[length..])) {
            return length;
        }
        (1..length).find(|&at| self.begins_chain(&window[at..])).unwrap_or(length)
    }

    /// Skip what is no message, to where messages follow one another again; `false` at the end. RFC 5655 has readers
    /// of files go on behind what was damaged (section 9.1).
    fn resynchronise(&mut self, decoder: &mut Decoder, exporter: Address) -> io::Result<bool> {
        while self.is_ipfix && self.window.len() > self.start {
            let window = &self.window[self.start..];
            let next = (1..window.len()).find(|&at| self.begins_chain(&window[at..]));
            // A message may begin in what was read, and end in what was not.
            let rest = if self.at_end { 0 } else { MAXIMUM_DATAGRAM };
            let skipped = next.unwrap_or(window.len().saturating_sub(rest));
            decoder.refuse(&window[..skipped], exporter, self.received);
            self.start += skipped;
            if next.is_some() {
                return Ok(true);
            }
            self.fill()?;
        }
        Ok(false)
    }

    /// Whether a message begins here behind which another one begins, or the file ends.
    fn begins_chain(&self, window: &[u8]) -> bool {
        let rest = || announced_length(window).and_then(|length| window.get(length..));
        is_ipfix(window) && is_plausible(window) && rest().is_some_and(|rest| self.is_followed_well(rest))
    }

    /// Whether what follows a message is the end of the file, filler, or another one.
    fn is_followed_well(&self, rest: &[u8]) -> bool {
        begin_behind_filler(rest).is_some() || (self.at_end && rest.iter().all(|&byte| byte == 0))
    }

    fn take(&mut self, length: usize) -> &[u8] {
        let start = self.start;
        self.start += length;
        &self.window[start..self.start]
    }
}

/// Where a datagram begins, after the zeros some exporters fill up with.
fn begin_behind_filler(window: &[u8]) -> Option<usize> {
    let filler = window.iter().take_while(|&&byte| byte == 0).count();
    // A version number begins with a zero itself, that of sFlow with three.
    [filler.saturating_sub(3), filler.saturating_sub(1), filler]
        .into_iter()
        .find(|&begin| window.get(begin..).is_some_and(is_plausible))
}

fn is_ipfix(window: &[u8]) -> bool {
    window.starts_with(&ProtocolVersion::Ipfix.number().to_be_bytes())
}

/// How long the message at the front of a window says that it is.
fn announced_length(window: &[u8]) -> Option<usize> {
    ExportHeader::read(window).ok()?.message_length
}

/// Where the datagram at the front of a window ends.
fn message_length(window: &[u8]) -> usize {
    let Ok(header) = ExportHeader::read(window) else { return window.len() };
    let announced = match header.version {
        ProtocolVersion::NetflowV9 => header.length + sets_length(&window[header.length..]),
        ProtocolVersion::SflowV5 => sflow::datagram_length(&header, window),
        _ => header.message_length.unwrap_or(window.len()),
    };
    announced.min(window.len()).min(MAXIMUM_DATAGRAM)
}

/// NetFlow v9 does not say how long a datagram is. The next one begins where a set would have
/// the number of a version: those set numbers are reserved.
fn sets_length(body: &[u8]) -> usize {
    let mut cursor = Cursor::new(body);
    loop {
        let at = body.len() - cursor.rest().len();
        let mut peek = cursor;
        let (Some(id), Some(length)) = (peek.u16(), peek.u16()) else { return body.len() };
        if id > 0 && ProtocolVersion::from_number(id).is_some_and(|version| version.number() > 1) {
            return at;
        }
        // A length of zero is filler up to the next datagram.
        if cursor.take(usize::from(length).max(4)).is_none() {
            return body.len();
        }
    }
}

/// Whether the bytes could begin a datagram: a known version, and a first set or record that fits.
fn is_plausible(bytes: &[u8]) -> bool {
    let Ok(header) = ExportHeader::read(bytes) else { return false };
    let body = &bytes[header.length..];
    match header.version {
        ProtocolVersion::NetflowV5 => header.count > 0 && header.export_time > 0,
        ProtocolVersion::NetflowV9 => begins_with_set(header.version, body),
        ProtocolVersion::Ipfix => {
            let length = header.message_length.unwrap_or(0);
            length == header.length || (length > header.length && begins_with_set(header.version, body))
        }
        ProtocolVersion::SflowV5 => header.count == 0 || sflow::begins_with_sample(body),
        // Much begins with such small numbers, so nothing but whole datagrams are taken for them.
        _ => {
            let is_whole = header.message_length.is_some_and(|length| length <= bytes.len());
            header.count > 0 && header.export_time > 0 && is_whole
        }
    }
}

fn begins_with_set(version: ProtocolVersion, body: &[u8]) -> bool {
    match Sets::new(version, body).next() {
        Some(Ok(set)) => set.kind != SetKind::Reserved,
        // A first set that is cut off is still one, if its number could be.
        Some(Err(_)) => body[0] > 0 || body[1] < 4,
        None => false,
    }
}

fn next_captured<'a>(
    capture: &'a mut Capture<Box<dyn Read + Send>>,
    found: &mut Vec<Span>,
    choice: &Choice,
) -> Option<Datagram<'a>> {
    loop {
        found.clear();
        capture.read(found, 1);
        let frame = capture.frame(found.first()?);
        let is_wanted = || Packet::parse(&frame).is_ok_and(|packet| is_export(&packet, choice));
        if choice.arrival.contains(&frame.timestamp) && is_wanted() {
            break;
        }
    }
    let frame = capture.frame(found.first()?);
    let packet = Packet::parse(&frame).ok()?;
    Some(Datagram { payload: packet.payload, sender: (packet.src, packet.src_port), received: frame.timestamp })
}

fn is_export(packet: &Packet<'_>, choice: &Choice) -> bool {
    packet.protocol == UDP
        && packet.fragment == Fragment::None
        && (choice.takes_unknown || is_plausible(packet.payload))
}

fn is_capture(magic: [u8; 4]) -> bool {
    const PCAPNG: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
    const PCAP: [u32; 2] = [0xa1b2_c3d4, 0xa1b2_3c4d];
    magic == PCAPNG || PCAP.contains(&u32::from_be_bytes(magic)) || PCAP.contains(&u32::from_le_bytes(magic))
}

/// What was compressed, up to where the file is torn: one that is still written, or whose writer was killed, ends so.
struct UntilTorn<R>(R);

impl<R: Read> Read for UntilTorn<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => Ok(0),
            read => read,
        }
    }
}

/// The first bytes of a file, zeros where it ends before, and the whole of it.
fn begun(mut file: Box<dyn Read + Send>) -> io::Result<([u8; 4], Box<dyn Read + Send>)> {
    let mut magic = [0; 4];
    let length = read_up_to(&mut file, &mut magic)?;
    let begin = magic[..length].to_vec();
    Ok((magic, Box::new(io::Cursor::new(begin).chain(file))))
}

fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

fn invalid(error: &CaptureError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        address::address_from_v4, capture::pcapng_writing, decoder::Limits, enveloped::Envelope, schema::Counter,
    };

    fn netflow_v5(count: u8) -> Vec<u8> {
        let mut datagram = vec![0, 5, 0, count, 0, 0, 0, 9, 0x65, 0, 0, 0];
        datagram.resize(24 + 48 * usize::from(count), 0);
        datagram
    }

    fn records(bytes: Vec<u8>) -> u64 {
        let mut decoder = Decoder::new(Limits::default(), String::new(), false);
        let mut file = ExportFile::open(io::Cursor::new(bytes), [0; 16], 0).unwrap();
        while file.feed_next(&mut decoder).unwrap() {}
        decoder.totals()[Counter::Records as usize]
    }

    #[test]
    fn datagrams_back_to_back_are_told_apart() {
        assert_eq!(records([netflow_v5(2), netflow_v5(3)].concat()), 5);
    }

    #[test]
    fn filler_between_datagrams_is_skipped() {
        assert_eq!(records([netflow_v5(1), vec![0; 6], netflow_v5(1)].concat()), 2);
    }

    #[test]
    fn a_file_longer_than_the_window_is_read_to_its_end() {
        assert_eq!(records(netflow_v5(1).repeat(100_000)), 100_000);
    }

    fn captured(arrivals: &[Instant]) -> Vec<u8> {
        let mut file = Vec::new();
        pcapng_writing::begin_section(&mut file, "tidegauge", "udp://127.0.0.1:2055");
        for (number, &arrival) in arrivals.iter().enumerate() {
            let source = (address_from_v4([10, 0, 0, number as u8]), 5000);
            let payload = netflow_v5(1);
            let envelope = Envelope::new(source, (address_from_v4([127, 0, 0, 1]), 2055), &payload).unwrap();
            pcapng_writing::packet(&mut file, arrival, [envelope.as_bytes(), &payload]);
        }
        file
    }

    fn arrivals(bytes: Vec<u8>, choice: Choice) -> Vec<Instant> {
        let mut file = ExportFile::open(io::Cursor::new(bytes), [0; 16], 0).unwrap().choosing(choice);
        let mut found = Vec::new();
        while let Some(captured) = file.next_captured().unwrap() {
            found.push(captured.received);
        }
        found
    }

    #[test]
    fn compressed_frames_are_read_up_to_where_the_last_is_torn() {
        let [first, second] = [&[10, 20][..], &[30]].map(|times| zstd::encode_all(&captured(times)[..], 1).unwrap());
        let whole = [first.clone(), second].concat();
        assert_eq!(arrivals(whole.clone(), Choice::default()), [10, 20, 30]);
        for length in first.len()..whole.len() {
            let found = arrivals(whole[..length].to_vec(), Choice::default());
            assert!(found.starts_with(&[10, 20]), "at {length}");
        }
        assert_eq!(records(whole), 3);
    }

    #[test]
    fn only_what_arrived_in_the_time_is_taken() {
        let choice = Choice { arrival: 20..40, takes_unknown: false };
        assert_eq!(arrivals(captured(&[10, 20, 30, 40]), choice), [20, 30]);
    }

    #[test]
    fn what_is_no_export_is_taken_on_demand_only() {
        let mut file = Vec::new();
        pcapng_writing::begin_section(&mut file, "tidegauge", "");
        let ends = (address_from_v4([127, 0, 0, 1]), 2055);
        let envelope = Envelope::new(ends, ends, b"nothing").unwrap();
        pcapng_writing::packet(&mut file, 5, [envelope.as_bytes(), b"nothing"]);
        assert!(arrivals(file.clone(), Choice::default()).is_empty());
        assert_eq!(arrivals(file, Choice { takes_unknown: true, ..Choice::default() }), [5]);
    }

    #[test]
    fn what_does_not_tell_arrivals_is_no_capture() {
        let mut file = ExportFile::open(io::Cursor::new(netflow_v5(1)), [0; 16], 0).unwrap();
        assert!(file.next_captured().is_err());
    }

    #[test]
    fn an_empty_file_holds_nothing() {
        assert_eq!(records(vec![]), 0);
    }
}

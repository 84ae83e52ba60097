//! Capture files, pcap and pcapng: frames with their arrival times, one at a time.
//!
//! Reading is total: whatever the bytes say, it ends, and memory stays bounded by
//! [`MAXIMUM_RECORD_BYTES`]. A file that breaks off (a capture still being written, a full disk) gives
//! every frame before the break; [`Capture::damage`] then says why it ended.

mod byte_order;
mod error;
mod pcap;
mod pcapng;
pub mod pcapng_writing;
mod window;

#[cfg(test)]
mod tests;

use std::io::Read;

pub use error::CaptureError;

use self::{pcap::Pcap, pcapng::Pcapng, window::Window};
use crate::time::Instant;

/// Longest record or block that is believed; a longer one means that we lost our place in the file.
pub const MAXIMUM_RECORD_BYTES: usize = 16 << 20;

/// A frame as it was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When it was captured. Simple packet blocks of pcapng have no time: those repeat the frame before.
    pub timestamp: Instant,
    /// Which header the data starts with (LINKTYPE_ numbers of tcpdump.org).
    pub link_type: u32,
    /// What was captured, possibly less than was on the wire.
    pub data: &'a [u8],
    /// Length on the wire.
    pub original_length: u32,
}

enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// Where a frame lies in memory, until more is read.
#[derive(Clone, Copy)]
pub struct Span {
    timestamp: Instant,
    link_type: u32,
    start: usize,
    length: usize,
    original_length: u32,
}

impl Span {
    /// The frame, given the memory it lies in.
    #[inline]
    fn frame<'a>(&self, memory: &'a [u8]) -> Frame<'a> {
        let Self { timestamp, link_type, start, length, original_length } = *self;
        Frame { timestamp, link_type, data: &memory[start..start + length], original_length }
    }
}

/// A capture file being read.
pub struct Capture<R> {
    window: Window<R>,
    format: Format,
    damage: Option<CaptureError>,
    ended: bool,
}

impl<R: Read> Capture<R> {
    /// Read the file's header.
    ///
    /// # Errors
    ///
    /// [`CaptureError::UnknownFormat`] when the first bytes are neither pcap nor pcapng.
    pub fn open(reader: R) -> Result<Self, CaptureError> {
        let mut window = Window::new(reader);
        let magic = window.peek(4).map_err(|error| match error {
            CaptureError::Truncated => CaptureError::UnknownFormat,
            other => other,
        })?;
        let format = if magic == pcapng::SECTION_HEADER.to_be_bytes() {
            Format::Pcapng(Pcapng::default())
        } else {
            Format::Pcap(Pcap::open(&mut window)?)
        };
        Ok(Self { window, format, damage: None, ended: false })
    }

    /// The next frame, or `None` at the end of what can be read.
    // Not an `Iterator`: the frame borrows the one buffer.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Frame<'_>> {
        if self.ended {
            return None;
        }
        let frame = match &mut self.format {
            Format::Pcap(pcap) => pcap.next(&mut self.window),
            Format::Pcapng(pcapng) => pcapng.next(&mut self.window),
        };
        match frame {
            Ok(Some(frame)) => return Some(frame),
            Ok(None) => {}
            Err(error) => self.damage = Some(error),
        }
        self.ended = true;
        None
    }

    /// Find the next frames, as many as are in memory at once, and at least one unless nothing more can be read.
    ///
    /// Only so can several frames be looked at side by side.
    pub fn read(&mut self, spans: &mut Vec<Span>, maximum: usize) {
        while spans.len() < maximum && (spans.is_empty() || self.holds_another()) {
            let Some(Frame { timestamp, link_type, data, original_length }) = self.next() else { return };
            let (address, length) = (data.as_ptr() as usize, data.len());
            let start = address - self.window.memory().0.as_ptr() as usize;
            spans.push(Span { timestamp, link_type, start, length, original_length });
            self.read_in_memory(spans, maximum);
        }
    }

    /// The same without asking for more than is in memory, where that can be done in one go.
    fn read_in_memory(&mut self, spans: &mut Vec<Span>, maximum: usize) {
        let Format::Pcap(pcap) = &self.format else { return };
        let (bytes, start) = self.window.memory();
        let mut at = start;
        while spans.len() < maximum
            && let Some(span) = pcap.find(bytes, at)
        {
            at = span.start + span.length;
            spans.push(span);
        }
        self.window.skip(at - start);
    }

    /// A frame that was found by the last [`Self::read`].
    #[inline]
    pub fn frame(&self, span: &Span) -> Frame<'_> {
        span.frame(self.window.memory().0)
    }

    /// Whether the next frame is in memory, so that it can be read without moving what is there.
    fn holds_another(&self) -> bool {
        let (bytes, start) = self.window.memory();
        match &self.format {
            Format::Pcap(_) => false,
            Format::Pcapng(pcapng) => pcapng.is_whole(&bytes[start..]),
        }
    }

    /// Why reading stopped before the end of the file; `None` when it did not.
    pub fn damage(&self) -> Option<&CaptureError> {
        self.damage.as_ref()
    }
}

//! The part of a file that is in memory: one buffer, refilled as it is read.

use std::io::{ErrorKind, Read};

use super::CaptureError;

const READ_BYTES: usize = 1 << 17;

/// Bytes read ahead of what was taken.
pub struct Window<R> {
    reader: R,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl<R: Read> Window<R> {
    /// Start at the reader's position.
    pub fn new(reader: R) -> Self {
        Self { reader, bytes: vec![0; READ_BYTES], start: 0, end: 0 }
    }

    /// Look at the next `count` bytes without taking them.
    pub fn peek(&mut self, count: usize) -> Result<&[u8], CaptureError> {
        if self.end - self.start < count {
            self.refill(count)?;
        }
        Ok(&self.bytes[self.start..self.start + count])
    }

    /// Take the next `count` bytes; at a shortage nothing is taken.
    pub fn take(&mut self, count: usize) -> Result<&[u8], CaptureError> {
        self.peek(count)?;
        let start = self.start;
        self.start += count;
        Ok(&self.bytes[start..start + count])
    }

    /// Take bytes that are in memory.
    pub fn skip(&mut self, count: usize) {
        self.start += count;
    }

    /// Everything that is in memory; what was not taken yet begins at the offset.
    pub fn memory(&self) -> (&[u8], usize) {
        (&self.bytes[..self.end], self.start)
    }

    /// Whether the file ends exactly here.
    pub fn at_end(&mut self) -> bool {
        self.start == self.end && matches!(self.peek(1), Err(CaptureError::Truncated))
    }

    fn refill(&mut self, count: usize) -> Result<(), CaptureError> {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.bytes.len() < count {
            self.bytes.resize(count, 0);
        }
        while self.end < count {
            match self.reader.read(&mut self.bytes[self.end..]) {
                Ok(0) => return Err(CaptureError::Truncated),
                Ok(read) => self.end += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(CaptureError::Read(error)),
            }
        }
        Ok(())
    }
}

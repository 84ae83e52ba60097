//! A file whose bytes are read where they are asked for, or many at once beforehand.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt,
    sync::Arc,
};

use bytes::{Buf, Bytes, buf::Reader};
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

/// What is read to see the header of a page, at first: ours are shorter.
const HEADER_BYTES: usize = 256;

/// A file, and what of it is in memory already.
#[derive(Clone)]
pub struct Extent {
    file: Arc<File>,
    length: u64,
    begin: u64,
    bytes: Bytes,
}

impl Extent {
    /// Nothing of a file yet.
    pub fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), length, begin: 0, bytes: Bytes::new() })
    }

    /// The same file with some of its bytes in memory.
    pub fn with(&self, begin: u64, length: usize) -> Result<Self> {
        Ok(Self { begin, bytes: self.get_bytes(begin, length)?, ..self.clone() })
    }

    /// What is in memory of a range, if all of it is.
    fn known(&self, begin: u64, length: usize) -> Option<Bytes> {
        let first = usize::try_from(begin.checked_sub(self.begin)?).ok()?;
        let last = first.checked_add(length)?;
        (last <= self.bytes.len()).then(|| self.bytes.slice(first..last))
    }
}

impl Length for Extent {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Extent {
    type T = From;

    fn get_read(&self, start: u64) -> Result<From> {
        let known = start.checked_sub(self.begin).and_then(|first| usize::try_from(first).ok());
        let bytes = known.filter(|&first| first < self.bytes.len()).map(|first| self.bytes.slice(first..));
        let bytes = bytes.unwrap_or_default();
        Ok(From { next: start + bytes.len() as u64, bytes: bytes.reader(), file: self.file.clone() })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        if let Some(bytes) = self.known(start, length) {
            return Ok(bytes);
        }
        // What a damaged file says of itself must not decide how much memory is taken.
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} are not in the file")));
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}

/// The bytes from some place on.
pub struct From {
    bytes: Reader<Bytes>,
    file: Arc<File>,
    next: u64,
}

impl Read for From {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.bytes.get_ref().has_remaining() {
            let mut bytes = vec![0; HEADER_BYTES];
            let count = self.file.read_at(&mut bytes, self.next)?;
            bytes.truncate(count);
            self.next += count as u64;
            self.bytes = Bytes::from(bytes).reader();
        }
        self.bytes.read(into)
    }
}

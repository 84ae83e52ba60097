//! Checksums of whole files: CRC-32 as zlib has it, so that Python's standard library checks them.
//!
//! A manifest tells them of its segments. A bit that turned on the disk is found by them wherever it
//! is, also within a value, where nothing else tells it from the value that was stored.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use crc32fast::Hasher;

const BLOCK_BYTES: usize = 1 << 18;

/// A file that is written from its first byte to its last, and adds up what it is given.
pub struct SummedFile {
    file: File,
    sum: Hasher,
}

impl SummedFile {
    /// Create the file.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create(path)?, sum: Hasher::new() })
    }

    /// The file, and the checksum of what it was given.
    pub fn into_parts(self) -> (File, u32) {
        (self.file, self.sum.finalize())
    }
}

impl Write for SummedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.file.write(bytes)?;
        self.sum.update(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The checksum of what a file holds now.
pub fn checksum(path: &Path) -> io::Result<u32> {
    let mut file = File::open(path)?;
    let (mut block, mut sum) = (vec![0; BLOCK_BYTES], Hasher::new());
    loop {
        match file.read(&mut block)? {
            0 => return Ok(sum.finalize()),
            length => sum.update(&block[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_zlib_over_all_that_was_written() {
        let path = std::env::temp_dir().join(format!("tidegauge-{}-checksum", std::process::id()));
        let mut file = SummedFile::create(&path).unwrap();
        for part in [&b"1234"[..], b"", b"56789"] {
            file.write_all(part).unwrap();
        }
        let (_, told) = file.into_parts();
        let found = checksum(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!((told, found), (0xCBF4_3926, 0xCBF4_3926), "the check value of CRC-32");
    }
}

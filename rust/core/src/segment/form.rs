//! How much work goes into making a file small.

use std::io;

use parquet::{
    basic::{Compression, ZstdLevel},
    column::page::Page,
};

use super::chunk::PAGE_ROWS;

/// What a file is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// To be there at once: twice a second, beside all that comes meanwhile. What is small without compressing it is small enough.
    Quick,
    /// To be kept: hours and days that are over are written once, and read for years.
    Dense,
}

/// Beyond it a hundredth less takes half as long again.
const LEVEL: i32 = 3;
/// Values that come less often than this are not worth a place in a dictionary, which is compressed as well.
const DENSE_REPEATS: usize = 2;

impl Form {
    /// How columns say that they are compressed.
    pub fn compression(self) -> Compression {
        match self {
            Self::Quick => Compression::UNCOMPRESSED,
            Self::Dense => Compression::ZSTD(ZstdLevel::try_new(LEVEL).unwrap_or_default()),
        }
    }

    /// How those do that are left to the library.
    pub fn library_compression(self) -> Compression {
        match self {
            Self::Quick => Compression::LZ4_RAW,
            Self::Dense => self.compression(),
        }
    }

    /// How often each value has to come for a dictionary to pay, where `quick` is for files written in a hurry.
    pub fn repeats(self, quick: usize) -> usize {
        match self {
            Self::Quick => quick,
            Self::Dense => quick.min(DENSE_REPEATS),
        }
    }

    /// In how many bits numbers are put of which the largest takes so many: compressing finds what repeats in whole bytes only.
    pub fn width(self, bits: u32) -> u32 {
        match self {
            Self::Quick => bits,
            Self::Dense => bits.next_multiple_of(8),
        }
    }

    /// Rows of a page whose values a dictionary does not pay for. They take most of a file, and differences have to be
    /// added up from where the page begins: few rows let a reader of one have less to read. Compressing wants many.
    pub fn unnumbered_rows(self) -> usize {
        match self {
            Self::Quick => PAGE_ROWS / 8,
            Self::Dense => PAGE_ROWS,
        }
    }

    /// A page as this form has it. Values that do not become smaller stay as they are.
    pub fn compressed(self, mut page: Page) -> io::Result<Page> {
        if self == Self::Quick {
            return Ok(page);
        }
        match &mut page {
            Page::DictionaryPage { buf, .. } | Page::DataPage { buf, .. } => {
                *buf = zstd::bulk::compress(buf, LEVEL)?.into();
            }
            Page::DataPageV2 { buf, def_levels_byte_len, rep_levels_byte_len, is_compressed, .. } => {
                let levels = (*def_levels_byte_len + *rep_levels_byte_len) as usize;
                let (levels, values) = buf.split_at(levels);
                let smaller = zstd::bulk::compress(values, LEVEL)?;
                if smaller.len() < values.len() {
                    *buf = [levels, &smaller].concat().into();
                    *is_compressed = true;
                }
            }
        }
        Ok(page)
    }
}

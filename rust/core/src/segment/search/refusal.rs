//! Why pages are not read here.

use std::io;

use parquet::errors::ParquetError;

use crate::segment::file::io_error;

/// Why pages are not read here.
#[derive(Debug)]
pub enum Refusal {
    /// Their form is one that others write: the Parquet library knows it.
    Unfamiliar,
    /// Nobody can read them.
    Failed(io::Error),
}

/// What is no page at all.
pub fn damaged(what: &str) -> Refusal {
    Refusal::Failed(io::Error::new(io::ErrorKind::InvalidData, what))
}

impl From<ParquetError> for Refusal {
    fn from(error: ParquetError) -> Self {
        Self::Failed(io_error(error))
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

//! Why a capture cannot be read, or not to its end.

use std::{error::Error, fmt, io};

/// What is wrong with a capture.
#[derive(Debug)]
pub enum CaptureError {
    /// The operating system could not read the file.
    Read(io::Error),
    /// The first bytes are neither pcap nor pcapng.
    UnknownFormat,
    /// The file ends inside a record.
    Truncated,
    /// A record contradicts itself, so the place of the next one is unknown.
    Malformed(&'static str),
}

impl fmt::Display for CaptureError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(formatter, "cannot read the capture: {error}"),
            Self::UnknownFormat => {
                formatter.write_str("not a capture: the file starts with neither a pcap nor a pcapng header")
            }
            Self::Truncated => formatter.write_str("the capture ends inside a record; everything before it was read"),
            Self::Malformed(what) => write!(formatter, "the capture is damaged: {what}; everything before it was read"),
        }
    }
}

impl Error for CaptureError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Read(error) => Some(error),
            _ => None,
        }
    }
}

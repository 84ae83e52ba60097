//! How far a datagram ought to advance its exporter's sequence number.

/// What a datagram held, as far as that could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Data records, options included.
    pub records: u32,
    /// Flow records.
    pub flows: u32,
    /// What else there is.
    pub rest: Rest,
}

/// What could not be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// Data sets that wait for their template.
    Waits,
    /// What will never be counted.
    Unknown,
}

impl Step {
    /// A datagram whose records could not be counted.
    pub const UNKNOWN: Self = Self { records: 0, flows: 0, rest: Rest::Unknown };
    /// A data set that waits for its template.
    pub const WAITS: Self = Self { rest: Rest::Waits, ..Self::UNKNOWN };

    /// Everything was read.
    pub fn of(records: u32, flows: u32) -> Self {
        Self { records, flows, rest: Rest::Nothing }
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self { records: self.records + other.records, flows: self.flows + other.flows, rest: self.rest.max(other.rest) }
    }
}

//! How exporters number their datagrams: what they count, and from where.

use super::step::{Rest, Step};
use crate::wire::ProtocolVersion;

/// An exporter that began anew may have sent so much before we heard of it; a higher number is where it began.
const MAXIMUM_HEAD: u32 = 1 << 16;

/// A datagram's number, and what it held.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The number.
    pub sequence: u32,
    /// What it held.
    pub step: Step,
}

/// What an exporter numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Data records, options included.
    Records,
    /// Flow records.
    Flows,
    /// Datagrams.
    Datagrams,
}

/// How an exporter numbers its datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it numbers.
    pub unit: Unit,
    /// Whether the number counts what is in its own datagram already.
    pub includes_itself: bool,
}

impl Rule {
    /// Those seen in the field, the more usual first.
    pub const ALL: [Self; 5] = [
        Self { unit: Unit::Records, includes_itself: false },
        Self { unit: Unit::Flows, includes_itself: false },
        Self { unit: Unit::Datagrams, includes_itself: false },
        Self { unit: Unit::Records, includes_itself: true },
        Self { unit: Unit::Flows, includes_itself: true },
    ];

    /// What the protocol's document says.
    pub fn of(version: ProtocolVersion) -> Self {
        let unit = match version {
            ProtocolVersion::NetflowV9 | ProtocolVersion::SflowV5 => Unit::Datagrams,
            _ => Unit::Records,
        };
        Self { unit, includes_itself: false }
    }

    /// What a datagram counts for; `None` where nobody knows.
    pub fn count(self, step: Step) -> Option<u32> {
        match self.unit {
            Unit::Datagrams => Some(1),
            _ if step.rest != Rest::Nothing => None,
            _ => Some(self.known(step)),
        }
    }

    /// How far the number should move from one datagram to the next.
    pub fn advance(self, last: Step, step: Step) -> Option<u32> {
        self.count(self.counted(last, step))
    }

    /// From one datagram to the next, how far it moved for what waits for its template; `None` where nothing waits.
    pub fn waits(self, last: Place, place: Place) -> Option<i64> {
        let step = self.counted(last.step, place.step);
        let waits = self.unit != Unit::Datagrams && step.rest == Rest::Waits;
        waits.then(|| i64::from(self.gap(last, place).0) - i64::from(self.known(step)))
    }

    fn counted(self, last: Step, step: Step) -> Step {
        if self.includes_itself { step } else { last }
    }

    fn known(self, step: Step) -> u32 {
        if self.unit == Unit::Flows { step.flows } else { step.records }
    }

    /// How far it moved, and by how much that is too far; 0 where nobody knows.
    pub fn gap(self, last: Place, place: Place) -> (i32, i32) {
        let advance = place.sequence.wrapping_sub(last.sequence) as i32;
        (advance, self.advance(last.step, place.step).map_or(0, |expected| advance.wrapping_sub(expected as i32)))
    }

    /// The number of the first thing in a datagram.
    pub fn begin(self, place: Place) -> u32 {
        let own = if self.includes_itself { self.count(place.step).unwrap_or(0) } else { 0 };
        place.sequence.wrapping_sub(own)
    }

    /// What an exporter that began anew must have sent before the first datagram we heard.
    pub fn head(self, place: Place) -> u32 {
        let begin = self.begin(place);
        // Records are numbered from 0, datagrams from 0 or from 1.
        let head = if self.unit == Unit::Datagrams { begin.saturating_sub(1) } else { begin };
        if head < MAXIMUM_HEAD { head } else { 0 }
    }
}

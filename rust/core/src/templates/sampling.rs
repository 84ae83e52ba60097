//! How the records of a template say that packets were sampled.

use super::{FieldSpecifier, Records, unsigned, value::float};
use crate::wire::ProtocolVersion;

const SAMPLING_INTERVAL: u16 = 34;
const SAMPLER_ID: u16 = 48;
const SAMPLER_RANDOM_INTERVAL: u16 = 50;
const SELECTOR_ID: u16 = 302;
const SAMPLING_PACKET_INTERVAL: u16 = 305;
const SAMPLING_PACKET_SPACE: u16 = 306;
const SAMPLING_TIME_INTERVAL: u16 = 307;
const SAMPLING_TIME_SPACE: u16 = 308;
const SAMPLING_SIZE: u16 = 309;
const SAMPLING_POPULATION: u16 = 310;
const SAMPLING_PROBABILITY: u16 = 311;

const INGRESS_INTERFACE: u16 = 10;
const EGRESS_INTERFACE: u16 = 14;
const FLOW_DIRECTION: u16 = 61;
/// NetFlow v9 numbers its scopes apart from elements (RFC 3954, section 6.1).
const V9_INTERFACE_SCOPE: u16 = 2;

/// The places of what is said, in the template.
#[derive(Clone, Copy, Debug, Default)]
pub struct SamplingFields {
    /// One packet in how many.
    pub rate: Option<Rate>,
    /// By which sampler.
    pub sampler: Option<usize>,
    /// On which interface; softflowd says 0 for all.
    interface: Option<usize>,
    /// In which direction.
    direction: Option<usize>,
}

/// The ways to say one packet in how many.
#[derive(Clone, Copy, Debug)]
pub enum Rate {
    /// As such.
    OneIn(usize),
    /// So much is taken, then so much is left (RFC 5477, sections 8.2.2 to 8.2.5).
    TakenAndLeft(usize, usize),
    /// So many are taken out of so many (RFC 5477, sections 8.2.6 and 8.2.7).
    OutOf(usize, usize),
    /// Each is taken with this probability (RFC 5477, section 8.2.8).
    Probability(usize),
}

impl SamplingFields {
    /// Find them among the fields of a template.
    pub fn of(version: ProtocolVersion, scopes: usize, fields: &[FieldSpecifier]) -> Self {
        // Most templates have next to none of them, and are looked through once.
        let numbers: Vec<(usize, u16)> = fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.enterprise == 0 && (1..=8).contains(&field.length) && is_read(field.id))
            .map(|(index, field)| (index, field.id))
            .collect();
        let find = |wanted| numbers.iter().find(|&&(_, id)| id == wanted).map(|&(index, _)| index);
        let is_v9_scope =
            |field: &FieldSpecifier| version == ProtocolVersion::NetflowV9 && field.id == V9_INTERFACE_SCOPE;
        let interface = find(INGRESS_INTERFACE).or_else(|| find(EGRESS_INTERFACE));
        let pair = |one, another| Some((find(one)?, find(another)?));
        let taken_and_left = pair(SAMPLING_PACKET_INTERVAL, SAMPLING_PACKET_SPACE)
            .or_else(|| pair(SAMPLING_TIME_INTERVAL, SAMPLING_TIME_SPACE));
        let rate = None
            .or_else(|| find(SAMPLING_INTERVAL).map(Rate::OneIn))
            .or_else(|| find(SAMPLER_RANDOM_INTERVAL).map(Rate::OneIn))
            .or_else(|| taken_and_left.map(|(taken, left)| Rate::TakenAndLeft(taken, left)))
            .or_else(|| pair(SAMPLING_SIZE, SAMPLING_POPULATION).map(|(size, of)| Rate::OutOf(size, of)))
            .or_else(|| find(SAMPLING_PROBABILITY).map(Rate::Probability))
            // Without the space beside it, it is used for the whole.
            .or_else(|| find(SAMPLING_PACKET_INTERVAL).map(Rate::OneIn));
        Self {
            rate,
            sampler: find(SAMPLER_ID).or_else(|| find(SELECTOR_ID)),
            interface: fields.iter().take(scopes).position(is_v9_scope).or(interface),
            direction: find(FLOW_DIRECTION),
        }
    }

    /// Whether an options record speaks of one interface or direction only.
    pub fn is_of_part(&self, records: &Records<'_>, record: usize) -> bool {
        let is_named = |index| unsigned(records.value(record, index)).is_some_and(|interface| interface > 0);
        self.direction.is_some() || self.interface.is_some_and(is_named)
    }

    /// The interval that a record tells, the nearest whole number; `None` for none.
    pub fn interval(&self, records: &Records<'_>, record: usize) -> Option<u32> {
        let number = |index| unsigned(records.value(record, index)).filter(|&number| number > 0);
        let interval = match self.rate? {
            Rate::OneIn(index) => number(index)?,
            Rate::TakenAndLeft(taken, left) => {
                let (taken, left) = (number(taken)?, unsigned(records.value(record, left))?);
                nearest(taken.saturating_add(left), taken)
            }
            Rate::OutOf(size, population) => nearest(number(population)?, number(size)?),
            Rate::Probability(index) => {
                let probability = float(records.value(record, index)).filter(|it| *it > 0.0 && *it <= 1.0)?;
                // Saturates where it is too large for the type.
                (1.0 / probability).round() as u64
            }
        };
        Some(interval.clamp(1, u64::from(u32::MAX)) as u32)
    }
}

fn is_read(id: u16) -> bool {
    matches!(
        id,
        INGRESS_INTERFACE
            | EGRESS_INTERFACE
            | SAMPLING_INTERVAL
            | SAMPLER_ID
            | SAMPLER_RANDOM_INTERVAL
            | FLOW_DIRECTION
            | SELECTOR_ID
            | SAMPLING_PACKET_INTERVAL..=SAMPLING_PROBABILITY
    )
}

/// The whole number nearest to a fraction, of two the larger.
fn nearest(numerator: u64, denominator: u64) -> u64 {
    numerator.saturating_add(denominator / 2) / denominator
}

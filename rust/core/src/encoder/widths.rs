//! In how many bytes counters and durations travel (reduced-size encoding: RFC 7011, section 6.2).

use crate::schema::{FIELDS, Field};

/// Counters of what seldom happens.
const SELDOM: [Field; 10] = [
    Field::Retransmits,
    Field::SpuriousRetransmits,
    Field::LateFills,
    Field::Reordered,
    Field::ZeroWindows,
    Field::ReverseRetransmits,
    Field::ReverseSpuriousRetransmits,
    Field::ReverseLateFills,
    Field::ReverseReordered,
    Field::ReverseZeroWindows,
];

/// Which columns have held a value that needs all bytes: from then on they have them, so that templates do not come and go.
#[derive(Default)]
pub struct Widths {
    /// A bit for each field.
    full: u128,
}

const _: () = assert!(FIELDS.len() <= u128::BITS as usize);

impl Widths {
    /// Bytes for counters of 64 bits.
    pub fn of_u64(&mut self, field: Field, values: &[u64]) -> u16 {
        self.choose(field, 4, 8, || values.iter().fold(0, |bits, value| bits | value) <= u32::MAX.into())
    }

    /// Bytes for durations, which are signed.
    pub fn of_i64(&mut self, field: Field, values: &[i64]) -> u16 {
        self.choose(field, 4, 8, || i32::try_from(values.iter().fold(0, |bits, value| bits | *value as u64)).is_ok())
    }

    /// Bytes for numbers of 32 bits.
    pub fn of_u32(&mut self, field: Field, values: &[u32]) -> u16 {
        if !SELDOM.contains(&field) {
            return 4;
        }
        self.choose(field, 1, 4, || values.iter().fold(0, |bits, value| bits | value) <= u8::MAX.into())
    }

    fn choose(&mut self, field: Field, reduced: u16, full: u16, fits: impl FnOnce() -> bool) -> u16 {
        let bit = 1 << field as u32;
        if self.full & bit == 0 && !fits() {
            self.full |= bit;
        }
        if self.full & bit == 0 { reduced } else { full }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_all_bytes_from_the_first_value_on_that_needs_them() {
        let mut widths = Widths::default();
        assert_eq!(widths.of_u64(Field::Bytes, &[0, u32::MAX.into()]), 4);
        assert_eq!(widths.of_u64(Field::Bytes, &[1, 1 << 32]), 8);
        assert_eq!(widths.of_u64(Field::Bytes, &[1]), 8, "as before");
        assert_eq!(widths.of_u64(Field::Packets, &[1]), 4, "each for itself");
    }

    #[test]
    fn durations_keep_their_sign() {
        let mut widths = Widths::default();
        assert_eq!(widths.of_i64(Field::TcpRtt, &[i32::MAX.into()]), 4);
        assert_eq!(widths.of_i64(Field::TcpRttServer, &[1 << 31]), 8, "in four bytes it would be negative");
        assert_eq!(widths.of_i64(Field::TcpRttClient, &[-1]), 8);
    }

    #[test]
    fn of_numbers_only_counters_of_what_seldom_happens_are_short() {
        let mut widths = Widths::default();
        assert_eq!(widths.of_u32(Field::Retransmits, &[255]), 1);
        assert_eq!(widths.of_u32(Field::Reordered, &[256]), 4);
        assert_eq!(widths.of_u32(Field::InInterface, &[1]), 4);
    }
}

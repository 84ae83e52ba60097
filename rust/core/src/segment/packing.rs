//! Numbers in few bits, and Parquet's hybrid of runs and packed groups made of them.

use arrow_buffer::BooleanBuffer;

/// Append a number, seven bits a byte, low ones first.
pub fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Append a number so that small ones of either sign are short.
pub fn put_zigzag(out: &mut Vec<u8>, number: i64) {
    put_varint(out, (number << 1 ^ number >> 63) as u64);
}

/// Bits that numbers up to `largest` need.
pub fn width_of(largest: u64) -> u32 {
    u64::BITS - largest.leading_zeros()
}

/// Append numbers of `width` bits without gaps, low bits first; the last byte is filled with zeros.
pub fn pack(out: &mut Vec<u8>, width: u32, numbers: impl IntoIterator<Item = u64>) {
    let (mut word, mut filled) = (0_u64, 0);
    for number in numbers {
        word |= number << filled;
        filled += width;
        if filled >= u64::BITS {
            out.extend_from_slice(&word.to_le_bytes());
            filled -= u64::BITS;
            // What had no room any more; nothing, and no legal shift, where all 64 bits had.
            word = number.checked_shr(width - filled).unwrap_or(0);
        }
    }
    out.extend_from_slice(&word.to_le_bytes()[..filled.div_ceil(8) as usize]);
}

/// Append the same number `count` times.
pub fn put_run(out: &mut Vec<u8>, width: u32, count: usize, number: u32) {
    put_varint(out, (count as u64) << 1);
    out.extend_from_slice(&number.to_le_bytes()[..width.div_ceil(8) as usize]);
}

/// Append numbers in the form that is shorter: all as runs or all packed.
pub fn put_numbers(out: &mut Vec<u8>, width: u32, numbers: &[u32]) {
    let runs = 1 + numbers.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let run_bytes = 2 + width.div_ceil(8) as usize;
    if runs * run_bytes * 8 < numbers.len() * width as usize {
        numbers.chunk_by(|one, next| one == next).for_each(|run| put_run(out, width, run.len(), run[0]));
    } else {
        let begin = put_group_count(out, numbers.len());
        pack(out, width, numbers.iter().copied().map(u64::from));
        out.resize(begin + numbers.len().div_ceil(8) * width as usize, 0);
    }
}

/// Append bits as numbers of one bit: Arrow packs them as Parquet does.
pub fn put_bits(out: &mut Vec<u8>, bits: &BooleanBuffer) {
    put_group_count(out, bits.len());
    out.extend_from_slice(bits.sliced().as_slice());
}

/// Say how many groups of eight numbers follow; returns where they begin.
fn put_group_count(out: &mut Vec<u8>, numbers: usize) -> usize {
    put_varint(out, (numbers.div_ceil(8) as u64) << 1 | 1);
    out.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(width: u32, numbers: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        pack(&mut out, width, numbers.iter().copied());
        out
    }

    #[test]
    fn the_example_of_the_format() {
        assert_eq!(packed(3, &[0, 1, 2, 3, 4, 5, 6, 7]), [0b1000_1000, 0b1100_0110, 0b1111_1010]);
    }

    #[test]
    fn every_width_can_be_unpacked() {
        for width in 1..=64 {
            let mask = u64::MAX >> (64 - width);
            let numbers: Vec<u64> = (1..=40_u64).map(|seed| seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) & mask).collect();
            let bytes = packed(width, &numbers);
            assert_eq!(bytes.len(), (40 * width as usize).div_ceil(8));
            let bit = |place: usize| u64::from(bytes[place / 8] >> (place % 8) & 1);
            let number = |first: usize| (0..width as usize).map(|place| bit(first + place) << place).sum::<u64>();
            assert_eq!((0..40).map(|place| number(place * width as usize)).collect::<Vec<_>>(), numbers);
        }
    }

    #[test]
    fn long_runs_are_short() {
        let mut out = Vec::new();
        put_numbers(&mut out, 4, &[[7; 100], [9; 100]].concat());
        assert_eq!(out, [200, 1, 7, 200, 1, 9]);
    }

    #[test]
    fn packed_groups_are_whole() {
        let mut out = Vec::new();
        put_numbers(&mut out, 4, &[1, 2, 3]);
        assert_eq!(out, [0b11, 0x21, 0x03, 0, 0]);
    }
}

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

/// Numbers that are packed at once.
pub const BLOCK: usize = 32;

/// Append a block of numbers of `width` bits without gaps, low bits first.
pub fn pack<T: Copy + Into<u64>>(out: &mut Vec<u8>, width: u32, numbers: &[T; BLOCK]) {
    macro_rules! by_width {
        ($($known:literal)+) => {
            match width {
                0 => {}
                $($known => pack_as::<$known, T>(out, numbers),)+
                _ => unreachable!("a number has no more than 64 bits"),
            }
        };
    }
    by_width!(
        1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
        33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64
    );
}

/// Written out number by number, so that with the width known every shift is a constant.
fn pack_as<const WIDTH: usize, T: Copy + Into<u64>>(out: &mut Vec<u8>, numbers: &[T; BLOCK]) {
    let mut bytes = [0; size_of::<u64>() * BLOCK];
    let mut word = 0_u64;
    macro_rules! put {
        ($($place:literal)+) => {$(
            let bit = $place * WIDTH % 64;
            let number: u64 = numbers[$place].into();
            word |= number << bit;
            if bit + WIDTH >= 64 {
                let first = $place * WIDTH / 64 * 8;
                bytes[first..first + 8].copy_from_slice(&word.to_le_bytes());
                word = if bit + WIDTH > 64 { number >> (64 - bit) } else { 0 };
            }
        )+};
    }
    put!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
    if !WIDTH.is_multiple_of(2) {
        let first = WIDTH / 2 * 8;
        bytes[first..first + 8].copy_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(&bytes[..WIDTH * BLOCK / 8]);
}

/// The numbers of a block that was packed with `width` bits each; what its bytes do not reach is 0.
pub fn unpack<T: Number>(bytes: &[u8], width: u32) -> [T; BLOCK] {
    macro_rules! by_width {
        ($($known:literal)+) => {
            match width {
                $($known => unpack_as::<$known, T>(bytes),)+
                _ => [T::of(0); BLOCK],
            }
        };
    }
    by_width!(
        1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
        33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64
    )
}

/// What numbers are unpacked as.
pub trait Number: Copy {
    /// The low bits of a number.
    fn of(bits: u64) -> Self;
}

impl Number for u32 {
    #[inline]
    fn of(bits: u64) -> Self {
        bits as Self
    }
}

impl Number for u64 {
    #[inline]
    fn of(bits: u64) -> Self {
        bits
    }
}

/// Written out as `pack_as` is.
fn unpack_as<const WIDTH: usize, T: Number>(bytes: &[u8]) -> [T; BLOCK] {
    let mut words = [0_u64; BLOCK];
    let wanted = WIDTH * BLOCK / 8;
    let (whole, rest) = bytes[..bytes.len().min(wanted)].as_chunks::<8>();
    for (word, bytes) in words.iter_mut().zip(whole) {
        *word = u64::from_le_bytes(*bytes);
    }
    if !rest.is_empty() {
        words[whole.len()] = padded(rest);
    }
    let mask = u64::MAX >> (64 - WIDTH);
    let mut numbers = [T::of(0); BLOCK];
    macro_rules! take {
        ($($place:literal)+) => {$(
            let (word, bit) = ($place * WIDTH / 64, $place * WIDTH % 64);
            let mut number = words[word] >> bit;
            if bit + WIDTH > 64 {
                number |= words[word + 1] << (64 - bit);
            }
            numbers[$place] = T::of(number & mask);
        )+};
    }
    take!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
    numbers
}

/// The number at a place among those packed with `width` bits each, of which there are 32 at most.
#[inline]
pub fn unpack_one(bytes: &[u8], width: u32, place: usize) -> u32 {
    let bit = place * width as usize;
    let rest = bytes.get(bit / 8..).unwrap_or_default();
    let word = rest.first_chunk::<8>().map_or_else(|| padded(rest), |bytes| u64::from_le_bytes(*bytes));
    (word >> (bit % 8) & !(u64::MAX << width)) as u32
}

/// Fewer bytes than a word has, as its low ones.
fn padded(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    let count = bytes.len().min(8);
    word[..count].copy_from_slice(&bytes[..count]);
    u64::from_le_bytes(word)
}

/// Append the same number `count` times.
pub fn put_run(out: &mut Vec<u8>, width: u32, count: usize, number: u32) {
    put_varint(out, (count as u64) << 1);
    out.extend_from_slice(&number.to_le_bytes()[..width.div_ceil(8) as usize]);
}

/// Append numbers in the form that is shorter: all as runs or all packed.
pub fn put_numbers(out: &mut Vec<u8>, width: u32, numbers: &[u32]) {
    let runs = 1 + numbers.windows(2).filter(|pair| pair[0] != pair[1]).count();
    if are_runs_short(runs, width, numbers.len()) {
        numbers.chunk_by(|one, next| one == next).for_each(|run| put_run(out, width, run.len(), run[0]));
    } else {
        let begin = put_group_count(out, numbers.len());
        out.reserve(numbers.len().next_multiple_of(BLOCK) * width as usize / 8);
        let (blocks, rest) = numbers.as_chunks::<BLOCK>();
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        for block in blocks.iter().chain([&last]) {
            pack(out, width, block);
        }
        // The last block may be more than the groups of eight that were announced.
        out.truncate(begin + numbers.len().div_ceil(8) * width as usize);
    }
}

/// Append numbers that come in runs, none of which is followed by its like, as [`put_numbers`] would append each of them.
pub fn put_runs(out: &mut Vec<u8>, width: u32, runs: &[(u32, usize)]) {
    let count = runs.iter().map(|&(_, count)| count).sum();
    if are_runs_short(runs.len(), width, count) {
        for &(number, count) in runs {
            put_run(out, width, count, number);
        }
    } else {
        let mut numbers = Vec::with_capacity(count);
        for &(number, count) in runs {
            numbers.resize(numbers.len() + count, number);
        }
        put_numbers(out, width, &numbers);
    }
}

/// Whether so many runs take fewer bytes than their numbers do, packed.
fn are_runs_short(runs: usize, width: u32, numbers: usize) -> bool {
    let run_bytes = 2 + width.div_ceil(8) as usize;
    runs * run_bytes * 8 < numbers * width as usize
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

    #[test]
    fn the_example_of_the_format() {
        let mut out = Vec::new();
        put_numbers(&mut out, 3, &[0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(out, [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
    }

    #[test]
    fn every_width_can_be_unpacked() {
        for width in 1..=64 {
            let mask = u64::MAX >> (64 - width);
            let number = |seed: usize| (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) & mask;
            let numbers: [u64; BLOCK] = std::array::from_fn(number);
            let mut bytes = Vec::new();
            pack(&mut bytes, width, &numbers);
            assert_eq!(bytes.len(), BLOCK / 8 * width as usize);
            let bit = |place: usize| u64::from(bytes[place / 8] >> (place % 8) & 1);
            let unpacked = |first: usize| {
                (0..width as usize).map(|place| bit(first * width as usize + place) << place).sum::<u64>()
            };
            assert_eq!(std::array::from_fn(unpacked), numbers);
            assert_eq!(unpack::<u64>(&bytes, width), numbers);
            if width <= 32 {
                assert_eq!(unpack::<u32>(&bytes, width).map(u64::from), numbers);
                let one = |place: usize| u64::from(unpack_one(&bytes, width, place));
                assert_eq!(std::array::from_fn(one), numbers);
            }
        }
    }

    #[test]
    fn what_bytes_do_not_reach_is_zero() {
        let numbers = unpack::<u32>(&[0xff; 3], 7);
        assert_eq!(numbers[..5], [127, 127, 127, 7, 0]);
        assert_eq!([3, 4, 1 << 40].map(|place| unpack_one(&[0xff; 3], 7, place)), [7, 0, 0]);
        assert_eq!(unpack::<u64>(&[], 0), [0; BLOCK]);
    }

    #[test]
    fn long_runs_are_short() {
        let mut out = Vec::new();
        put_numbers(&mut out, 4, &[[7; 100], [9; 100]].concat());
        assert_eq!(out, [200, 1, 7, 200, 1, 9]);
    }

    #[test]
    fn runs_are_put_as_their_numbers_are() {
        for runs in [&[(7, 100), (9, 100)][..], &[(7, 1), (9, 2), (3, 1)], &[(1, 9), (2, 70_000)], &[]] {
            let numbers: Vec<u32> = runs.iter().flat_map(|&(number, count)| vec![number; count]).collect();
            let (mut of_runs, mut of_numbers) = (Vec::new(), Vec::new());
            put_runs(&mut of_runs, 4, runs);
            put_numbers(&mut of_numbers, 4, &numbers);
            assert_eq!(of_runs, of_numbers, "{runs:?}");
        }
    }

    #[test]
    fn packed_groups_are_whole() {
        let mut out = Vec::new();
        put_numbers(&mut out, 4, &[1, 2, 3]);
        assert_eq!(out, [0b11, 0x21, 0x03, 0, 0]);
    }
}

//! Parquet's `DELTA_BINARY_PACKED`: differences of neighbours, in as many bits as each 32 of them need.

use super::packing::{BLOCK as MINIBLOCK, pack, put_varint, put_zigzag, width_of};

const BLOCK: usize = 128;

/// Append numbers. `difference` subtracts the first from the second, wrapping at the width the
/// column has in Parquet, so that no difference needs more bits than the numbers have.
pub fn put_deltas<T: Copy>(
    out: &mut Vec<u8>,
    numbers: &[T],
    stored: impl Fn(T) -> i64,
    difference: impl Fn(T, T) -> i64,
) {
    put_varint(out, BLOCK as u64);
    put_varint(out, (BLOCK / MINIBLOCK) as u64);
    put_varint(out, numbers.len() as u64);
    put_zigzag(out, numbers.first().map_or(0, |&first| stored(first)));
    let mut deltas = [0; BLOCK];
    let mut rest = numbers;
    while rest.len() > 1 {
        let count = BLOCK.min(rest.len() - 1);
        for (delta, pair) in deltas.iter_mut().zip(rest.windows(2)) {
            *delta = difference(pair[0], pair[1]);
        }
        put_block(out, &deltas[..count]);
        rest = &rest[count..];
    }
}

fn put_block(out: &mut Vec<u8>, deltas: &[i64]) {
    let lowest = deltas.iter().copied().min().unwrap_or(0);
    let mut above = [0_u64; BLOCK];
    for (above, delta) in above.iter_mut().zip(deltas) {
        *above = delta.wrapping_sub(lowest) as u64;
    }
    let miniblocks = above.as_chunks::<MINIBLOCK>().0;
    let widths = miniblocks.iter().map(|numbers| width_of(numbers.iter().fold(0, |all, one| all | one)));
    put_zigzag(out, lowest);
    let begin = out.len();
    out.extend(widths.map(|width| width as u8));
    for (place, numbers) in miniblocks.iter().enumerate().take(deltas.len().div_ceil(MINIBLOCK)) {
        let width = u32::from(out[begin + place]);
        pack(out, width, numbers);
    }
}

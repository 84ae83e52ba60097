//! Values of columns as Parquet stores them.

use parquet::{
    basic::Encoding,
    data_type::{ByteArray, FixedLenByteArray},
    file::statistics::Statistics,
};

use super::{
    delta::put_deltas,
    dictionary::{Direct, Hashed, Key, Near, Nearest, Secrets},
};
use crate::time::MILLISECOND;

/// A value of a column.
pub trait Value: Key {
    /// A dictionary pays for itself where each of its values is met this often.
    const REPEATS: usize;
    /// How values are written that a dictionary does not pay for.
    const ENCODING: Encoding;

    /// Append the value as Parquet's `PLAIN` has it.
    fn put_plain(self, out: &mut Vec<u8>);

    /// Append values in `ENCODING`.
    fn put_all(values: &[Self], out: &mut Vec<u8>);

    /// The smaller and the larger of two pairs of bounds.
    fn widen(one: (Self, Self), another: (Self, Self)) -> (Self, Self);

    /// What a column chunk says of its values, for readers that look for others.
    fn statistics(bounds: Option<(Self, Self)>, nulls: u64) -> Statistics;
}

/// Numbers that Parquet keeps in the bits of a signed type.
macro_rules! number {
    ($($type:ty as $stored:ty, by $places:ty);+) => {$(
        impl Key for $type {
            type Places = $places;

            #[inline]
            fn hash(self, secrets: Secrets) -> u64 {
                secrets.fold(0, self as u64)
            }
        }

        impl Value for $type {
            const REPEATS: usize = 8;
            const ENCODING: Encoding = Encoding::DELTA_BINARY_PACKED;

            fn put_plain(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&(self as $stored).to_le_bytes());
            }

            fn put_all(values: &[Self], out: &mut Vec<u8>) {
                put_deltas(out, values, |value| i64::from(value as $stored), |one, next| {
                    i64::from((next as $stored).wrapping_sub(one as $stored))
                });
            }

            #[inline]
            fn widen(one: (Self, Self), another: (Self, Self)) -> (Self, Self) {
                (one.0.min(another.0), one.1.max(another.1))
            }

            fn statistics(bounds: Option<(Self, Self)>, nulls: u64) -> Statistics {
                let [low, high] = [bounds.map(|(low, _)| low as $stored), bounds.map(|(_, high)| high as $stored)];
                Statistics::new(low, high, None, Some(nulls), false)
            }
        }
    )+};
}

number!(
    u8 as i32, by Direct<{ 1 << 8 }>;
    u16 as i32, by Direct<{ 1 << 16 }>;
    u32 as i32, by Nearest<u32>;
    u64 as i64, by Nearest<u64>;
    i64 as i64, by Nearest<i64>
);

impl Near for u32 {
    #[inline]
    fn distance(self, _: Self) -> usize {
        self as usize
    }
}

impl Near for u64 {
    #[inline]
    fn distance(self, _: Self) -> usize {
        usize::try_from(self).unwrap_or(usize::MAX)
    }
}

/// Most are instants, and most exporters tell them in milliseconds.
impl Near for i64 {
    #[inline]
    fn distance(self, first: Self) -> usize {
        let distance = self.wrapping_sub(first);
        let steps = distance / MILLISECOND;
        if steps * MILLISECOND == distance {
            usize::try_from(steps << 1 ^ steps >> 63).unwrap_or(usize::MAX)
        } else {
            usize::MAX
        }
    }
}

impl<const N: usize> Key for [u8; N] {
    type Places = Hashed;

    #[inline]
    fn hash(self, secrets: Secrets) -> u64 {
        let number = number_of(self);
        secrets.fold_pair(number as u64, (number >> 64) as u64)
    }
}

impl<const N: usize> Value for [u8; N] {
    const REPEATS: usize = 2;
    const ENCODING: Encoding = Encoding::PLAIN;

    fn put_plain(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self);
    }

    fn put_all(values: &[Self], out: &mut Vec<u8>) {
        out.extend_from_slice(values.as_flattened());
    }

    #[inline]
    fn widen(one: (Self, Self), another: (Self, Self)) -> (Self, Self) {
        let low = if number_of(another.0) < number_of(one.0) { another.0 } else { one.0 };
        (low, if number_of(another.1) > number_of(one.1) { another.1 } else { one.1 })
    }

    fn statistics(bounds: Option<(Self, Self)>, nulls: u64) -> Statistics {
        let stored = |value: Self| FixedLenByteArray::from(value.to_vec());
        let [low, high] = [bounds.map(|(low, _)| stored(low)), bounds.map(|(_, high)| stored(high))];
        Statistics::new(low, high, None, Some(nulls), false)
    }
}

/// Up to sixteen bytes as the number that orders them.
#[inline]
fn number_of<const N: usize>(bytes: [u8; N]) -> u128 {
    let mut number = [0; 16];
    number[16 - N..].copy_from_slice(&bytes);
    u128::from_be_bytes(number)
}

impl Key for &str {
    type Places = Hashed;

    #[inline]
    fn hash(self, secrets: Secrets) -> u64 {
        hash_bytes(self.as_bytes(), secrets)
    }
}

impl Value for &str {
    const REPEATS: usize = 2;
    const ENCODING: Encoding = Encoding::PLAIN;

    fn put_plain(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.len() as u32).to_le_bytes());
        out.extend_from_slice(self.as_bytes());
    }

    fn put_all(values: &[Self], out: &mut Vec<u8>) {
        for value in values {
            value.put_plain(out);
        }
    }

    fn widen(one: (Self, Self), _: (Self, Self)) -> (Self, Self) {
        one
    }

    /// Text may be long, and nobody asks for a range of it.
    fn statistics(_: Option<(Self, Self)>, nulls: u64) -> Statistics {
        Statistics::new::<ByteArray>(None, None, None, Some(nulls), false)
    }
}

#[inline]
fn hash_bytes(bytes: &[u8], secrets: Secrets) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(bytes.len() as u64, |hash, word| secrets.fold(hash, u64::from_le_bytes(*word)));
    if rest.is_empty() {
        return hash;
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    secrets.fold(hash, u64::from_le_bytes(last))
}

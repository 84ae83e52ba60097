//! Values of columns as Parquet stores them.

use parquet::{
    basic::Encoding,
    data_type::{ByteArray, FixedLenByteArray},
    file::statistics::Statistics,
};

use super::{
    delta::put_deltas,
    dictionary::{Key, Secrets},
};

/// A value of a column.
pub trait Value: Key + Ord {
    /// A dictionary pays for itself where each of its values is met this often.
    const REPEATS: usize;
    /// How values are written that a dictionary does not pay for.
    const ENCODING: Encoding;

    /// Append the value as Parquet's `PLAIN` has it.
    fn put_plain(self, out: &mut Vec<u8>);

    /// Append values in `ENCODING`.
    fn put_all(values: &[Self], out: &mut Vec<u8>);

    /// What a column chunk says of its values, for readers that look for others.
    fn statistics(bounds: Option<(Self, Self)>, nulls: u64) -> Statistics;
}

/// Numbers that Parquet keeps in the bits of a signed type.
macro_rules! number {
    ($($type:ty as $stored:ty),+) => {$(
        impl Key for $type {
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

            fn statistics(bounds: Option<(Self, Self)>, nulls: u64) -> Statistics {
                let [low, high] = [bounds.map(|(low, _)| low as $stored), bounds.map(|(_, high)| high as $stored)];
                Statistics::new(low, high, None, Some(nulls), false)
            }
        }
    )+};
}

number!(u8 as i32, u16 as i32, u32 as i32, u64 as i64, i64 as i64);

impl<const N: usize> Key for [u8; N] {
    #[inline]
    fn hash(self, secrets: Secrets) -> u64 {
        hash_bytes(&self, secrets)
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

    fn statistics(bounds: Option<(Self, Self)>, nulls: u64) -> Statistics {
        let stored = |value: Self| FixedLenByteArray::from(value.to_vec());
        let [low, high] = [bounds.map(|(low, _)| stored(low)), bounds.map(|(_, high)| stored(high))];
        Statistics::new(low, high, None, Some(nulls), false)
    }
}

impl Key for &str {
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

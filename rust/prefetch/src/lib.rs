//! One instruction: fetch from memory what is needed soon, and go on meanwhile.
//!
//! A load whose result nobody uses does the same where few instructions follow; but the processor can set aside only so many, and
//! then it waits for the oldest load all the same. Safe Rust has no such instruction yet.
#![deny(unsafe_op_in_unsafe_fn)]

/// Have the processor fetch the line of its cache that a value begins in. Nothing changes but how long the next access takes.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call would cost more than it saves")]
pub fn prefetch<T>(value: &T) {
    fetch((&raw const *value).cast());
}

/// The same for the line so many bytes behind the beginning of one of many values. There need be no value at that place: to ask
/// whether there is one costs more where nobody can guess it.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
pub fn prefetch_at<T>(values: &[T], place: usize, offset: usize) {
    fetch(values.as_ptr().wrapping_add(place).cast::<u8>().wrapping_add(offset));
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn fetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the instruction is part of every x86-64, takes any address, and neither reads nor writes as far as the program can
    // tell.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: as above, of every AArch64.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) address, options(nostack, preserves_flags, readonly));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = address;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_may_be_fetched() {
        let values = [1_u64, 2];
        prefetch(&values);
        for place in [1, 2, 1 << 40, usize::MAX] {
            prefetch_at(&values, place, 4);
        }
        prefetch_at::<u64>(&[], 0, 0);
        assert_eq!(values, [1, 2], "nothing changes, and nothing fails");
    }
}

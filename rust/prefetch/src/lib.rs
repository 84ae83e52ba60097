//! One instruction: fetch from memory what is needed soon, and go on meanwhile.
//!
//! A load whose result nobody uses does the same where few instructions follow; but the processor can set aside only so many, and
//! then it waits for the oldest load all the same. Safe Rust has no such instruction yet.
#![deny(unsafe_op_in_unsafe_fn)]

/// Have the processor fetch the line of its cache that a value begins in. Nothing changes but how long the next access takes.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a call would cost more than it saves")]
pub fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the instruction is part of every x86-64, and neither reads nor writes as far as the program can tell.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>((&raw const *value).cast());
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: as above, of every AArch64.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) &raw const *value, options(nostack, preserves_flags, readonly));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = value;
}

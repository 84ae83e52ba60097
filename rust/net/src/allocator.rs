//! How the C library keeps memory that a collector or a meter gives back.

use libc::c_int;

/// Larger blocks come straight from the kernel and go straight back.
const LARGEST_KEPT_BYTES: c_int = 32 << 20;
/// Freed memory beyond this goes back to the kernel.
const KEPT_BYTES: c_int = 256 << 20;

/// Keep memory that was freed, for all of the process.
///
/// Both fill, hand on and free the same columns twice a second, or as fast as a capture is read. Left alone, the library
/// returns them to the kernel each time, and then each page is fetched again by a fault and
/// zeroed: a tenth of all the time a collector takes.
pub fn keep_freed_memory() {
    // SAFETY: these only set numbers that the allocator reads; it takes its own lock for that.
    // What it does not know or does not want it ignores.
    #[cfg(target_env = "gnu")]
    unsafe {
        // One arena, because what one thread frees another allocates.
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES);
    }
}

/// Return to the kernel what is free, wherever it lies, after work that needed much more memory than what goes on.
///
/// Others that allocate wait for it, some milliseconds for a few hundred megabytes.
pub fn return_freed_memory() {
    // SAFETY: the allocator takes its own lock, and touches only what nobody holds.
    #[cfg(target_env = "gnu")]
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(all(test, target_env = "gnu"))]
mod tests {
    use std::fs;

    use super::*;

    const BLOCK_BYTES: usize = 64 << 10;
    const BLOCKS: usize = 512;

    /// Bytes of this process that are in memory.
    fn resident() -> usize {
        let told = fs::read_to_string("/proc/self/statm").unwrap();
        let pages: usize = told.split(' ').nth(1).unwrap().parse().unwrap();
        // SAFETY: it takes no pointer.
        let page_bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        pages * usize::try_from(page_bytes).unwrap()
    }

    #[test]
    fn what_is_free_below_something_that_is_held_goes_back_to_the_kernel() {
        let mut blocks: Vec<_> = (0..BLOCKS).map(|_| vec![1_u8; BLOCK_BYTES]).collect();
        // Freeing returns by itself only what no block lies behind, and only where that is much.
        let held: Vec<_> = (0..BLOCKS).step_by(16).rev().map(|place| blocks.swap_remove(place)).collect();
        drop(blocks);
        let before = resident();
        return_freed_memory();
        let returned = before.saturating_sub(resident());
        assert!(returned > BLOCKS * BLOCK_BYTES / 2, "{returned} bytes were returned");
        assert!(held.iter().flatten().all(|&byte| byte == 1), "what is held stays");
    }
}

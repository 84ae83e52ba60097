//! How much the kernel may hold for a socket, and what it dropped because that was full.

use std::{io, mem::size_of, net::UdpSocket, os::fd::AsRawFd};

use libc::c_int;

use crate::timestamped_socket::set_option;

/// Ask for a receive buffer, and return what was granted; the privileged way is not bound by the system's maximum.
pub(crate) fn size_receive_buffer(socket: &UdpSocket, bytes: usize) -> io::Result<usize> {
    let wanted = c_int::try_from(bytes).unwrap_or(c_int::MAX);
    if set_option(socket, libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, wanted).is_err() {
        set_option(socket, libc::SOL_SOCKET, libc::SO_RCVBUF, wanted)?;
    }
    let [granted] = option_numbers(socket, libc::SO_RCVBUF)?;
    // The kernel doubles the number to make room for its own headers.
    Ok(granted as usize / 2)
}

/// The kernel's drop counter of a socket, modulo 2^32.
pub(crate) fn dropped(socket: &UdpSocket) -> io::Result<u32> {
    /// Place of the drop counter among the numbers of `SO_MEMINFO` (`linux/sock_diag.h`).
    const DROPS: usize = 8;
    Ok(option_numbers::<{ DROPS + 1 }>(socket, libc::SO_MEMINFO)?[DROPS])
}

/// Read a socket option that is a row of 32-bit numbers.
fn option_numbers<const N: usize>(socket: &UdpSocket, option: c_int) -> io::Result<[u32; N]> {
    let mut numbers = [0; N];
    let mut length = size_of::<[u32; N]>() as u32;
    // SAFETY: both pointers are to live values; the kernel writes no more than the length given.
    let result = unsafe {
        libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, option, numbers.as_mut_ptr().cast(), &raw mut length)
    };
    if result == 0 { Ok(numbers) } else { Err(io::Error::last_os_error()) }
}

//! A netlink socket to the kernel's connection tracking.
//!
//! It is kept as a UDP socket of the standard library, which has all else that is needed of a socket that has been
//! opened and bound: to read, to write, to wait.

use std::{
    io,
    mem::size_of,
    net::UdpSocket,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    time::Duration,
};

use libc::sockaddr_nl;

/// Groups of messages, as bits: connections that begin, and those that are over. What else changes does not change
/// what is translated.
pub const BEGIN_AND_END: u32 = 0x1 | 0x4;
/// No messages but answers.
pub const ANSWERS: u32 = 0;

/// Open a socket that hears these groups; reading waits no longer than `wait`.
///
/// # Errors
/// When the kernel has no such sockets, or we lack `CAP_NET_ADMIN`.
pub fn netlink_socket(groups: u32, wait: Duration) -> io::Result<UdpSocket> {
    // SAFETY: no pointers; the descriptor is checked and owned at once.
    let descriptor =
        unsafe { libc::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC, libc::NETLINK_NETFILTER) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just opened and nobody else has it.
    let socket = UdpSocket::from(unsafe { OwnedFd::from_raw_fd(descriptor) });
    // SAFETY: all bits zero is a valid address.
    let mut address: sockaddr_nl = unsafe { std::mem::zeroed() };
    address.nl_family = libc::AF_NETLINK as _;
    address.nl_groups = groups;
    // SAFETY: the address is live and its length is given.
    let result =
        unsafe { libc::bind(socket.as_raw_fd(), (&raw const address).cast(), size_of::<sockaddr_nl>() as u32) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    socket.set_read_timeout(Some(wait))?;
    Ok(socket)
}

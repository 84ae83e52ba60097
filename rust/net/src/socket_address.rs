//! Addresses as the kernel takes them.

use std::{mem::size_of, net::SocketAddr};

use libc::{sockaddr_in, sockaddr_in6, sockaddr_storage};

use crate::timestamped_socket::zeroed;

/// An address in C layout, and how many bytes of it count.
pub(crate) fn socket_address(address: SocketAddr) -> (sockaddr_storage, u32) {
    let mut storage: sockaddr_storage = zeroed();
    let length = match address {
        SocketAddr::V4(v4) => {
            // SAFETY: the storage is larger than any address and aligned for each.
            let place = unsafe { &mut *(&raw mut storage).cast::<sockaddr_in>() };
            place.sin_family = libc::AF_INET as _;
            place.sin_port = v4.port().to_be();
            place.sin_addr.s_addr = u32::from(*v4.ip()).to_be();
            size_of::<sockaddr_in>()
        }
        SocketAddr::V6(v6) => {
            // SAFETY: as above.
            let place = unsafe { &mut *(&raw mut storage).cast::<sockaddr_in6>() };
            place.sin6_family = libc::AF_INET6 as _;
            place.sin6_port = v6.port().to_be();
            place.sin6_addr.s6_addr = v6.ip().octets();
            place.sin6_scope_id = v6.scope_id();
            size_of::<sockaddr_in6>()
        }
    };
    (storage, length as u32)
}

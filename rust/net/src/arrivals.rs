//! Buffers for datagrams read many at a time, with what the kernel noted beside each.

use std::{
    io,
    mem::size_of,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
    os::fd::AsRawFd,
    ptr,
};

use libc::{iovec, mmsghdr, sockaddr_in, sockaddr_in6, sockaddr_storage};
use tidegauge_core::{
    address::{Address, address_from_ip},
    datagram::Datagram,
    time::{Instant, SECOND},
};

use crate::timestamped_socket::zeroed;

/// Datagrams read in one system call.
const BATCH: usize = 256;
/// The longest datagram there can be: none is cut off.
const DATAGRAM_BYTES: usize = 65_536;
/// Room for an arrival stamp and a drop counter, in words so that it is aligned.
const CONTROL_WORDS: usize = 16;

/// One datagram that was read.
pub struct Arrival<'a> {
    /// Its bytes.
    pub payload: &'a [u8],
    /// Who sent it.
    pub sender: (Address, u16),
    /// When the kernel received it; `None` where it did not say.
    pub received: Option<Instant>,
    /// Datagrams this socket dropped since it was opened, modulo 2^32; absent before the first.
    pub dropped: Option<u32>,
}

impl<'a> Arrival<'a> {
    /// The same without what the kernel noted of drops; where it did not note the time either, that is `now`.
    pub fn datagram(&self, now: Instant) -> Datagram<'a> {
        Datagram { payload: self.payload, sender: self.sender, received: self.received.unwrap_or(now) }
    }
}

/// Buffers for one batch.
pub struct Arrivals {
    headers: Box<[mmsghdr]>,
    vectors: Box<[iovec]>,
    senders: Box<[sockaddr_storage]>,
    controls: Box<[[u64; CONTROL_WORDS]]>,
    payloads: Box<[u8]>,
    count: usize,
}

impl Arrivals {
    /// Set the buffers aside.
    pub fn new() -> Self {
        Self {
            headers: (0..BATCH).map(|_| zeroed()).collect(),
            vectors: (0..BATCH).map(|_| zeroed()).collect(),
            senders: (0..BATCH).map(|_| zeroed()).collect(),
            controls: vec![[0; CONTROL_WORDS]; BATCH].into(),
            payloads: vec![0; BATCH * DATAGRAM_BYTES].into(),
            count: 0,
        }
    }

    /// Datagrams that one read can bring at most.
    pub fn capacity(&self) -> usize {
        self.headers.len()
    }

    /// Read what is there, waiting for the first datagram as long as the socket's timeout says.
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        self.prepare();
        // SAFETY: every header was just pointed at buffers that `self` owns and that do not move
        // while it is borrowed; the kernel writes no further than the lengths given.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                BATCH as u32,
                libc::MSG_WAITFORONE as _,
                ptr::null_mut(),
            )
        };
        self.count = usize::try_from(count).unwrap_or(0);
        if count >= 0 {
            return Ok(self.count);
        }
        let error = io::Error::last_os_error();
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(0),
            _ => Err(error),
        }
    }

    /// The datagrams of the last read, in order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = Arrival<'_>> + Clone {
        (0..self.count).map(|position| self.arrival(position))
    }

    fn prepare(&mut self) {
        for (position, payload) in self.payloads.chunks_exact_mut(DATAGRAM_BYTES).enumerate() {
            self.vectors[position] = iovec { iov_base: payload.as_mut_ptr().cast(), iov_len: DATAGRAM_BYTES };
            let header = &mut self.headers[position].msg_hdr;
            header.msg_name = (&raw mut self.senders[position]).cast();
            header.msg_namelen = size_of::<sockaddr_storage>() as u32;
            header.msg_iov = &raw mut self.vectors[position];
            header.msg_iovlen = 1;
            header.msg_control = self.controls[position].as_mut_ptr().cast();
            header.msg_controllen = size_of::<[u64; CONTROL_WORDS]>() as _;
        }
    }

    fn arrival(&self, position: usize) -> Arrival<'_> {
        let begin = position * DATAGRAM_BYTES;
        let length = (self.headers[position].msg_len as usize).min(DATAGRAM_BYTES);
        let (received, dropped) = self.notes(position);
        Arrival {
            payload: &self.payloads[begin..begin + length],
            sender: sender_of(&self.senders[position]),
            received,
            dropped,
        }
    }

    /// Read the control messages of a datagram.
    fn notes(&self, position: usize) -> (Option<Instant>, Option<u32>) {
        let header = &self.headers[position].msg_hdr;
        let (mut received, mut dropped) = (None, None);
        // SAFETY: the control buffer is our own, aligned and no longer than the header says, so the
        // walk stays inside; the kernel wrote it, and a message's kind fixes the type of its
        // content, which is read unaligned.
        unsafe {
            let mut message = libc::CMSG_FIRSTHDR(header);
            while let Some(control) = message.as_ref() {
                let content = libc::CMSG_DATA(control);
                match (control.cmsg_level, control.cmsg_type) {
                    (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) => {
                        let time = content.cast::<libc::timespec>().read_unaligned();
                        received = Some(time.tv_sec * SECOND + time.tv_nsec);
                    }
                    (libc::SOL_SOCKET, libc::SO_RXQ_OVFL) => dropped = Some(content.cast::<u32>().read_unaligned()),
                    _ => {}
                }
                message = libc::CMSG_NXTHDR(header, control);
            }
        }
        (received, dropped)
    }
}

fn sender_of(storage: &sockaddr_storage) -> (Address, u16) {
    let family = i32::from(storage.ss_family);
    let storage = ptr::from_ref(storage);
    let (ip, port) = if family == libc::AF_INET {
        // SAFETY: the kernel says that the storage, which is larger and aligned, holds this type.
        let address = unsafe { &*storage.cast::<sockaddr_in>() };
        (IpAddr::from(Ipv4Addr::from(u32::from_be(address.sin_addr.s_addr))), address.sin_port)
    } else {
        // SAFETY: as above; a UDP socket has IPv4 or IPv6 senders only.
        let address = unsafe { &*storage.cast::<sockaddr_in6>() };
        (IpAddr::from(Ipv6Addr::from(address.sin6_addr.s6_addr)), address.sin6_port)
    };
    (address_from_ip(ip), u16::from_be(port))
}

//! A UDP socket of a server: many datagrams at a time, with the kernel's arrival stamps.
//!
//! Each reply leaves from the address its request was sent to. That matters where a machine has
//! several and listens on all of them: a client drops an answer from an address it did not ask.

use std::{
    io,
    mem::{MaybeUninit, size_of},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket},
    os::fd::AsRawFd,
    ptr,
    time::Duration,
};

use libc::{c_int, iovec, mmsghdr, sockaddr_storage};
use tidegauge_core::{
    ntp::{NtpStamp, REPLY_BYTES, Request, Sending},
    time::{Instant, SECOND},
};

use crate::departures::{Departures, STAMP_DEPARTURE};

/// Datagrams read, and replies sent, in one system call. All replies of a batch carry one
/// transmit stamp, so a larger batch would make the stamp of its last reply worse.
pub const BATCH: usize = 32;

/// Longest request that is read whole; a longer one is cut off.
const REQUEST_BYTES: usize = 1500;

/// Room for an arrival stamp, twice as the kernel has two ways to tell it, and a destination address; in
/// words so that it is aligned.
const CONTROL_WORDS: usize = 24;

/// A bound socket.
pub struct TimestampedSocket {
    socket: UdpSocket,
    departures: Departures,
}

impl TimestampedSocket {
    /// Bind; `wait` is how long [`TimestampedSocket::receive`] waits for a first datagram.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub fn bind(address: impl ToSocketAddrs, wait: Duration) -> io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        socket.set_read_timeout(Some(wait))?;
        let (level, option) = if socket.local_addr()?.is_ipv4() {
            (libc::IPPROTO_IP, libc::IP_PKTINFO)
        } else {
            (libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO)
        };
        set_option(&socket, level, option, 1)?;
        set_option(&socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
        Ok(Self { socket, departures: Departures::default() })
    }

    /// The port that was bound.
    ///
    /// # Errors
    /// When the socket is gone.
    pub fn port(&self) -> io::Result<u16> {
        Ok(self.socket.local_addr()?.port())
    }

    /// Read what is there, waiting for the first datagram only; 0 after waiting in vain.
    ///
    /// # Errors
    /// When the kernel refuses to read.
    pub fn receive(&self, exchanges: &mut Exchanges) -> io::Result<usize> {
        exchanges.prepare_receiving();
        let headers = &mut exchanges.headers;
        // SAFETY: every header was just pointed at buffers that `exchanges` owns and that do not
        // move while it is borrowed; the kernel writes no further than the lengths given.
        let count = unsafe {
            libc::recvmmsg(
                self.socket.as_raw_fd(),
                headers.as_mut_ptr(),
                BATCH as u32,
                libc::MSG_WAITFORONE as _,
                ptr::null_mut(),
            )
        };
        if let Ok(count) = usize::try_from(count) {
            return Ok(count);
        }
        let error = io::Error::last_os_error();
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(0),
            _ => Err(error),
        }
    }

    /// Send the replies at these positions; returns how many the kernel took.
    pub fn send(&mut self, exchanges: &mut Exchanges, replies: &[(usize, Sending)]) -> usize {
        for receive in replies.iter().filter_map(|(_, sending)| sending.awaited) {
            self.departures.prepare(&self.socket);
            self.departures.expect(receive);
        }
        let mut headers: Vec<mmsghdr> =
            replies.iter().map(|(position, sending)| exchanges.prepare_sending(*position, sending)).collect();
        let (mut done, mut sent) = (0, 0);
        while done < headers.len() {
            let rest = &mut headers[done..];
            // SAFETY: every header points at buffers that `exchanges` owns and that do not move
            // while it is borrowed.
            let count = unsafe { libc::sendmmsg(self.socket.as_raw_fd(), rest.as_mut_ptr(), rest.len() as u32, 0) };
            let taken = usize::try_from(count).unwrap_or(0);
            sent += taken;
            // The kernel stops at a reply it refuses and tells so only when that one is the
            // first: pass over it and go on.
            done += taken.max(1);
        }
        if sent < replies.len() {
            self.departures.restart(&self.socket);
        }
        sent
    }

    /// Take what the kernel has stamped: receive stamps of replies, and when they left.
    pub fn read_departures(&mut self, found: impl FnMut(NtpStamp, Instant)) {
        self.departures.read(&self.socket, found);
    }
}

/// Set an integer option of a socket.
pub(crate) fn set_option(socket: &UdpSocket, level: c_int, option: c_int, value: c_int) -> io::Result<()> {
    // SAFETY: the value is a live c_int and its length is given.
    let result = unsafe {
        libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const value).cast(), size_of::<c_int>() as u32)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What the kernel noted beside a request.
#[derive(Clone, Copy, Default)]
struct Note {
    received: Option<Instant>,
    v4: Option<libc::in_pktinfo>,
    v6: Option<libc::in6_pktinfo>,
}

impl Note {
    /// Our address that the request was sent to.
    fn destination(&self) -> Option<IpAddr> {
        let v4 = self.v4.map(|info| Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr)).into());
        v4.or_else(|| self.v6.map(|info| Ipv6Addr::from(info.ipi6_addr.s6_addr).into()))
    }
}

/// Buffers for one batch: requests, who sent them, what the kernel noted, and replies.
pub struct Exchanges {
    headers: Box<[mmsghdr]>,
    vectors: Box<[iovec]>,
    senders: Box<[sockaddr_storage]>,
    controls: Box<[[u64; CONTROL_WORDS]]>,
    requests: Box<[[u8; REQUEST_BYTES]]>,
    replies: Box<[[u8; REPLY_BYTES]]>,
}

impl Exchanges {
    /// Set the buffers aside.
    pub fn new() -> Self {
        Self {
            headers: (0..BATCH).map(|_| zeroed()).collect(),
            vectors: (0..BATCH).map(|_| zeroed()).collect(),
            senders: (0..BATCH).map(|_| zeroed()).collect(),
            controls: vec![[0; CONTROL_WORDS]; BATCH].into(),
            requests: vec![[0; REQUEST_BYTES]; BATCH].into(),
            replies: vec![[0; REPLY_BYTES]; BATCH].into(),
        }
    }

    /// The request at a position below the count that was received, and where its reply goes.
    ///
    /// `port` is ours; `now` stands in for the kernel's stamp where there is none.
    pub fn exchange(
        &mut self,
        position: usize,
        port: u16,
        now: Instant,
    ) -> Option<(Request<'_>, &mut [u8; REPLY_BYTES])> {
        let note = self.note(position);
        let request = Request {
            bytes: &self.requests[position][..self.headers[position].msg_len as usize],
            from: sender(&self.senders[position])?,
            to: note.destination().map(|address| SocketAddr::new(address, port)),
            received: note.received.unwrap_or(now),
        };
        Some((request, &mut self.replies[position]))
    }

    /// Offer every buffer whole: the kernel shortens the lengths to what it wrote.
    fn prepare_receiving(&mut self) {
        for position in 0..BATCH {
            self.vectors[position] =
                iovec { iov_base: self.requests[position].as_mut_ptr().cast(), iov_len: REQUEST_BYTES };
            let header = &mut self.headers[position].msg_hdr;
            header.msg_name = (&raw mut self.senders[position]).cast();
            header.msg_namelen = size_of::<sockaddr_storage>() as u32;
            header.msg_iov = &raw mut self.vectors[position];
            header.msg_iovlen = 1;
            header.msg_control = self.controls[position].as_mut_ptr().cast();
            header.msg_controllen = size_of::<[u64; CONTROL_WORDS]>() as _;
        }
    }

    /// Turn a request's header round: same peer, the reply as payload, our address as source.
    fn prepare_sending(&mut self, position: usize, sending: &Sending) -> mmsghdr {
        let note = self.note(position);
        let reply = &mut self.replies[position][..sending.length];
        self.vectors[position] = iovec { iov_base: reply.as_mut_ptr().cast(), iov_len: reply.len() };
        self.headers[position].msg_hdr.msg_controllen = 0;
        // No interface is named: the way back is the routing table's choice.
        if let Some(info) = note.v4 {
            let source = libc::in_pktinfo { ipi_ifindex: 0, ..info };
            self.append_control(position, libc::IPPROTO_IP, libc::IP_PKTINFO, source);
        } else if let Some(info) = note.v6 {
            let source = libc::in6_pktinfo { ipi6_ifindex: 0, ..info };
            self.append_control(position, libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, source);
        }
        if sending.awaited.is_some() {
            self.append_control(position, libc::SOL_SOCKET, libc::SO_TIMESTAMPING, STAMP_DEPARTURE);
        }
        self.headers[position]
    }

    /// Read the control messages of a request.
    fn note(&self, position: usize) -> Note {
        let header = &self.headers[position].msg_hdr;
        let mut note = Note::default();
        // SAFETY: a header's control buffer is either none or our own, aligned and no longer than
        // the header says, so the CMSG walk stays inside; the kernel wrote it, and a message's
        // kind fixes the type of its content, which is read unaligned.
        unsafe {
            let mut message = libc::CMSG_FIRSTHDR(header);
            while let Some(control) = message.as_ref() {
                let content = libc::CMSG_DATA(control);
                match (control.cmsg_level, control.cmsg_type) {
                    (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) => {
                        let time = content.cast::<libc::timespec>().read_unaligned();
                        note.received = Some(time.tv_sec * SECOND + time.tv_nsec);
                    }
                    (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                        note.v4 = Some(content.cast::<libc::in_pktinfo>().read_unaligned());
                    }
                    (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                        note.v6 = Some(content.cast::<libc::in6_pktinfo>().read_unaligned());
                    }
                    _ => {}
                }
                message = libc::CMSG_NXTHDR(header, control);
            }
        }
        note
    }

    /// Add a message to the control buffer, which has room for an address and a number.
    fn append_control<T>(&mut self, position: usize, level: c_int, kind: c_int, content: T) {
        let header = &mut self.headers[position].msg_hdr;
        let length = size_of::<T>() as u32;
        let start = header.msg_controllen;
        // SAFETY: the control buffer is our own, aligned and longer than both messages together; CMSG_SPACE
        // keeps what follows a message aligned.
        unsafe {
            header.msg_controllen = start + libc::CMSG_SPACE(length) as usize;
            let control = header.msg_control.byte_add(start).cast::<libc::cmsghdr>();
            (*control).cmsg_level = level;
            (*control).cmsg_type = kind;
            (*control).cmsg_len = libc::CMSG_LEN(length) as _;
            libc::CMSG_DATA(control).cast::<T>().write_unaligned(content);
        }
    }
}

impl Default for Exchanges {
    fn default() -> Self {
        Self::new()
    }
}

/// Who sent a datagram; `None` for what is no internet address.
fn sender(storage: &sockaddr_storage) -> Option<SocketAddr> {
    match c_int::from(storage.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says which structure the kernel wrote; the storage is larger and aligned for any.
            let address = unsafe { &*(&raw const *storage).cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from(u32::from_be(address.sin_addr.s_addr));
            Some(SocketAddr::new(ip.into(), u16::from_be(address.sin_port)))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let address = unsafe { &*(&raw const *storage).cast::<libc::sockaddr_in6>() };
            let ip = Ipv6Addr::from(address.sin6_addr.s6_addr);
            Some(SocketAddr::new(ip.into(), u16::from_be(address.sin6_port)))
        }
        _ => None,
    }
}

/// Plain C structures that may be all zero: null pointers, no lengths.
pub(crate) trait Zeroed {}
impl Zeroed for mmsghdr {}
impl Zeroed for iovec {}
impl Zeroed for sockaddr_storage {}

pub(crate) fn zeroed<T: Zeroed>() -> T {
    // SAFETY: `Zeroed` is implemented above for integers and pointers in C layout only.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

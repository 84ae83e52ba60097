//! Sending datagrams on to a collector: with the exporter's address as their source where the kernel allows it.
//!
//! That takes a raw socket, whose packets bring their own IP and UDP headers.

use std::{
    io,
    mem::size_of,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
    ptr,
};

use libc::{c_int, iovec, mmsghdr, sockaddr_storage};
use tidegauge_core::{
    address::{address_from_ip, is_v4},
    datagram::{Datagram, DatagramLot, End},
    enveloped::Envelope,
};

use crate::{socket_address::socket_address, timestamped_socket::zeroed};

/// Datagrams sent in one system call.
const BATCH: usize = 64;
/// What every link of IPv6 takes, and in practice every one of IPv4.
const SMALLEST_LINK_BYTES: usize = 1280;

/// A way to one collector.
pub struct DatagramSender {
    target: SocketAddr,
    destination: End,
    own: UdpSocket,
    /// There where source addresses can be kept.
    raw: Option<OwnedFd>,
    identification: u32,
}

/// What became of datagrams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Those that the kernel took.
    pub datagrams: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// Of them, those that left from our own address.
    pub from_own: u64,
    /// Those that it did not take.
    pub failed: u64,
    /// Why it did not take the last of these, as the operating system numbers it.
    pub error: Option<i32>,
}

impl Sent {
    /// Add what became of others.
    pub fn add(&mut self, other: &Self) {
        self.datagrams += other.datagrams;
        self.bytes += other.bytes;
        self.from_own += other.from_own;
        self.failed += other.failed;
        self.error = other.error.or(self.error);
    }
}

impl DatagramSender {
    /// Open a way; whether it keeps source addresses is told by [`Self::keeps_source`].
    ///
    /// # Errors
    /// When there is no socket to be had.
    pub fn open(target: SocketAddr, keeps_source: bool) -> io::Result<Self> {
        let any: IpAddr = if target.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        Ok(Self {
            target,
            destination: (address_from_ip(target.ip()), target.port()),
            own: UdpSocket::bind((any, 0))?,
            raw: keeps_source.then(|| raw_socket(target).ok()).flatten(),
            identification: std::process::id() << 16,
        })
    }

    /// Whether datagrams leave with the address of their exporter.
    pub fn keeps_source(&self) -> bool {
        self.raw.is_some()
    }

    /// Send datagrams, waiting where the kernel has no room for them.
    pub fn send(&mut self, lot: &DatagramLot) -> Sent {
        let mut sent = Sent::default();
        let datagrams: Vec<Datagram<'_>> = lot.iter().collect();
        for batch in datagrams.chunks(BATCH) {
            self.send_batch(batch, &mut sent);
        }
        sent
    }

    fn send_batch(&mut self, batch: &[Datagram<'_>], sent: &mut Sent) {
        let is_kept =
            |datagram: &Datagram<'_>| self.raw.is_some() && is_v4(&datagram.sender.0) == self.target.is_ipv4();
        let (kept, own): (Vec<_>, Vec<_>) = batch.iter().copied().partition(is_kept);
        let messages: Vec<_> =
            own.iter().map(|datagram| Message { envelope: None, payload: datagram.payload }).collect();
        sent.from_own += self.send_messages(&messages, sent);
        let enveloped = |datagram: &Datagram<'_>| Envelope::new(datagram.sender, self.destination, datagram.payload);
        let messages: Vec<_> = kept
            .iter()
            .filter_map(|datagram| Some(Message { envelope: Some(enveloped(datagram)?), payload: datagram.payload }))
            .collect();
        sent.failed += (kept.len() - messages.len()) as u64;
        self.send_messages(&messages, sent);
    }

    /// Send messages that all have an envelope, or none; returns how many were taken.
    fn send_messages(&mut self, messages: &[Message<'_>], sent: &mut Sent) -> u64 {
        let mut refused = Vec::new();
        {
            let is_raw = messages.first().is_some_and(|message| message.envelope.is_some());
            let socket = self.raw.as_ref().filter(|_| is_raw).map_or(self.own.as_fd(), AsFd::as_fd);
            send_all(socket, &self.address(is_raw), messages, |position, error| refused.push((position, error)));
        }
        let mut lost = vec![false; messages.len()];
        for (position, error) in refused {
            let message = &messages[position];
            let code = error.raw_os_error();
            let is_mended = code == Some(libc::EMSGSIZE) && self.send_fragments(message).is_ok();
            if !is_mended {
                lost[position] = true;
                sent.failed += 1;
                sent.error = code.or(sent.error);
            }
        }
        let taken = messages.iter().zip(lost).filter(|(_, is_lost)| !is_lost);
        let (count, bytes) =
            taken.fold((0, 0), |(count, bytes), (message, _)| (count + 1, bytes + message.payload.len() as u64));
        sent.datagrams += count;
        sent.bytes += bytes;
        count
    }

    /// Send what is too long for the link in pieces: the kernel does not cut packets that bring their own headers.
    fn send_fragments(&mut self, message: &Message<'_>) -> io::Result<()> {
        let (Some(raw), Some(envelope)) = (&self.raw, &message.envelope) else {
            return Err(io::Error::from_raw_os_error(libc::EMSGSIZE));
        };
        self.identification = self.identification.wrapping_add(1);
        let longest = longest_packet(self.target).unwrap_or(SMALLEST_LINK_BYTES);
        let fragments = envelope.fragments(message.payload, longest, self.identification);
        let messages: Vec<_> = fragments.iter().map(|piece| Message { envelope: None, payload: piece }).collect();
        let mut result = Ok(());
        send_all(raw.as_fd(), &self.address(true), &messages, |_, error| result = Err(error));
        result
    }

    /// Whom the kernel is told to send to; where packets bring their headers, these tell the port.
    fn address(&self, is_raw: bool) -> (sockaddr_storage, u32) {
        let mut address = self.target;
        if is_raw {
            address.set_port(0);
        }
        socket_address(address)
    }
}

struct Message<'a> {
    envelope: Option<Envelope>,
    payload: &'a [u8],
}

fn raw_socket(target: SocketAddr) -> io::Result<OwnedFd> {
    let family = if target.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    // With this protocol, packets bring their own header and none is received.
    // SAFETY: no pointer is handed over; a descriptor that comes back is nobody else's.
    unsafe {
        let descriptor = libc::socket(family, libc::SOCK_RAW | libc::SOCK_CLOEXEC, libc::IPPROTO_RAW);
        if descriptor < 0 { Err(io::Error::last_os_error()) } else { Ok(OwnedFd::from_raw_fd(descriptor)) }
    }
}

/// Hand messages to the kernel; those that it does not take are told of by their position.
fn send_all(
    socket: BorrowedFd<'_>,
    (address, address_length): &(sockaddr_storage, u32),
    messages: &[Message<'_>],
    mut refused: impl FnMut(usize, io::Error),
) {
    let mut vectors: Vec<[iovec; 2]> = messages.iter().map(vectors_of).collect();
    let mut headers: Vec<mmsghdr> = vectors
        .iter_mut()
        .map(|pieces| {
            let mut header: mmsghdr = zeroed();
            header.msg_hdr.msg_name = ptr::from_ref(address).cast_mut().cast();
            header.msg_hdr.msg_namelen = *address_length;
            header.msg_hdr.msg_iov = pieces.as_mut_ptr();
            header.msg_hdr.msg_iovlen = pieces.len();
            header
        })
        .collect();
    let mut at = 0;
    while at < headers.len() {
        let rest = &mut headers[at..];
        // SAFETY: each header points at an address and at vectors that live on in this function, and these at bytes
        // that are borrowed for as long; the kernel only reads them.
        let count = unsafe { libc::sendmmsg(socket.as_raw_fd(), rest.as_mut_ptr(), rest.len() as u32, 0) };
        if let Ok(count @ 1..) = usize::try_from(count) {
            at += count;
            continue;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            refused(at, error);
            at += 1;
        }
    }
}

fn vectors_of(message: &Message<'_>) -> [iovec; 2] {
    let header = message.envelope.as_ref().map_or(&[][..], Envelope::as_bytes);
    [header, message.payload].map(|piece| iovec { iov_base: piece.as_ptr().cast_mut().cast(), iov_len: piece.len() })
}

/// The longest packet that the way to a target takes, as far as the kernel knows.
fn longest_packet(target: SocketAddr) -> io::Result<usize> {
    let any: IpAddr = if target.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(target)?;
    let (level, option) =
        if target.is_ipv4() { (libc::IPPROTO_IP, libc::IP_MTU) } else { (libc::IPPROTO_IPV6, libc::IPV6_MTU) };
    let mut bytes: c_int = 0;
    let mut length = size_of::<c_int>() as u32;
    // SAFETY: both pointers are to live values; the kernel writes no more than the length given.
    let result =
        unsafe { libc::getsockopt(socket.as_raw_fd(), level, option, (&raw mut bytes).cast(), &raw mut length) };
    if result == 0 { Ok(bytes as usize) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn lot(payloads: &[&[u8]]) -> DatagramLot {
        let mut lot = DatagramLot::default();
        for payload in payloads {
            let sender = (address_from_ip(Ipv4Addr::new(127, 9, 8, 7).into()), 4711);
            lot.push(&Datagram { payload, sender, received: 0 });
        }
        lot
    }

    fn received(keeps_source: bool) -> (Vec<(Vec<u8>, SocketAddr)>, Sent, DatagramSender) {
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        receiver.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut sender = DatagramSender::open(receiver.local_addr().unwrap(), keeps_source).unwrap();
        let sent = sender.send(&lot(&[b"one", &vec![7; 60_000], b""]));
        let mut buffer = vec![0; 65_536];
        let found = (0..3).map(|_| {
            let (length, from) = receiver.recv_from(&mut buffer).unwrap();
            (buffer[..length].to_vec(), from)
        });
        (found.collect(), sent, sender)
    }

    #[test]
    fn datagrams_arrive_whole_from_our_own_address() {
        let (found, sent, sender) = received(false);
        assert!(!sender.keeps_source());
        assert_eq!(found.iter().map(|(payload, _)| payload.len()).collect::<Vec<_>>(), [3, 60_000, 0]);
        assert_eq!(sent, Sent { datagrams: 3, bytes: 60_003, from_own: 3, failed: 0, error: None });
    }

    #[test]
    fn datagrams_arrive_from_their_exporter_where_that_may_be() {
        let (found, sent, sender) = received(true);
        assert_eq!((sent.datagrams, sent.failed), (3, 0));
        for (_, from) in found {
            let is_the_exporter = from == SocketAddr::from(([127, 9, 8, 7], 4711));
            assert_eq!(is_the_exporter, sender.keeps_source(), "who lacks the right sends from here");
        }
    }

    #[test]
    fn what_is_too_long_for_anything_is_counted() {
        let mut sender = DatagramSender::open(([127, 0, 0, 1], 9).into(), false).unwrap();
        let sent = sender.send(&lot(&[&vec![0; 65_530]]));
        assert_eq!((sent.datagrams, sent.failed, sent.error), (0, 1, Some(libc::EMSGSIZE)));
    }
}

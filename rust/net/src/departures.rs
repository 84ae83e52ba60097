//! When replies left, as the kernel saw it on their way to the wire.
//!
//! The kernel numbers the datagrams that it was asked to stamp and hands the stamps back by number,
//! through the socket's queue of errors.

use std::{collections::VecDeque, mem::size_of, net::UdpSocket, os::fd::AsRawFd};

use libc::{c_int, msghdr};
use tidegauge_core::{
    ntp::NtpStamp,
    time::{Instant, SECOND},
};

use crate::timestamped_socket::{Zeroed, set_option, zeroed};

/// What a datagram to be stamped is sent with.
pub const STAMP_DEPARTURE: u32 = libc::SOF_TIMESTAMPING_TX_SOFTWARE;

/// Report stamps, by number and without the datagram; which datagrams to stamp is said with each.
const REPORT: c_int =
    (libc::SOF_TIMESTAMPING_SOFTWARE | libc::SOF_TIMESTAMPING_OPT_ID | libc::SOF_TIMESTAMPING_OPT_TSONLY) as c_int;

/// Replies whose stamps may still come; a driver that gives none must not make us remember them all.
const AWAITED: usize = 1024;

/// Room for a stamp and a number, in words so that it is aligned.
const CONTROL_WORDS: usize = 24;

impl Zeroed for msghdr {}

/// Datagrams of a socket that are being stamped.
#[derive(Default)]
pub struct Departures {
    /// Number of the next datagram to be stamped.
    next: u32,
    /// Numbers and receive stamps of those that were, oldest first.
    awaited: VecDeque<(u32, NtpStamp)>,
    is_reporting: bool,
}

impl Departures {
    /// Get the numbering going. Where the kernel cannot, nothing is ever stamped.
    pub fn prepare(&mut self, socket: &UdpSocket) {
        if !self.is_reporting {
            self.is_reporting = set_option(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPING, REPORT).is_ok();
            self.next = 0;
        }
    }

    /// Note that a datagram is sent to be stamped.
    pub fn expect(&mut self, receive: NtpStamp) {
        if self.awaited.len() == AWAITED {
            self.awaited.pop_front();
        }
        self.awaited.push_back((self.next, receive));
        self.next = self.next.wrapping_add(1);
    }

    /// Start numbering anew: whether a datagram that was not sent took a number, nobody knows.
    pub fn restart(&mut self, socket: &UdpSocket) {
        self.awaited.clear();
        self.is_reporting = false;
        if set_option(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPING, 0).is_ok() {
            while numbered_departure(socket).is_some() {}
        }
        self.prepare(socket);
    }

    /// Take the stamps that are there: receive stamp of the reply, and when it left.
    pub fn read(&mut self, socket: &UdpSocket, mut found: impl FnMut(NtpStamp, Instant)) {
        while !self.awaited.is_empty() {
            let Some((number, departed)) = numbered_departure(socket) else { return };
            while let Some((awaited, receive)) = self.awaited.front().copied() {
                if number.wrapping_sub(awaited) as i32 >= 0 {
                    self.awaited.pop_front();
                }
                if number == awaited {
                    found(receive, departed);
                }
                if number.wrapping_sub(awaited) as i32 <= 0 {
                    break;
                }
            }
        }
    }
}

/// The next stamp, after the number of its datagram; `None` when there is none yet.
fn numbered_departure(socket: &UdpSocket) -> Option<(u32, Instant)> {
    let mut control = [0_u64; CONTROL_WORDS];
    let mut header: msghdr = zeroed();
    header.msg_control = control.as_mut_ptr().cast();
    header.msg_controllen = size_of::<[u64; CONTROL_WORDS]>() as _;
    // SAFETY: the header points at a control buffer that lives on, with its length, and at nothing else.
    let length = unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut header, libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT) };
    (length >= 0).then(|| numbered_stamp(&header)).flatten()
}

/// Read the control messages of a stamp.
fn numbered_stamp(header: &msghdr) -> Option<(u32, Instant)> {
    let (mut number, mut departed) = (None, None);
    // SAFETY: the control buffer is our own, aligned and as long as the header says, so the CMSG walk stays
    // inside; the kernel wrote it, and a message's kind fixes the type of its content, read unaligned.
    unsafe {
        let mut message = libc::CMSG_FIRSTHDR(header);
        while let Some(control) = message.as_ref() {
            let content = libc::CMSG_DATA(control);
            match (control.cmsg_level, control.cmsg_type) {
                (libc::SOL_SOCKET, libc::SCM_TIMESTAMPING) => {
                    let time = content.cast::<libc::timespec>().read_unaligned();
                    departed = Some(time.tv_sec * SECOND + time.tv_nsec);
                }
                (libc::IPPROTO_IP, libc::IP_RECVERR) | (libc::IPPROTO_IPV6, libc::IPV6_RECVERR) => {
                    number = Some(content.cast::<libc::sock_extended_err>().read_unaligned().ee_data);
                }
                _ => {}
            }
            message = libc::CMSG_NXTHDR(header, control);
        }
    }
    number.zip(departed)
}

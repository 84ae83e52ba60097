//! The sockets of a listener: one for each receiver, all at one address.

use std::{
    io,
    mem::size_of,
    net::{SocketAddr, ToSocketAddrs, UdpSocket},
    os::fd::{AsRawFd, FromRawFd},
};

use libc::c_int;

use crate::{socket_address::socket_address, steering::Steering, timestamped_socket::set_option};

/// As `asm-generic/socket.h` numbers it.
const SO_ATTACH_REUSEPORT_CBPF: c_int = 51;

/// Bind a socket for each receiver; the kernel deals datagrams to them by exporter.
///
/// # Errors
/// When the address is taken or not ours, or the kernel does not deal as told.
pub(crate) fn bind(address: impl ToSocketAddrs, steering: Steering) -> io::Result<Vec<UdpSocket>> {
    // The first is bound as if it were alone: else another collector of this user could join, and take its share.
    let mut sockets = vec![UdpSocket::bind(address)?];
    if steering.receivers() > 1 {
        let bound = sockets[0].local_addr()?;
        set_option(&sockets[0], libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)?;
        for _ in 1..steering.receivers() {
            sockets.push(bind_beside(bound)?);
        }
        // It counts sockets in the order in which they were bound.
        attach(&sockets[0], steering)?;
    }
    Ok(sockets)
}

/// Bind one more socket to an address that is ours.
fn bind_beside(address: SocketAddr) -> io::Result<UdpSocket> {
    let family = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    // SAFETY: no pointer is handed over; a descriptor that comes back is nobody else's.
    let socket = unsafe {
        let descriptor = libc::socket(family, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        UdpSocket::from_raw_fd(descriptor)
    };
    set_option(&socket, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)?;
    let (storage, length) = socket_address(address);
    // SAFETY: the pointer is to a live address of that length, which the kernel only reads.
    let result = unsafe { libc::bind(socket.as_raw_fd(), (&raw const storage).cast(), length) };
    if result == 0 { Ok(socket) } else { Err(io::Error::last_os_error()) }
}

fn attach(socket: &UdpSocket, steering: Steering) -> io::Result<()> {
    let mut code = steering.program();
    let program = libc::sock_fprog { len: code.len() as u16, filter: code.as_mut_ptr() };
    // SAFETY: the program points at live instructions and says how many; the kernel copies them.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            SO_ATTACH_REUSEPORT_CBPF,
            (&raw const program).cast(),
            size_of::<libc::sock_fprog>() as u32,
        )
    };
    if result == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    Err(io::Error::new(error.kind(), format!("the kernel cannot deal datagrams to several receivers: {error}")))
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, net::IpAddr};

    use tidegauge_core::{
        address::address_from_ip,
        datagram::{Datagram, DatagramLot},
    };

    use super::*;
    use crate::datagram_sender::DatagramSender;

    const RECEIVERS: usize = 3;

    /// Payloads by the receiver that each was dealt to, and who sent it.
    fn dealt(sockets: &[UdpSocket], mut expected: usize) -> Vec<(usize, Vec<u8>, IpAddr)> {
        let mut found = Vec::new();
        for (receiver, socket) in sockets.iter().enumerate() {
            socket.set_nonblocking(true).unwrap();
            let mut buffer = [0; 2048];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                found.push((receiver, buffer[..length].to_vec(), from.ip().to_canonical()));
                expected -= 1;
            }
        }
        assert_eq!(expected, 0, "all came");
        found
    }

    fn send_from(source: &str, payload: &[u8], target: SocketAddr) {
        UdpSocket::bind((source, 0)).unwrap().send_to(payload, target).unwrap();
    }

    fn check(steering: Steering, found: &[(usize, Vec<u8>, IpAddr)]) {
        for (receiver, payload, from) in found {
            let is_right = steering.is_for(*receiver, payload, &address_from_ip(*from));
            assert!(is_right, "{from} at {receiver}: {payload:?}");
        }
        let heard: HashSet<_> = found.iter().map(|(receiver, ..)| *receiver).collect();
        assert_eq!(heard.len(), RECEIVERS, "all of them hear somebody");
    }

    fn port_of(sockets: &[UdpSocket]) -> u16 {
        sockets[0].local_addr().unwrap().port()
    }

    #[test]
    fn an_exporter_stays_with_its_receiver_whatever_port_it_sends_from() {
        let steering = Steering::among(RECEIVERS);
        let sockets = bind("127.0.0.1:0", steering).unwrap();
        let target = sockets[0].local_addr().unwrap();
        for source in (0..60).map(|host| format!("127.{host}.7.{}", host + 1)) {
            for payload in [&[0, 9, 0, 1][..], &[0, 5], &[], &[0; 1200]] {
                send_from(&source, payload, target);
            }
        }
        check(steering, &dealt(&sockets, 240));
    }

    #[test]
    fn both_families_are_dealt_at_one_address() {
        let steering = Steering::among(RECEIVERS);
        let sockets = bind("[::]:0", steering).unwrap();
        let port = port_of(&sockets);
        send_from("::1", &[0, 10], (IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), port).into());
        for host in 1..60 {
            send_from(&format!("127.0.{host}.1"), &[0, 10], ([127, 0, 0, 1], port).into());
        }
        check(steering, &dealt(&sockets, 60));
    }

    #[test]
    fn exporters_with_ipv6_are_dealt_by_all_of_their_address() {
        let steering = Steering::among(RECEIVERS);
        let sockets = bind("[::1]:0", steering).unwrap();
        let mut lot = DatagramLot::default();
        for number in 1..=60_u16 {
            let word = number % 8;
            let mut address = [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1];
            address[usize::from(word)] += number;
            address[0] = 0x2001;
            let sender = (address_from_ip(IpAddr::from(address)), 2000 + number);
            lot.push(&Datagram { payload: &[0, 10, 0, 0], sender, received: 0 });
        }
        let mut sender = DatagramSender::open(sockets[0].local_addr().unwrap(), true).unwrap();
        if sender.keeps_source() {
            assert_eq!(sender.send(&lot).datagrams, 60);
            check(steering, &dealt(&sockets, 60));
        }
    }

    #[test]
    fn sflow_is_dealt_by_who_says_that_it_sent_it() {
        let steering = Steering::among(RECEIVERS);
        let sockets = bind("127.0.0.1:0", steering).unwrap();
        let target = sockets[0].local_addr().unwrap();
        let sflow = |kind: u8, agent: &[u8]| [&[0, 0, 0, 5, 0, 0, 0, kind], agent, &[0; 20]].concat();
        let mapped = |last: u8| [&[0; 10][..], &[0xff, 0xff, 10, 0, 0, last]].concat();
        for number in 0..20 {
            send_from("127.0.0.1", &sflow(1, &[10, 0, 0, number]), target);
            send_from("127.0.0.1", &sflow(2, &[&[0x20; 15][..], &[number]].concat()), target);
            send_from("127.0.0.1", &sflow(2, &mapped(number)), target);
            // An agent that names no address of its own, one of a kind that there is not, and one that is cut off.
            send_from(&format!("127.0.1.{number}"), &sflow(1, &[0; 4]), target);
            send_from(&format!("127.0.2.{number}"), &sflow(2, &[0; 16]), target);
            send_from(&format!("127.0.3.{number}"), &sflow(3, &[7; 16]), target);
            send_from(&format!("127.0.4.{number}"), &sflow(1, &[9; 4])[..27], target);
        }
        let found = dealt(&sockets, 140);
        check(steering, &found);
        let of_agent = |agent: &[u8]| found.iter().find(|(_, payload, _)| payload[8..].starts_with(agent)).unwrap().0;
        assert_eq!(of_agent(&[10, 0, 0, 3]), of_agent(&mapped(3)), "one agent in two notations is one");
    }

    #[test]
    fn nobody_joins() {
        let sockets = bind("127.0.0.1:0", Steering::among(2)).unwrap();
        for receivers in [1, 2] {
            let error = bind(("127.0.0.1", port_of(&sockets)), Steering::among(receivers)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        }
        let alone = bind("127.0.0.1:0", Steering::among(1)).unwrap();
        let error = bind(("127.0.0.1", port_of(&alone)), Steering::among(2)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }
}

//! The NTP server: a thread between a socket and `tidegauge_core::ntp::Responder`.

use std::{
    io,
    net::ToSocketAddrs,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, SystemTime},
};

use tidegauge_core::{
    ntp::{Action, Client, CookieKeys, Policy, Refusal, Reply, Responder, Sending, ServerState},
    time::Instant,
};

use crate::timestamped_socket::{BATCH, Exchanges, TimestampedSocket};

/// How long the thread waits for a request before it looks whether it should stop.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// An NTP server that answers from this machine's clock until it is closed or dropped.
pub struct TimeServer {
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread and its owner both see.
struct Shared {
    /// Guards nothing else: copied out once for each batch.
    state: Mutex<ServerState>,
    /// Held by the thread while it answers a batch, by others while they copy from it.
    responder: Mutex<Responder>,
    totals: Totals,
    stopping: AtomicBool,
}

/// Counts since the start. Each stands for itself, so no order between them is kept.
#[derive(Default)]
struct Totals {
    received: AtomicU64,
    replied: [AtomicU64; Reply::ALL.len()],
    refused: [AtomicU64; Refusal::ALL.len()],
    send_failed: AtomicU64,
    receive_failed: AtomicU64,
}

impl TimeServer {
    /// Bind and start answering, as not synchronised until somebody vouches for the clock.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub fn start(address: impl ToSocketAddrs, policy: Policy) -> io::Result<Self> {
        let socket = TimestampedSocket::bind(address, STOP_CHECK)?;
        let port = socket.port()?;
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            responder: Mutex::new(Responder::new(policy)),
            totals: Totals::default(),
            stopping: AtomicBool::new(false),
        });
        let thread = thread::Builder::new().name("time-server".into()).spawn({
            let shared = Arc::clone(&shared);
            move || serve(socket, port, &shared)
        })?;
        Ok(Self { port, shared, thread: Some(thread) })
    }

    /// The port that was bound.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// State anew what the clock is worth.
    pub fn set_state(&self, state: ServerState) {
        *lock(&self.shared.state) = state;
    }

    /// Answer requests with NTS, whose cookies were locked with these keys.
    pub fn set_cookie_keys(&self, keys: Option<CookieKeys>) {
        lock(&self.shared.responder).set_cookie_keys(keys);
    }

    /// Who has asked, in no order.
    pub fn clients(&self) -> Vec<Client> {
        lock(&self.shared.responder).clients().iter().copied().collect()
    }

    /// Totals since the start, by name.
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        let totals = &self.shared.totals;
        let load = |total: &AtomicU64| total.load(Relaxed);
        let replied = Reply::ALL.iter().map(|reply| reply.counter()).zip(totals.replied.iter().map(load));
        let refused = Refusal::ALL.iter().map(|refusal| refusal.counter()).zip(totals.refused.iter().map(load));
        let mut counters = vec![("received", load(&totals.received))];
        counters.extend(replied.chain(refused));
        counters.push(("clients_forgotten", lock(&self.shared.responder).clients().forgotten()));
        counters.push(("send_failed", totals.send_failed.load(Relaxed)));
        counters.push(("receive_failed", totals.receive_failed.load(Relaxed)));
        counters
    }

    /// Stop answering and free the port; takes 0.1 s at most.
    pub fn close(&mut self) {
        self.shared.stopping.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed; there is nothing left to stop.
            let _ = thread.join();
        }
    }
}

impl Drop for TimeServer {
    fn drop(&mut self) {
        self.close();
    }
}

fn serve(mut socket: TimestampedSocket, port: u16, shared: &Shared) {
    let mut exchanges = Exchanges::new();
    let mut replies = Vec::with_capacity(BATCH);
    while !shared.stopping.load(Relaxed) {
        if let Ok(count) = socket.receive(&mut exchanges) {
            let now = clock();
            replies.clear();
            answer(shared, &mut exchanges, (count, port, now), &mut replies);
            let sent = socket.send(&mut exchanges, &replies);
            socket.read_departures(|receive, departed| lock(&shared.responder).departed(receive, departed));
            shared.totals.send_failed.fetch_add((replies.len() - sent) as u64, Relaxed);
        } else {
            shared.totals.receive_failed.fetch_add(1, Relaxed);
            // An error that stays, as when memory is short, must not turn into a busy loop.
            thread::sleep(STOP_CHECK);
        }
    }
}

/// Decide on each request of a batch, and list which replies go out with how many bytes.
fn answer(
    shared: &Shared,
    exchanges: &mut Exchanges,
    (count, port, now): (usize, u16, Instant),
    replies: &mut Vec<(usize, Sending)>,
) {
    let state = *lock(&shared.state);
    let totals = &shared.totals;
    let mut responder = lock(&shared.responder);
    for position in 0..count {
        let Some((request, reply)) = exchanges.exchange(position, port, now) else { continue };
        match responder.respond(&request, now, &state, reply) {
            Action::Send(sending) => {
                totals.replied[sending.kind as usize].fetch_add(1, Relaxed);
                replies.push((position, sending));
            }
            Action::Ignore(refusal) => _ = totals.refused[refusal as usize].fetch_add(1, Relaxed),
        }
    }
    totals.received.fetch_add(count as u64, Relaxed);
}

/// A panic of the other side leaves whole values behind: nothing here is written in two steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The machine's clock. Before 1970 it reads as 1970, and in 2262 it stops.
pub fn clock() -> Instant {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since_1970.as_nanos().try_into().unwrap_or(Instant::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

    use tidegauge_core::ntp::{Header, Mode, NtpStamp, Vouching};

    use super::*;

    fn request() -> [u8; 48] {
        let mut packet = [0; 48];
        Header { version: 4, mode: Mode::Client, transmit: NtpStamp(42), ..Header::default() }.write(&mut packet);
        packet
    }

    fn ask(server: SocketAddr, local: impl ToSocketAddrs, packet: &[u8]) -> Option<Header> {
        let socket = UdpSocket::bind(local).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        // Connected, so that an answer from another address than the one asked does not count.
        socket.connect(server).unwrap();
        socket.send(packet).unwrap();
        let mut reply = [0; 100];
        socket.recv(&mut reply).ok().and_then(|length| Header::from_bytes(&reply[..length]))
    }

    fn count(server: &TimeServer, name: &str) -> u64 {
        server.counters().into_iter().find(|(counter, _)| *counter == name).unwrap().1
    }

    #[test]
    fn answers_leave_from_the_address_that_was_asked() {
        let server = TimeServer::start(("0.0.0.0", 0), Policy::default()).unwrap();
        for last in [1, 2, 77] {
            let address = (Ipv4Addr::new(127, 0, 0, last), server.port()).into();
            assert_eq!(ask(address, "127.0.0.1:0", &request()).unwrap().origin, NtpStamp(42));
        }
    }

    #[test]
    fn a_socket_of_both_families_answers_both() {
        let server = TimeServer::start(("::", 0), Policy::default()).unwrap();
        let v6 = (Ipv6Addr::LOCALHOST, server.port()).into();
        assert!(ask(v6, "[::1]:0", &request()).is_some());
        let v4 = (Ipv4Addr::new(127, 0, 0, 5), server.port()).into();
        assert!(ask(v4, "127.0.0.1:0", &request()).is_some());
    }

    #[test]
    fn a_burst_is_answered_one_for_one() {
        let mut server = TimeServer::start(("127.0.0.1", 0), Policy::default()).unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        socket.connect(("127.0.0.1", server.port())).unwrap();
        let burst = 3 * BATCH as u64;
        for nonce in 0..burst {
            let mut packet = request();
            packet[40..].copy_from_slice(&nonce.to_be_bytes());
            socket.send(&packet).unwrap();
        }
        let mut reply = [0; 100];
        for nonce in 0..burst {
            let length = socket.recv(&mut reply).unwrap();
            assert_eq!(Header::from_bytes(&reply[..length]).unwrap().origin, NtpStamp(nonce));
        }
        server.close();
        assert_eq!((count(&server, "received"), count(&server, "answered")), (burst, burst));
    }

    #[test]
    fn says_unsynchronised_until_somebody_vouches() {
        let server = TimeServer::start(("127.0.0.1", 0), Policy::default()).unwrap();
        let address = (Ipv4Addr::LOCALHOST, server.port()).into();
        assert_eq!(ask(address, "127.0.0.1:0", &request()).unwrap().leap, 3);
        let now = clock();
        server.set_state(ServerState {
            vouching: Some(Vouching {
                stratum: 5,
                reference_id: [127, 127, 1, 1],
                reference_time: now,
                root_delay: 0,
                root_dispersion: 0,
                vouched: now,
            }),
            leap: None,
        });
        let header = ask(address, "127.0.0.1:0", &request()).unwrap();
        assert_eq!((header.leap, header.stratum), (0, 5));
        assert!(header.receive.instant_near(now) >= now);
        assert!(header.transmit - header.receive >= 0);
    }

    #[test]
    fn silence_is_counted_with_its_reason() {
        let mut server = TimeServer::start(("127.0.0.1", 0), Policy::default()).unwrap();
        let address = (Ipv4Addr::LOCALHOST, server.port()).into();
        let mut control = request();
        control[0] = 4 << 3 | 6;
        assert_eq!(ask(address, "127.0.0.1:0", &control), None);
        assert_eq!(ask(address, "127.0.0.1:0", &[]), None);
        assert!(ask(address, "127.0.0.1:0", &request()).is_some());
        server.close();
        let of = |name| count(&server, name);
        assert_eq!((of("received"), of("answered"), of("ignored_mode"), of("ignored_short")), (3, 1, 1, 1));
    }

    #[test]
    fn interleaved_clients_are_told_the_kernels_stamp_of_the_last_reply() {
        let server = TimeServer::start(("127.0.0.1", 0), Policy::default()).unwrap();
        let address = (Ipv4Addr::LOCALHOST, server.port()).into();
        let mut last = Header { receive: NtpStamp(1), ..Header::default() };
        for turn in 0..5 {
            let mut packet = [0; 48];
            let stamps = (NtpStamp(100 + turn), NtpStamp(200 + turn));
            Header {
                version: 4,
                mode: Mode::Client,
                origin: last.receive,
                receive: stamps.0,
                transmit: stamps.1,
                ..Header::default()
            }
            .write(&mut packet);
            let asked = clock();
            let reply = ask(address, "127.0.0.1:0", &packet).unwrap();
            if turn == 0 {
                assert_eq!(reply.origin, stamps.1);
            } else {
                assert_eq!(reply.origin, stamps.0);
                // After it was written with the stamp it carried, and before we asked again.
                let departed = reply.transmit.instant_near(asked);
                let written = if turn == 1 { last.transmit } else { last.receive }.instant_near(asked);
                assert!(written < departed && departed < asked, "{turn}: {written} {departed} {asked}");
            }
            last = reply;
        }
    }

    #[test]
    fn closing_is_quick_and_frees_the_port() {
        let mut server = TimeServer::start(("127.0.0.1", 0), Policy::default()).unwrap();
        let started = std::time::Instant::now();
        server.close();
        assert!(started.elapsed() < Duration::from_millis(200));
        TimeServer::start(("127.0.0.1", server.port()), Policy::default()).unwrap();
    }
}

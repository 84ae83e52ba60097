//! The NTP server: a thread between a socket and `tidegauge_core::ntp::respond`.

use std::{
    io,
    net::ToSocketAddrs,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, SystemTime},
};

use tidegauge_core::{
    ntp::{Action, Refusal, ServerState, respond},
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
#[derive(Default)]
struct Shared {
    /// Guards nothing else: copied out once for each batch.
    state: Mutex<ServerState>,
    totals: Totals,
    stopping: AtomicBool,
}

/// Counts since the start. Each stands for itself, so no order between them is kept.
#[derive(Default)]
struct Totals {
    received: AtomicU64,
    answered: AtomicU64,
    refused: [AtomicU64; Refusal::ALL.len()],
    send_failed: AtomicU64,
    receive_failed: AtomicU64,
}

impl TimeServer {
    /// Bind and start answering, as not synchronised until somebody vouches for the clock.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub fn start(address: impl ToSocketAddrs) -> io::Result<Self> {
        let socket = TimestampedSocket::bind(address, STOP_CHECK)?;
        let port = socket.port()?;
        let shared = Arc::new(Shared::default());
        let thread = thread::Builder::new().name("time-server".into()).spawn({
            let shared = Arc::clone(&shared);
            move || serve(&socket, &shared)
        })?;
        Ok(Self { port, shared, thread: Some(thread) })
    }

    /// The port that was bound.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// State anew what the clock is worth.
    pub fn set_state(&self, state: ServerState) {
        *self.shared.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Totals since the start, by name.
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        let totals = &self.shared.totals;
        let mut counters =
            vec![("received", totals.received.load(Relaxed)), ("answered", totals.answered.load(Relaxed))];
        counters.extend(
            Refusal::ALL.iter().zip(&totals.refused).map(|(refusal, total)| (refusal.counter(), total.load(Relaxed))),
        );
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

fn serve(socket: &TimestampedSocket, shared: &Shared) {
    let mut exchanges = Exchanges::new();
    let mut answered = Vec::with_capacity(BATCH);
    while !shared.stopping.load(Relaxed) {
        if let Ok(count) = socket.receive(&mut exchanges) {
            answer(socket, shared, &mut exchanges, count, &mut answered);
        } else {
            shared.totals.receive_failed.fetch_add(1, Relaxed);
            // An error that stays, as when memory is short, must not turn into a busy loop.
            thread::sleep(STOP_CHECK);
        }
    }
}

fn answer(
    socket: &TimestampedSocket,
    shared: &Shared,
    exchanges: &mut Exchanges,
    count: usize,
    answered: &mut Vec<usize>,
) {
    let state = *shared.state.lock().unwrap_or_else(PoisonError::into_inner);
    let totals = &shared.totals;
    let now = clock();
    answered.clear();
    for position in 0..count {
        let received = exchanges.received(position).unwrap_or(now);
        let (request, reply) = exchanges.exchange(position);
        match respond(request, received, now, &state, reply) {
            Action::Reply => answered.push(position),
            Action::Ignore(refusal) => _ = totals.refused[refusal as usize].fetch_add(1, Relaxed),
        }
    }
    let sent = socket.send(exchanges, answered);
    totals.received.fetch_add(count as u64, Relaxed);
    totals.answered.fetch_add(sent as u64, Relaxed);
    totals.send_failed.fetch_add((answered.len() - sent) as u64, Relaxed);
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
        let server = TimeServer::start(("0.0.0.0", 0)).unwrap();
        for last in [1, 2, 77] {
            let address = (Ipv4Addr::new(127, 0, 0, last), server.port()).into();
            assert_eq!(ask(address, "127.0.0.1:0", &request()).unwrap().origin, NtpStamp(42));
        }
    }

    #[test]
    fn a_socket_of_both_families_answers_both() {
        let server = TimeServer::start(("::", 0)).unwrap();
        let v6 = (Ipv6Addr::LOCALHOST, server.port()).into();
        assert!(ask(v6, "[::1]:0", &request()).is_some());
        let v4 = (Ipv4Addr::new(127, 0, 0, 5), server.port()).into();
        assert!(ask(v4, "127.0.0.1:0", &request()).is_some());
    }

    #[test]
    fn a_burst_is_answered_one_for_one() {
        let mut server = TimeServer::start(("127.0.0.1", 0)).unwrap();
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
        let server = TimeServer::start(("127.0.0.1", 0)).unwrap();
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
        });
        let header = ask(address, "127.0.0.1:0", &request()).unwrap();
        assert_eq!((header.leap, header.stratum), (0, 5));
        assert!(header.receive.instant_near(now) >= now);
        assert!(header.transmit - header.receive >= 0);
    }

    #[test]
    fn silence_is_counted_with_its_reason() {
        let mut server = TimeServer::start(("127.0.0.1", 0)).unwrap();
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
    fn closing_is_quick_and_frees_the_port() {
        let mut server = TimeServer::start(("127.0.0.1", 0)).unwrap();
        let started = std::time::Instant::now();
        server.close();
        assert!(started.elapsed() < Duration::from_millis(200));
        TimeServer::start(("127.0.0.1", server.port())).unwrap();
    }
}

//! A UDP listener: a thread that reads datagrams and decodes them as they come.

use std::{
    io,
    net::{ToSocketAddrs, UdpSocket},
    path::Path,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant as Monotonic},
};

use tidegauge_core::{batch::Batch, decoder::Decoder, time::Instant};

use crate::{
    allocator::keep_freed_memory,
    arrivals::Arrivals,
    copies::{Copies, CopySettings, Fate},
    counter_map::{CounterMap, read_sequences},
    receive_buffer::{dropped, size_receive_buffer},
    time_server::clock,
    timestamped_socket::set_option,
};

/// How long the thread waits for a datagram before it looks whether it should stop.
const WAIT: Duration = Duration::from_millis(100);
/// How long datagrams may gather in the kernel, whose buffer has to hold them: waking up for each
/// costs more than decoding it, and the kernel has noted when it came.
const GATHER: Duration = Duration::from_millis(2);
/// The same where the buffer is as large as we ask for.
const LONG_GATHER: Duration = Duration::from_millis(10);
/// A buffer that takes what a fast network brings in that time.
const LARGE_BUFFER_BYTES: usize = 16 << 20;

/// A listener and its thread.
pub struct UdpReceiver {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    port: u16,
    receive_buffer_bytes: usize,
}

struct Shared {
    decoder: Mutex<Decoder>,
    /// Signalled when a batch is full.
    filled: Condvar,
    stopping: AtomicBool,
    /// Who else takes what comes.
    copies: Option<Copies>,
}

impl Shared {
    fn decoder(&self) -> MutexGuard<'_, Decoder> {
        self.decoder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UdpReceiver {
    /// Bind and start.
    ///
    /// `counters` is where the mapped totals go; `resume` is the map of a collector that is gone,
    /// whose sequence numbers tell what was missed meanwhile; `copying` is what else becomes of each datagram.
    pub fn start(
        address: impl ToSocketAddrs,
        receive_buffer_bytes: usize,
        mut decoder: Decoder,
        counters: Option<&Path>,
        resume: Option<&Path>,
        copying: Option<&CopySettings>,
    ) -> io::Result<Self> {
        keep_freed_memory();
        let socket = UdpSocket::bind(address)?;
        socket.set_read_timeout(Some(WAIT))?;
        set_option(&socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
        set_option(&socket, libc::SOL_SOCKET, libc::SO_RXQ_OVFL, 1)?;
        let receive_buffer_bytes = size_receive_buffer(&socket, receive_buffer_bytes)?;
        let address = socket.local_addr()?;
        for (key, sequence) in resume.map(read_sequences).transpose()?.unwrap_or_default() {
            decoder.resume(key, sequence);
        }
        let counters = counters.map(CounterMap::create).transpose()?;
        let shared = Arc::new(Shared {
            decoder: Mutex::new(decoder),
            filled: Condvar::new(),
            stopping: AtomicBool::new(false),
            copies: copying.map(|settings| Copies::start(settings, "udp", address)).transpose()?,
        });
        let thread = thread::Builder::new().name("udp receiver".to_string()).spawn({
            let shared = shared.clone();
            let gather = if receive_buffer_bytes < LARGE_BUFFER_BYTES { GATHER } else { LONG_GATHER };
            move || Listening { socket, shared, counters, dropped: 0, gather }.run()
        })?;
        Ok(Self { shared, thread: Some(thread), port: address.port(), receive_buffer_bytes })
    }

    /// The port that was bound.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Bytes of receive buffer the kernel granted.
    pub fn receive_buffer_bytes(&self) -> usize {
        self.receive_buffer_bytes
    }

    /// Let rows gather for this long, or until a batch is full, and take them.
    ///
    /// The error means that the thread has ended by a bug of ours; [`Self::close`] still has its last rows.
    pub fn drain(&self, wait: Duration) -> io::Result<Vec<Batch>> {
        if self.thread.as_ref().is_some_and(JoinHandle::is_finished) {
            return Err(io::Error::other("the thread that receives has ended by an error; its report stands above"));
        }
        let deadline = Monotonic::now() + wait;
        let mut decoder = self.shared.decoder();
        loop {
            let rest = deadline.saturating_duration_since(Monotonic::now());
            if rest.is_zero() || decoder.has_full_batch() || self.shared.stopping.load(Ordering::Relaxed) {
                decoder.pass(clock());
                return Ok(decoder.drain());
            }
            decoder = self.shared.filled.wait_timeout(decoder, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Look at the decoder.
    pub fn with_decoder<T>(&self, act: impl FnOnce(&mut Decoder) -> T) -> T {
        act(&mut self.shared.decoder())
    }

    /// What became of copies, and how many of each found no room on the way.
    pub fn fates(&self) -> Vec<(Fate, u64)> {
        self.shared.copies.as_ref().map(Copies::fates).unwrap_or_default()
    }

    /// Stop reading once the socket is empty, and take the last rows.
    pub fn close(&mut self) -> Vec<Batch> {
        self.shared.stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic on the thread was reported there; the rows it left are still good.
            let _ = thread.join();
        }
        if let Some(copies) = &self.shared.copies {
            copies.close();
        }
        let mut decoder = self.shared.decoder();
        decoder.close();
        decoder.drain()
    }
}

impl Drop for UdpReceiver {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread owns.
struct Listening {
    socket: UdpSocket,
    shared: Arc<Shared>,
    counters: Option<CounterMap>,
    /// The kernel's drop counter, as last seen.
    dropped: u32,
    /// How long datagrams gather before they are read.
    gather: Duration,
}

impl Listening {
    fn run(mut self) {
        let mut arrivals = Arrivals::new();
        loop {
            let stopping = self.shared.stopping.load(Ordering::Relaxed);
            if !stopping && self.shared.decoder().is_congested() {
                // Nobody takes the rows. The kernel's buffer, and then its drop counter, is the right place to wait.
                thread::sleep(Duration::from_millis(5));
                continue;
            }
            match arrivals.receive(&self.socket) {
                Ok(0) | Err(_) if stopping => return self.note_drops(),
                Ok(0) => self.note_drops(),
                Ok(count) => {
                    self.decode(&arrivals);
                    if count < arrivals.capacity() && !stopping {
                        thread::sleep(self.gather);
                    }
                }
                // Errors of earlier sends (ICMP) may surface on a socket; none ends the listening.
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    fn decode(&mut self, arrivals: &Arrivals) {
        let now = clock();
        if let Some(copies) = &self.shared.copies {
            copies.offer(arrivals.datagrams(now));
        }
        let mut decoder = self.shared.decoder.lock().unwrap_or_else(PoisonError::into_inner);
        for arrival in arrivals.iter() {
            let received = arrival.received.unwrap_or(now);
            let dropped = arrival.dropped.unwrap_or(0);
            count_drops(&mut self.dropped, dropped, &mut decoder, received);
            // We may have asked for the counter since: what was dropped after this one was queued is not before it.
            decoder.note_dropped_after(u64::from(self.dropped.wrapping_sub(dropped)));
            let (exporter, port) = arrival.sender;
            decoder.feed(arrival.payload, exporter, port, received);
        }
        if let Some(counters) = &mut self.counters {
            counters.publish(&mut decoder);
        } else {
            decoder.take_touched();
        }
        if decoder.has_full_batch() {
            self.shared.filled.notify_all();
        }
    }

    /// Ask for the kernel's drop counter: beside datagrams it comes with the next one only.
    fn note_drops(&mut self) {
        let Ok(dropped) = dropped(&self.socket) else { return };
        let mut decoder = self.shared.decoder.lock().unwrap_or_else(PoisonError::into_inner);
        count_drops(&mut self.dropped, dropped, &mut decoder, clock());
    }
}

/// Count what the kernel's drop counter gained, modulo 2^32, since it was last seen.
///
/// A datagram carries the counter of the moment it was queued, which may be older than what we saw.
fn count_drops(seen: &mut u32, dropped: u32, decoder: &mut Decoder, now: Instant) {
    let gained = dropped.wrapping_sub(*seen);
    if 0 < gained.cast_signed() {
        decoder.kernel_dropped(u64::from(gained), now);
        *seen = dropped;
    }
}

#[cfg(test)]
mod tests {
    use tidegauge_core::{decoder::Limits, schema::Counter};

    use super::*;

    #[test]
    fn the_last_drops_of_the_kernel_are_counted_too() {
        const SENT: u64 = 2_000;
        let decoder = Decoder::new(Limits::default(), String::new(), false);
        let mut receiver = UdpReceiver::start(("127.0.0.1", 0), 1, decoder, None, None, None).unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        {
            let _busy = receiver.shared.decoder();
            for _ in 0..SENT {
                sender.send_to(&[77; 400], ("127.0.0.1", receiver.port())).unwrap();
            }
        }
        receiver.close();
        let totals = receiver.with_decoder(|decoder| decoder.totals());
        let dropped = totals[Counter::LostKernel as usize];
        assert!(dropped > 0);
        assert_eq!(dropped + totals[Counter::MalformedUnknownVersion as usize], SENT);
    }
}

//! What a thread that receives does: it reads datagrams and decodes them as they come.

use std::{
    net::UdpSocket,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant as Monotonic},
};

use tidegauge_core::{decoder::Decoder, time::Instant};

use crate::{
    arrivals::{Arrival, Arrivals},
    copies::Copies,
    counter_map::CounterMap,
    receive_buffer::dropped,
    steering::Steering,
    time_server::clock,
};

/// What the threads of a listener have in common with each other, and with whoever takes their rows.
pub(crate) struct Shared {
    /// One for each of them.
    pub(crate) receivers: Vec<Receiver>,
    pub(crate) steering: Steering,
    pub(crate) counters: Option<Mutex<CounterMap>>,
    pub(crate) filled: Filled,
    pub(crate) stopping: AtomicBool,
    /// Who else takes what comes.
    pub(crate) copies: Option<Copies>,
}

/// What a thread decodes with, apart from the others in memory too: the processor's caches deal in lines of 64 bytes, or two.
#[repr(align(128))]
pub(crate) struct Receiver(pub(crate) Mutex<Decoder>);

impl Receiver {
    pub(crate) fn decoder(&self) -> MutexGuard<'_, Decoder> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a batch is full, for whoever waits for one.
#[derive(Default)]
pub(crate) struct Filled {
    is_full: Mutex<bool>,
    changed: Condvar,
}

impl Filled {
    pub(crate) fn tell(&self) {
        *self.is_full.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Wait so long at most; what comes later is told anew.
    pub(crate) fn wait(&self, wait: Duration) {
        let deadline = Monotonic::now() + wait;
        let mut is_full = self.is_full.lock().unwrap_or_else(PoisonError::into_inner);
        while !*is_full {
            let rest = deadline.saturating_duration_since(Monotonic::now());
            if rest.is_zero() {
                return;
            }
            is_full = self.changed.wait_timeout(is_full, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
        *is_full = false;
    }
}

/// What the thread owns.
pub(crate) struct Listening {
    socket: UdpSocket,
    shared: Arc<Shared>,
    /// Which of the receivers it is.
    number: usize,
    /// The kernel's drop counter, as last seen.
    dropped: u32,
    /// How long datagrams gather before they are read.
    gather: Duration,
}

impl Listening {
    pub(crate) fn new(socket: UdpSocket, shared: Arc<Shared>, number: usize, gather: Duration) -> Self {
        Self { socket, shared, number, dropped: 0, gather }
    }

    pub(crate) fn run(mut self) {
        let mut arrivals = Arrivals::new();
        loop {
            let stopping = self.shared.stopping.load(Ordering::Relaxed);
            if !stopping && self.shared.receivers[self.number].decoder().is_congested() {
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
        let shared = self.shared.clone();
        if let Some(copies) = &shared.copies {
            copies.offer(arrivals.iter().filter(|arrival| self.is_ours(arrival)).map(|arrival| arrival.datagram(now)));
        }
        let mut decoder = shared.receivers[self.number].decoder();
        for arrival in arrivals.iter() {
            let received = arrival.received.unwrap_or(now);
            let dropped = arrival.dropped.unwrap_or(0);
            count_drops(&mut self.dropped, dropped, &mut decoder, received);
            // We may have asked for the counter since: what was dropped after this one was queued is not before it.
            decoder.note_dropped_after(u64::from(self.dropped.wrapping_sub(dropped)));
            if self.is_ours(&arrival) {
                let (exporter, port) = arrival.sender;
                decoder.feed(arrival.payload, exporter, port, received);
            }
        }
        if let Some(counters) = &shared.counters {
            counters.lock().unwrap_or_else(PoisonError::into_inner).publish(&mut decoder, self.number);
        } else {
            decoder.take_touched();
        }
        if decoder.has_full_batch() {
            shared.filled.tell();
        }
    }

    /// Whether a datagram was dealt to us.
    ///
    /// The others are those that the kernel gave to each receiver, because they were sent to a broadcast or multicast
    /// address, and those that came before the last receiver was there.
    fn is_ours(&self, arrival: &Arrival<'_>) -> bool {
        self.shared.steering.is_for(self.number, arrival.payload, &arrival.sender.0)
    }

    /// Ask for the kernel's drop counter: beside datagrams it comes with the next one only.
    fn note_drops(&mut self) {
        let Ok(dropped) = dropped(&self.socket) else { return };
        let mut decoder = self.shared.receivers[self.number].decoder();
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

//! A UDP listener: one or more threads, each of which receives and decodes what exporters of its own send.

use std::{
    array, io,
    net::ToSocketAddrs,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tidegauge_core::{
    batch::Batch,
    decoder::{Decoder, MAXIMUM_KNOWLEDGE_BYTES, Session, joint_knowledge},
    schema::COUNTERS,
};

use crate::{
    allocator::keep_freed_memory,
    copies::{Copies, CopySettings, Fate},
    counter_map::{CounterMap, read_sequences},
    listening::{Filled, Listening, Receiver, Shared},
    listening_sockets::bind,
    receive_buffer::size_receive_buffer,
    steering::Steering,
    time_server::clock,
    timestamped_socket::set_option,
};

/// How long a thread waits for a datagram before it looks whether it should stop.
const WAIT: Duration = Duration::from_millis(100);
/// How long datagrams may gather in the kernel, whose buffer has to hold them: waking up for each
/// costs more than decoding it, and the kernel has noted when it came.
const GATHER: Duration = Duration::from_millis(2);
/// The same where the buffer is as large as we ask for.
const LONG_GATHER: Duration = Duration::from_millis(10);
/// A buffer that takes what a fast network brings in that time.
const LARGE_BUFFER_BYTES: usize = 16 << 20;

/// A listener and its threads.
pub struct UdpReceiver {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    port: u16,
    receive_buffer_bytes: usize,
}

impl UdpReceiver {
    /// Bind and start, with a thread and a socket for each decoder. What a decoder knows is of exporters that [`Steering`]
    /// among as many deals to it.
    ///
    /// `counters` is where the mapped totals go; `resume` is the map of a collector that is gone,
    /// whose sequence numbers tell what was missed meanwhile; `copying` is what else becomes of each datagram.
    pub fn start(
        address: impl ToSocketAddrs,
        receive_buffer_bytes: usize,
        mut decoders: Vec<Decoder>,
        counters: Option<&Path>,
        resume: Option<&Path>,
        copying: Option<&CopySettings>,
    ) -> io::Result<Self> {
        keep_freed_memory();
        let steering = Steering::among(decoders.len());
        let sockets = bind(address, steering)?;
        let mut granted_bytes = usize::MAX;
        for socket in &sockets {
            socket.set_read_timeout(Some(WAIT))?;
            set_option(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
            set_option(socket, libc::SOL_SOCKET, libc::SO_RXQ_OVFL, 1)?;
            granted_bytes = granted_bytes.min(size_receive_buffer(socket, receive_buffer_bytes)?);
        }
        for (key, sequence) in resume.map(read_sequences).transpose()?.unwrap_or_default() {
            decoders[steering.receiver_of(&key.exporter)].resume(key, sequence);
        }
        let address = sockets[0].local_addr()?;
        let shared = Arc::new(Shared {
            receivers: decoders.into_iter().map(|decoder| Receiver(Mutex::new(decoder))).collect(),
            steering,
            counters: counters.map(CounterMap::create).transpose()?.map(Mutex::new),
            filled: Filled::default(),
            stopping: AtomicBool::new(false),
            copies: copying.map(|settings| Copies::start(settings, "udp", address)).transpose()?,
        });
        let mut receiver =
            Self { shared, threads: Vec::new(), port: address.port(), receive_buffer_bytes: granted_bytes };
        let gather = if granted_bytes < LARGE_BUFFER_BYTES { GATHER } else { LONG_GATHER };
        for (number, socket) in sockets.into_iter().enumerate() {
            let listening = Listening::new(socket, receiver.shared.clone(), number, gather);
            let named = thread::Builder::new().name(format!("udp receiver {}", number + 1));
            receiver.threads.push(named.spawn(move || listening.run())?);
        }
        Ok(receiver)
    }

    /// The port that was bound.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Bytes of receive buffer the kernel granted to each socket.
    pub fn receive_buffer_bytes(&self) -> usize {
        self.receive_buffer_bytes
    }

    /// Let rows gather for this long, or until a batch is full, and take them.
    ///
    /// The error means that a thread has ended by a bug of ours; [`Self::close`] still has its last rows.
    pub fn drain(&self, wait: Duration) -> io::Result<Vec<Batch>> {
        if self.threads.iter().any(JoinHandle::is_finished) {
            return Err(io::Error::other("a thread that receives has ended by an error; its report stands above"));
        }
        self.shared.filled.wait(wait);
        let drained = self.decoders().map(|mut decoder| {
            decoder.pass(clock());
            decoder.drain()
        });
        Ok(drained.flatten().collect())
    }

    /// Act on each decoder.
    pub fn with_decoders(&self, mut act: impl FnMut(&mut Decoder)) {
        self.decoders().for_each(|mut decoder| act(&mut decoder));
    }

    /// What is told of each session that was heard.
    pub fn sessions<T>(&self, told: impl Fn(&Session) -> T) -> Vec<T> {
        self.decoders().flat_map(|decoder| decoder.sessions().map(&told).collect::<Vec<_>>()).collect()
    }

    /// Totals over all exporters, and of what belongs to none.
    pub fn totals(&self) -> [u64; COUNTERS.len()] {
        let totals: Vec<_> = self.decoders().map(|decoder| decoder.totals()).collect();
        array::from_fn(|counter| totals.iter().map(|each| each[counter]).sum())
    }

    /// What is known of exporters; `None` where nothing was learnt or forgotten since the last call, unless with `ages`.
    pub fn knowledge(&self, ages: bool) -> Option<Vec<u8>> {
        if !ages && !self.decoders().any(|decoder| decoder.has_learnt()) {
            return None;
        }
        let room = MAXIMUM_KNOWLEDGE_BYTES / self.shared.receivers.len();
        let told: Vec<_> = self.decoders().map(|mut decoder| decoder.told_sessions(room)).collect();
        Some(joint_knowledge(&told))
    }

    /// What became of copies, and how many of each found no room on the way.
    pub fn fates(&self) -> Vec<(Fate, u64)> {
        self.shared.copies.as_ref().map(Copies::fates).unwrap_or_default()
    }

    /// Stop reading once the sockets are empty, and take the last rows.
    pub fn close(&mut self) -> Vec<Batch> {
        self.end_threads();
        if let Some(copies) = &self.shared.copies {
            copies.close();
        }
        let drained = self.decoders().map(|mut decoder| {
            decoder.close();
            decoder.drain()
        });
        drained.flatten().collect()
    }

    /// Each of them, locked while it is looked at.
    fn decoders(&self) -> impl Iterator<Item = MutexGuard<'_, Decoder>> {
        self.shared.receivers.iter().map(Receiver::decoder)
    }

    fn end_threads(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A panic on the thread was reported there; the rows it left are still good.
            let _ = thread.join();
        }
    }
}

impl Drop for UdpReceiver {
    fn drop(&mut self) {
        self.end_threads();
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};

    use tidegauge_core::{decoder::Limits, schema::Counter};

    use super::*;

    #[test]
    fn the_last_drops_of_the_kernel_are_counted_too() {
        const SENT: u64 = 2_000;
        for receivers in [1, 2] {
            let decoders = (0..receivers).map(|_| Decoder::new(Limits::default(), String::new(), false)).collect();
            let mut receiver = UdpReceiver::start(("127.0.0.1", 0), 1, decoders, None, None, None).unwrap();
            let senders: Vec<_> =
                (1..9).map(|host| UdpSocket::bind((Ipv4Addr::new(127, 0, 0, host), 0)).unwrap()).collect();
            {
                let _busy: Vec<_> = receiver.decoders().collect();
                for sender in senders.iter().cycle().take(SENT as usize) {
                    sender.send_to(&[77; 400], ("127.0.0.1", receiver.port())).unwrap();
                }
            }
            receiver.close();
            let dropped = |decoder: &Decoder| decoder.listener().totals()[Counter::LostKernel as usize];
            assert!(receiver.decoders().all(|decoder| dropped(&decoder) > 0), "each socket has dropped some");
            let totals = receiver.totals();
            let heard = totals[Counter::MalformedUnknownVersion as usize];
            assert_eq!(totals[Counter::LostKernel as usize] + heard, SENT);
        }
    }
}

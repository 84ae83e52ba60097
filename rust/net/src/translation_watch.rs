//! What the kernel translates, followed by a thread that listens to its connection tracking.
//!
//! The kernel drops messages when they are not read fast enough, says so once, and drops all others until the socket is
//! empty. Then what it did meanwhile is only in its table, which is listed anew.

use std::{
    io,
    net::UdpSocket,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant as Monotonic},
};

use tidegauge_core::{
    conntrack::dump_request,
    metering::translations::{Told, Translations},
    time::Instant,
};

use crate::{
    netlink_socket::{ANSWERS, BEGIN_AND_END, netlink_socket},
    receive_buffer::{dropped, size_receive_buffer},
    time_server::clock,
};

/// How long the thread waits for a message before it looks whether it should stop.
const WAIT: Duration = Duration::from_millis(100);
/// The same at the end: what was said by then is waiting.
const SHORTLY: Duration = Duration::from_millis(1);
/// How long a listing may pause.
const LIST_WAIT: Duration = Duration::from_secs(5);
/// Waking up for each message costs more than reading it: they gather in the kernel, whose buffer has to hold them.
const GATHER: Duration = Duration::from_millis(2);
/// The same where the buffer is large.
const LONG_GATHER: Duration = Duration::from_millis(20);
/// A buffer that holds some tens of thousands of messages.
const LARGE_BUFFER_BYTES: usize = 16 << 20;
/// The kernel puts no more than this into one read.
const READ_BYTES: usize = 32 << 10;
/// Reads after which the table is let go, for those who want to look into it.
const READS: usize = 256;
/// How often the table is listed for ends that the kernel does not tell.
const LIST_INTERVAL: Duration = Duration::from_secs(30);
/// How long after a listing the next one may follow, when messages get lost all the time.
const LIST_PAUSE: Duration = Duration::from_secs(1);

/// The thread and what it has learnt.
pub struct TranslationWatch {
    stopping: Arc<AtomicBool>,
    failure: Arc<Mutex<Option<io::Error>>>,
    thread: Option<JoinHandle<()>>,
    receive_buffer_bytes: usize,
}

impl TranslationWatch {
    /// Listen, list what there is, and follow it from then on.
    ///
    /// # Errors
    /// When the kernel does not let us or has no connection tracking.
    pub fn start(translations: Arc<Mutex<Translations>>, receive_buffer_bytes: usize) -> io::Result<Self> {
        let socket = netlink_socket(BEGIN_AND_END, WAIT)?;
        let receive_buffer_bytes = size_receive_buffer(&socket, receive_buffer_bytes)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let failure = Arc::new(Mutex::new(None));
        let mut watching = Watching {
            known_good: clock(),
            gather: if receive_buffer_bytes < LARGE_BUFFER_BYTES { GATHER } else { LONG_GATHER },
            buffer: vec![0; READ_BYTES],
            listed: Monotonic::now(),
            is_sure: true,
            dropped: dropped(&socket)?,
            socket,
            translations,
            stopping: stopping.clone(),
        };
        watching.list()?;
        let thread = thread::Builder::new().name("translation watch".to_string()).spawn({
            let failure = failure.clone();
            move || {
                if let Err(error) = watching.run() {
                    *locked(&failure) = Some(error);
                }
            }
        })?;
        Ok(Self { stopping, failure, thread: Some(thread), receive_buffer_bytes })
    }

    /// Bytes of receive buffer the kernel granted.
    pub fn receive_buffer_bytes(&self) -> usize {
        self.receive_buffer_bytes
    }

    /// The error that ended the thread, told once.
    ///
    /// # Errors
    /// That error.
    pub fn check(&self) -> io::Result<()> {
        locked(&self.failure).take().map_or(Ok(()), Err)
    }

    /// Stop once everything that was said by now has been read.
    pub fn close(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic on the thread was reported there.
            let _ = thread.join();
        }
    }
}

impl Drop for TranslationWatch {
    fn drop(&mut self) {
        self.close();
    }
}

/// What the thread owns.
struct Watching {
    socket: UdpSocket,
    translations: Arc<Mutex<Translations>>,
    stopping: Arc<AtomicBool>,
    buffer: Vec<u8>,
    gather: Duration,
    /// The kernel's drop counter, as last seen.
    dropped: u32,
    /// The last time that nothing was waiting: what was lost, was lost later.
    known_good: Instant,
    listed: Monotonic,
    /// Whether no message was lost since the last list.
    is_sure: bool,
}

impl Watching {
    fn run(&mut self) -> io::Result<()> {
        while !self.stopping.load(Ordering::Relaxed) {
            match self.read() {
                Ok(READS) => {}
                Ok(_) => {
                    self.known_good = clock();
                    thread::sleep(self.gather);
                }
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => self.overrun()?,
                Err(error) => return Err(error),
            }
            if self.is_list_due() {
                self.list()?;
            }
        }
        self.socket.set_read_timeout(Some(SHORTLY))?;
        loop {
            match self.read() {
                Ok(READS) => {}
                Ok(_) if self.is_sure => return Ok(()),
                Ok(_) => self.list()?,
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => self.overrun()?,
                Err(error) => return Err(error),
            }
        }
    }

    fn is_list_due(&self) -> bool {
        let age = self.listed.elapsed();
        let is_missing_ends = || locked(&self.translations).has_silent();
        (!self.is_sure && age >= LIST_PAUSE) || (age >= LIST_INTERVAL && is_missing_ends())
    }

    /// Read what is waiting; returns how many reads had something.
    fn read(&mut self) -> io::Result<usize> {
        let Some(first) = receive(&self.socket, &mut self.buffer)? else {
            locked(&self.translations).feed(&[], clock());
            return Ok(0);
        };
        let now = clock();
        self.socket.set_nonblocking(true)?;
        let mut translations = locked(&self.translations);
        translations.feed(&self.buffer[..first], now);
        let mut result = Ok(READS);
        for count in 1..READS {
            match receive(&self.socket, &mut self.buffer) {
                Ok(Some(length)) => _ = translations.feed(&self.buffer[..length], now),
                Ok(None) => {
                    result = Ok(count);
                    break;
                }
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        drop(translations);
        self.socket.set_nonblocking(false)?;
        result
    }

    /// Messages were lost. What came before them is still waiting, and until it is read, all that come are lost as well.
    fn overrun(&mut self) -> io::Result<()> {
        loop {
            match self.read() {
                Ok(READS) => {}
                Ok(_) => break,
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {}
                Err(error) => return Err(error),
            }
        }
        let (now, dropped) = (clock(), dropped(&self.socket)?);
        let lost = dropped.wrapping_sub(self.dropped);
        locked(&self.translations).overrun(lost.into(), self.known_good, now);
        (self.dropped, self.known_good, self.is_sure) = (dropped, now, false);
        Ok(())
    }

    /// List the kernel's table, on a socket of its own, so that messages go on gathering on the other one.
    fn list(&mut self) -> io::Result<()> {
        let socket = netlink_socket(ANSWERS, LIST_WAIT)?;
        locked(&self.translations).begin_list(clock());
        socket.send(&dump_request())?;
        loop {
            let Some(length) = receive(&socket, &mut self.buffer)? else {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the kernel does not list its connections"));
            };
            match locked(&self.translations).feed(&self.buffer[..length], clock()) {
                Told::News => {}
                Told::ListEnd => break,
                Told::Refused(number) => return Err(io::Error::from_raw_os_error(number)),
            }
        }
        (self.listed, self.is_sure) = (Monotonic::now(), true);
        Ok(())
    }
}

/// Read once; `None` when nothing came.
fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    match socket.recv(buffer) {
        Ok(length) => Ok(Some(length)),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(None),
        Err(error) => Err(error),
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

//! A meter on a live interface: a thread between a ring of frames and `tidegauge_core::metering::Meter`.

use std::{
    io, mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tidegauge_core::{
    batch::Batch,
    metering::{FlowRows, Limits, Meter, Settings},
    time::{Instant, SECOND},
};

use crate::{
    packet_ring::{BLOCK_AGE, PacketRing},
    time_server::clock,
};

/// How long the thread waits for frames before it looks whether it should stop.
const WAIT: Duration = Duration::from_millis(100);

/// After waiting in vain, frames older than this have all been seen.
const LATENESS: i64 = SECOND / 4;

/// A clock that goes back by more than this was set back.
const SET_BACK: i64 = SECOND;

/// A meter and its thread.
pub struct LiveMeter {
    shared: Arc<Shared>,
    rows: Mutex<FlowRows>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    /// Held by the thread while it reads a block, by others while they take flows out.
    meter: Mutex<Meter>,
    stopping: AtomicBool,
}

impl Shared {
    fn meter(&self) -> MutexGuard<'_, Meter> {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LiveMeter {
    /// Meter an interface on so many threads, the kernel keeping each flow on one of them.
    ///
    /// # Errors
    /// When there is no such interface, or the right to listen is missing (`PermissionDenied`).
    pub fn start(name: &str, threads: usize, settings: Settings) -> io::Result<Vec<Self>> {
        let mut rings: Vec<PacketRing> = Vec::new();
        for _ in 0..threads.max(1) {
            rings.push(PacketRing::open(name, rings.first())?);
        }
        let maximum_flows = settings.limits.maximum_flows / rings.len();
        let settings = Settings { limits: Limits { maximum_flows, ..settings.limits }, ..settings };
        rings.into_iter().map(|ring| Self::on(ring, settings)).collect()
    }

    fn on(ring: PacketRing, settings: Settings) -> io::Result<Self> {
        let meter = Meter::new(settings).at_interface(ring.interface());
        let shared = Arc::new(Shared { meter: Mutex::new(meter), stopping: AtomicBool::new(false) });
        let thread = thread::Builder::new().name("meter".into()).spawn({
            let shared = Arc::clone(&shared);
            move || Metering { ring, shared, last: clock() }.run()
        })?;
        Ok(Self { shared, rows: Mutex::default(), thread: Some(thread) })
    }

    /// Take the flows that ended since the last call.
    pub fn drain(&self) -> Option<Batch> {
        // Rows are made without the meter, which goes on counting.
        let (ended, point) = {
            let mut meter = self.shared.meter();
            (meter.take_ended(), meter.point())
        };
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).batch(&ended, point)
    }

    /// Take the DNS answers that clients were seen to get since the last call, as options records.
    pub fn drain_answers(&self) -> Option<Batch> {
        self.shared.meter().drain_answers()
    }

    /// Whether no frame can come although nobody said stop: the interface is gone, or by a bug of ours the thread.
    pub fn is_lost(&self) -> bool {
        !self.shared.stopping.load(Ordering::Relaxed) && self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// Look at the meter.
    pub fn with_meter<T>(&self, look: impl FnOnce(&Meter) -> T) -> T {
        look(&self.shared.meter())
    }

    /// Read stamps from a clock that is so far ahead of this machine's.
    pub fn set_clock_offset(&self, offset: Instant) {
        self.shared.meter().set_clock_offset(offset);
    }

    /// Tell the thread to end once it has counted every frame that has passed by now.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
    }

    /// Stop, and end every flow.
    pub fn close(&mut self) {
        self.join();
        self.shared.meter().close();
    }

    fn join(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            // A panic on the thread was reported there; the flows it left are still good.
            let _ = thread.join();
        }
    }
}

impl Drop for LiveMeter {
    fn drop(&mut self) {
        self.join();
    }
}

/// What the thread owns.
struct Metering {
    ring: PacketRing,
    shared: Arc<Shared>,
    /// The wall clock, as last seen.
    last: Instant,
}

impl Metering {
    fn run(mut self) {
        while !self.shared.stopping.load(Ordering::Relaxed) {
            if self.shared.meter().is_congested() {
                // Nobody takes the flows. The kernel's ring, and then its drop counter, is the right place to wait.
                thread::sleep(WAIT);
            } else if self.read(WAIT).is_err() {
                return;
            }
        }
        // What passed before we were told to stop is in a block that the kernel hands over soon.
        let end = clock();
        while self.read(2 * BLOCK_AGE).is_ok_and(|newest| newest.is_some_and(|newest| newest < end)) {}
    }

    /// Read a block; the time of its last frame, `None` after waiting in vain.
    fn read(&mut self, wait: Duration) -> io::Result<Option<Instant>> {
        let shared = &self.shared;
        let mut newest = None;
        self.ring.read(wait, |frames| {
            shared.meter().observe(frames.inspect(|(frame, _)| newest = Some(frame.timestamp)));
        })?;
        let mut meter = shared.meter();
        meter.kernel_dropped(self.ring.dropped()?);
        let now = clock();
        if now < mem::replace(&mut self.last, now) - SET_BACK {
            // Flows would wait until the clock reads again what it read.
            meter.restart();
        }
        if newest.is_none() {
            meter.pass(now - LATENESS);
        }
        Ok(newest)
    }
}

//! Copies of what a listener receives: one to keep as it came, others for more collectors, each on a thread of its own.

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use tidegauge_core::{
    address::address_from_ip,
    datagram::{Datagram, DatagramLot},
};

use crate::{
    datagram_sender::{DatagramSender, Sent},
    outbox::Outbox,
    raw_keeper::{Kept, RawKeeper},
    time_server::clock,
};

/// Bytes of copies that wait for whoever keeps or forwards them; more are dropped, and counted.
const WAITING_BYTES: usize = 16 << 20;
/// A frame of what is kept.
const WORTH_KEEPING_BYTES: usize = 1 << 20;
/// How long fewer bytes wait for more of them: a killed collector loses as much.
const KEEP_WAIT: Duration = Duration::from_secs(1);
const FORWARD_WAIT: Duration = Duration::from_millis(500);

/// What is wanted of a listener's datagrams.
#[derive(Clone, Debug, Default)]
pub struct CopySettings {
    /// Folder in which each listener has one; none, and nothing is kept.
    pub raw_folder: Option<PathBuf>,
    /// Bytes of the disk that keeping leaves free.
    pub reserve_bytes: u64,
    /// Other collectors.
    pub targets: Vec<SocketAddr>,
    /// Whether they shall see the exporters' addresses, where we may.
    pub keeps_source: bool,
}

/// What became of copies: `Kept` those that are kept, `Sent` those for a collector.
#[derive(Clone, Debug)]
pub enum Fate {
    /// In files of this folder.
    Kept(PathBuf, Kept),
    /// To this collector; and whether its datagrams bear the exporters' addresses.
    Sent(SocketAddr, Sent, bool),
}

/// Who takes copies.
pub struct Copies(Vec<Taker>);

struct Taker {
    outbox: Arc<Outbox>,
    fate: Arc<Mutex<Fate>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Copies {
    /// Begin: for a listener at an address, of a `transport` as people write it.
    ///
    /// # Errors
    /// When there is no socket or thread to be had.
    pub fn start(settings: &CopySettings, transport: &str, listening: SocketAddr) -> io::Result<Self> {
        let mut takers = Vec::new();
        if let Some(folder) = &settings.raw_folder {
            let name = format!("{transport}-{}-{}", listening.ip(), listening.port());
            let destination = (address_from_ip(listening.ip()), listening.port());
            let listener = format!("{transport}://{listening}");
            let keeper = RawKeeper::new(folder.join(name), listener, destination, settings.reserve_bytes)?;
            takers.push(Taker::keeping(keeper)?);
        }
        for &target in &settings.targets {
            takers.push(Taker::forwarding(target, DatagramSender::open(target, settings.keeps_source)?)?);
        }
        Ok(Self(takers))
    }

    /// Copy datagrams for everybody.
    pub fn offer<'a>(&self, datagrams: impl Iterator<Item = Datagram<'a>> + Clone) {
        for taker in &self.0 {
            taker.outbox.offer(datagrams.clone());
        }
    }

    /// What became of the copies until now, and how many found no room on the way.
    pub fn fates(&self) -> Vec<(Fate, u64)> {
        self.0.iter().map(|taker| (held(&taker.fate).clone(), taker.outbox.dropped())).collect()
    }

    /// Hand on what waits, and end.
    pub fn close(&self) {
        for taker in &self.0 {
            taker.outbox.close();
        }
        for taker in &self.0 {
            let thread = taker.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            // A panic on the thread was reported there.
            let _ = thread.map(JoinHandle::join);
        }
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        self.close();
    }
}

impl Taker {
    fn keeping(mut keeper: RawKeeper) -> io::Result<Self> {
        let fate = Fate::Kept(keeper.folder().to_path_buf(), Kept::default());
        Self::start("raw keeper", WORTH_KEEPING_BYTES, KEEP_WAIT, fate, move |lot, fate| {
            keeper.keep(lot);
            keeper.pass(clock());
            if let Fate::Kept(_, kept) = &mut *held(fate) {
                kept.clone_from(keeper.kept());
            }
        })
    }

    fn forwarding(target: SocketAddr, mut sender: DatagramSender) -> io::Result<Self> {
        let fate = Fate::Sent(target, Sent::default(), sender.keeps_source());
        Self::start("forwarder", 0, FORWARD_WAIT, fate, move |lot, fate| {
            let sent = sender.send(lot);
            if let Fate::Sent(_, all, _) = &mut *held(fate) {
                all.add(&sent);
            }
        })
    }

    fn start(
        name: &str,
        worth_bytes: usize,
        wait: Duration,
        fate: Fate,
        mut act: impl FnMut(&DatagramLot, &Mutex<Fate>) + Send + 'static,
    ) -> io::Result<Self> {
        let (outbox, fate) = (Arc::new(Outbox::new(WAITING_BYTES, worth_bytes)), Arc::new(Mutex::new(fate)));
        let thread = thread::Builder::new().name(name.to_string()).spawn({
            let (outbox, fate) = (outbox.clone(), fate.clone());
            move || {
                let mut lot = DatagramLot::default();
                while outbox.take(&mut lot, wait) {
                    act(&lot, &fate);
                }
            }
        })?;
        Ok(Self { outbox, fate, thread: Mutex::new(Some(thread)) })
    }
}

fn held(fate: &Mutex<Fate>) -> MutexGuard<'_, Fate> {
    fate.lock().unwrap_or_else(PoisonError::into_inner)
}

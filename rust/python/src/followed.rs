//! The translations that a `Meter` follows: the kernel's, or those of a file.

use std::{
    fs, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tidegauge_core::{
    batch::Batch,
    metering::translations::{TranslationLimits, Translations},
    time::Instant,
};
use tidegauge_net::translation_watch::TranslationWatch;

/// What is translated, and who follows it.
pub struct Followed {
    known: Arc<Mutex<Translations>>,
    /// A file needs nobody.
    watch: Option<TranslationWatch>,
}

impl Followed {
    /// Follow the kernel, or read the messages of a file.
    pub fn start(path: Option<&str>, limits: TranslationLimits, receive_buffer_bytes: usize) -> io::Result<Self> {
        let mut known = Translations::new(limits);
        if let Some(path) = path {
            known.feed(&fs::read(path)?, 0);
            return Ok(Self { known: Arc::new(Mutex::new(known)), watch: None });
        }
        let known = Arc::new(Mutex::new(known));
        let watch = TranslationWatch::start(known.clone(), receive_buffer_bytes)?;
        Ok(Self { known, watch: Some(watch) })
    }

    /// The error that ended the following, told once.
    pub fn check(&self) -> io::Result<()> {
        self.watch.as_ref().map_or(Ok(()), TranslationWatch::check)
    }

    /// Take in all that was said by now, and follow no longer.
    pub fn close(&mut self) {
        self.watch.iter_mut().for_each(TranslationWatch::close);
    }

    /// Tell of flows how they were translated, and add the events since the last call as a batch of their own.
    ///
    /// All of them by a clock that is so far ahead of the kernel's.
    pub fn tell(&self, flows: &mut Vec<Batch>, clock_offset: Instant) {
        let mut known = self.known();
        for batch in flows.iter_mut() {
            *batch = known.translate(batch, clock_offset);
        }
        flows.extend(known.drain(clock_offset));
    }

    /// What was heard, by name.
    pub fn counters(&self) -> Vec<(&'static str, i64)> {
        let known = self.known();
        let mut counters: Vec<_> = known.named().map(|(name, count)| (name, count as i64)).into();
        if let Some((from, until)) = known.gap() {
            counters.extend([("nat_gap_from", from), ("nat_gap_until", until)]);
        }
        if let Some(watch) = &self.watch {
            counters.push(("nat_receive_buffer_bytes", watch.receive_buffer_bytes() as i64));
        }
        counters
    }

    fn known(&self) -> MutexGuard<'_, Translations> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

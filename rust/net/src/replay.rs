//! Sending captured datagrams again: at the pace at which they came, at a multiple of it, or as fast as can be.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant as Monotonic},
};

use tidegauge_core::{
    datagram::{Datagram, DatagramLot},
    export_file::{Choice, ExportFile},
    time::Instant,
};

use crate::datagram_sender::{DatagramSender, Sent};

/// Datagrams sent between two looks at the clock.
const BATCH: usize = 64;

/// A replay under way.
pub struct Replay {
    recordings: Vec<Recording>,
    sender: DatagramSender,
    /// How many times as fast as it was; `None` is as fast as can be.
    speed: Option<f64>,
    /// Arrival of the first datagram, and when it was sent.
    begin: Option<(Instant, Monotonic)>,
    lot: DatagramLot,
    progress: Progress,
}

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// What became of the datagrams.
    pub sent: Sent,
    /// When the first and the last of them arrived.
    pub arrivals: Option<(Instant, Instant)>,
    /// Whether all were sent.
    pub is_over: bool,
}

impl Replay {
    /// Prepare: each recording is the files of one listener in their order, and of several the earliest datagram goes first.
    ///
    /// # Errors
    /// When there is no socket to be had.
    pub fn new(
        recordings: Vec<Vec<PathBuf>>,
        choice: &Choice,
        target: SocketAddr,
        speed: Option<f64>,
        keeps_source: bool,
    ) -> io::Result<Self> {
        let recordings = recordings.into_iter().map(|paths| Recording::new(paths, choice.clone())).collect();
        let sender = DatagramSender::open(target, keeps_source)?;
        let (lot, progress) = (DatagramLot::default(), Progress::default());
        Ok(Self { recordings, sender, speed, begin: None, lot, progress })
    }

    /// Whether datagrams leave with the address of their exporter.
    pub fn keeps_source(&self) -> bool {
        self.sender.keeps_source()
    }

    /// Go on for so long, or to the end.
    ///
    /// # Errors
    /// When a file cannot be read, or is no capture.
    pub fn advance(&mut self, duration: Duration) -> io::Result<Progress> {
        let deadline = Monotonic::now() + duration;
        loop {
            self.lot.clear();
            let next = self.gather(Monotonic::now())?;
            let sent = self.sender.send(&self.lot);
            self.progress.sent.add(&sent);
            let Some(due) = next else {
                self.progress.is_over = true;
                return Ok(self.progress);
            };
            let wake = due.min(deadline);
            thread::sleep(wake.saturating_duration_since(Monotonic::now()));
            if Monotonic::now() >= deadline {
                return Ok(self.progress);
            }
        }
    }

    /// Take what is due by now, up to a batch; returns when the next one is due, if there is one.
    fn gather(&mut self, now: Monotonic) -> io::Result<Option<Monotonic>> {
        loop {
            let mut earliest: Option<(usize, Instant)> = None;
            for (place, recording) in self.recordings.iter_mut().enumerate() {
                if let Some(received) = recording.next_arrival()?
                    && earliest.is_none_or(|(_, before)| received < before)
                {
                    earliest = Some((place, received));
                }
            }
            let Some((place, received)) = earliest else { return Ok(None) };
            let due = self.due(received, now);
            if due > now || self.lot.len() >= BATCH {
                return Ok(Some(due));
            }
            if let Some(datagram) = self.recordings[place].next() {
                self.lot.push(&datagram);
            }
            let (first, last) = self.progress.arrivals.unwrap_or((received, received));
            self.progress.arrivals = Some((first.min(received), last.max(received)));
            self.recordings[place].take();
        }
    }

    fn due(&mut self, received: Instant, now: Monotonic) -> Monotonic {
        let (first, began) = *self.begin.get_or_insert((received, now));
        let passed = Duration::from_nanos(received.saturating_sub(first).max(0) as u64).as_secs_f64();
        let wait = self.speed.map_or(0.0, |speed| passed / speed);
        // A pause of centuries is a damaged file: it is not waited for.
        Duration::try_from_secs_f64(wait).ok().and_then(|wait| began.checked_add(wait)).unwrap_or(now)
    }
}

/// The files of one listener.
struct Recording {
    paths: VecDeque<PathBuf>,
    choice: Choice,
    open: Option<ExportFile>,
    /// The next datagram, where there is one.
    pending: DatagramLot,
}

impl Recording {
    fn new(paths: Vec<PathBuf>, choice: Choice) -> Self {
        Self { paths: paths.into(), choice, open: None, pending: DatagramLot::default() }
    }

    /// When the next datagram arrived, which is read if need be.
    fn next_arrival(&mut self) -> io::Result<Option<Instant>> {
        while self.pending.is_empty() {
            if let Some(file) = &mut self.open
                && let Some(datagram) = file.next_captured()?
            {
                self.pending.push(&datagram);
                break;
            }
            let Some(path) = self.paths.pop_front() else { return Ok(None) };
            self.open = Some(opened(&path, &self.choice)?);
        }
        Ok(self.next().map(|datagram| datagram.received))
    }

    fn next(&self) -> Option<Datagram<'_>> {
        self.pending.get(0)
    }

    fn take(&mut self) {
        self.pending.clear();
    }
}

fn opened(path: &Path, choice: &Choice) -> io::Result<ExportFile> {
    let told = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(told)?;
    let file = ExportFile::open(BufReader::new(file), [0; 16], 0).map_err(told)?.choosing(choice.clone());
    if file.is_capture() { Ok(file) } else { Err(told(io::Error::new(io::ErrorKind::InvalidData, NO_CAPTURE))) }
}

const NO_CAPTURE: &str = "this is no capture, so nobody knows when its datagrams came; a pcap or pcapng file is needed";

#[cfg(test)]
mod tests {
    use std::{env, fs, net::UdpSocket, process};

    use tidegauge_core::{
        capture::pcapng_writing::{begin_section, packet},
        enveloped::Envelope,
        time::MILLISECOND,
    };

    use super::*;

    /// A file of datagrams that arrived at these milliseconds, each with its own as payload.
    fn recorded(name: &str, arrivals: &[u8]) -> PathBuf {
        let mut file = Vec::new();
        begin_section(&mut file, "tidegauge", "udp://127.0.0.1:2055");
        for &arrival in arrivals {
            let envelope = Envelope::new(([1; 16], 1), ([2; 16], 2), &[arrival]).unwrap();
            packet(&mut file, i64::from(arrival) * MILLISECOND, [envelope.as_bytes(), &[arrival]]);
        }
        let path = env::temp_dir().join(format!("tidegauge-replay-{name}-{}", process::id()));
        fs::write(&path, file).unwrap();
        path
    }

    /// What was sent, and how long that took.
    fn replayed(names: &[(&str, &[u8])], speed: Option<f64>) -> (Vec<u8>, Progress, Duration) {
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        receiver.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let paths: Vec<_> = names.iter().map(|(name, arrivals)| recorded(name, arrivals)).collect();
        let recordings = paths.iter().map(|path| vec![path.clone()]).collect();
        let choice = Choice { takes_unknown: true, ..Choice::default() };
        let mut replay = Replay::new(recordings, &choice, receiver.local_addr().unwrap(), speed, false).unwrap();
        let began = Monotonic::now();
        let progress = loop {
            let progress = replay.advance(Duration::from_millis(20)).unwrap();
            if progress.is_over {
                break progress;
            }
        };
        let took = began.elapsed();
        for path in &paths {
            fs::remove_file(path).unwrap();
        }
        let mut buffer = [0; 16];
        let seen = (0..progress.sent.datagrams).map(|_| {
            receiver.recv(&mut buffer).unwrap();
            buffer[0]
        });
        (seen.collect(), progress, took)
    }

    #[test]
    fn the_pace_is_that_of_the_arrivals_divided_by_the_speed() {
        let (seen, progress, took) = replayed(&[("pace", &[10, 20, 250])], Some(2.0));
        assert_eq!(seen, [10, 20, 250]);
        assert_eq!(progress.arrivals, Some((10 * MILLISECOND, 250 * MILLISECOND)));
        assert!(took >= Duration::from_millis(120), "{took:?}");
    }

    #[test]
    fn recordings_are_merged_by_their_arrivals() {
        let (seen, progress, _) = replayed(&[("odd", &[1, 3, 5]), ("even", &[2, 4])], None);
        assert_eq!(seen, [1, 2, 3, 4, 5]);
        assert_eq!(progress.sent.from_own, 5);
    }
}

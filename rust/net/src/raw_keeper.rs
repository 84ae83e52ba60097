//! Keeping datagrams as they came: pcapng, compressed frame by frame as it is written.
//!
//! A frame of zstd holds whole blocks of pcapng, and what was gathered in a second or so is a frame. So a file is
//! compressed and readable at any moment: a kill costs the frame that was being written, never the file.

use std::{
    ffi::CString,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    mem::{self, MaybeUninit},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use tidegauge_core::{
    capture::pcapng_writing::{begin_section, packet},
    datagram::{DatagramLot, End},
    enveloped::Envelope,
    time::{Instant, SECOND, iso_8601},
};
use zstd::bulk::Compressor;

/// How long a file goes on.
const FILE_AGE: i64 = 300 * SECOND;
/// How large it becomes.
const FILE_BYTES: u64 = 64 << 20;
/// Blocks that make a frame.
const FRAME_BYTES: usize = 1 << 20;
const LEVEL: i32 = 1;
/// What a file is called behind the moment its first datagram came.
const SUFFIX: &str = ".pcapng.zst";
/// What a file says that wrote it.
const APPLICATION: &str = concat!("tidegauge ", env!("CARGO_PKG_VERSION"));

/// Where datagrams are kept, and for whom.
pub struct RawKeeper {
    folder: PathBuf,
    /// What is listened at, as people write it.
    listener: String,
    destination: End,
    /// Bytes of the disk that are left free.
    reserve_bytes: u64,
    open: Option<OpenFile>,
    compressor: Compressor<'static>,
    kept: Kept,
}

/// What became of datagrams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Those that are in files.
    pub datagrams: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// Bytes of the files.
    pub file_bytes: u64,
    /// Those left out because the disk was too full.
    pub no_room: u64,
    /// Those left out because they could not be written, or were too long.
    pub failed: u64,
    /// Why the last of these could not be written.
    pub error: Option<i32>,
}

struct OpenFile {
    file: File,
    /// Bytes of it that are whole frames.
    bytes: u64,
    /// When its first datagram came.
    begin: Instant,
}

/// Blocks that make a frame, and what is in them.
#[derive(Default)]
struct Frame {
    plain: Vec<u8>,
    begin: Instant,
    datagrams: u64,
    bytes: u64,
}

impl RawKeeper {
    /// Keep in a folder, which is made when there is something to keep.
    ///
    /// # Errors
    /// When there is no memory to compress in.
    pub fn new(folder: PathBuf, listener: String, destination: End, reserve_bytes: u64) -> io::Result<Self> {
        let compressor = Compressor::new(LEVEL)?;
        let (open, kept) = (None, Kept::default());
        Ok(Self { folder, listener, destination, reserve_bytes, open, compressor, kept })
    }

    /// Where they are kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What became of datagrams until now.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Keep datagrams; what cannot be written is counted.
    pub fn keep(&mut self, lot: &DatagramLot) {
        let mut frame = Frame::default();
        for datagram in lot.iter() {
            let Some(envelope) = Envelope::new(datagram.sender, self.destination, datagram.payload) else {
                self.kept.failed += 1;
                continue;
            };
            if frame.datagrams == 0 {
                self.begin(&mut frame, datagram.received);
            }
            packet(&mut frame.plain, datagram.received, [envelope.as_bytes(), datagram.payload]);
            frame.datagrams += 1;
            frame.bytes += datagram.payload.len() as u64;
            if frame.plain.len() >= FRAME_BYTES {
                self.settle(&frame);
                frame = Frame { plain: mem::take(&mut frame.plain), ..Frame::default() };
            }
        }
        if frame.datagrams > 0 {
            self.settle(&frame);
        }
    }

    /// End a file that went on for long enough by `now`, also where nothing more comes.
    pub fn pass(&mut self, now: Instant) {
        let is_old = |open: &OpenFile| now.saturating_sub(open.begin) >= FILE_AGE || open.bytes >= FILE_BYTES;
        if self.open.as_ref().is_some_and(is_old) {
            self.end_file();
        }
    }

    /// End the file, and see that it survives a power cut.
    pub fn end_file(&mut self) {
        if let Some(open) = self.open.take()
            && let Err(error) = open.file.sync_all()
        {
            self.kept.error = error.raw_os_error();
        }
    }

    /// Begin a frame: the first of a file says what the file is.
    fn begin(&mut self, frame: &mut Frame, received: Instant) {
        self.pass(received);
        frame.plain.clear();
        frame.begin = received;
        if self.open.is_none() {
            begin_section(&mut frame.plain, APPLICATION, &self.listener);
        }
    }

    fn settle(&mut self, frame: &Frame) {
        match self.write(frame) {
            Ok(bytes) => {
                self.kept.datagrams += frame.datagrams;
                self.kept.bytes += frame.bytes;
                self.kept.file_bytes += bytes;
            }
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                self.kept.no_room += frame.datagrams;
                self.end_file();
            }
            Err(error) => {
                self.kept.failed += frame.datagrams;
                self.kept.error = error.raw_os_error();
                self.end_file();
            }
        }
    }

    /// Write a frame; where only a part could be, the file is cut back to what is whole.
    fn write(&mut self, frame: &Frame) -> io::Result<u64> {
        let content = self.compressor.compress(&frame.plain)?;
        make_folder(&self.folder)?;
        if free_bytes(&self.folder)? < self.reserve_bytes + content.len() as u64 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(OpenFile::create(&self.folder, frame.begin)?),
        };
        if let Err(error) = open.file.write_all(&content) {
            let _ = open.file.set_len(open.bytes);
            return Err(error);
        }
        open.bytes += content.len() as u64;
        Ok(content.len() as u64)
    }
}

impl Drop for RawKeeper {
    fn drop(&mut self) {
        self.end_file();
    }
}

impl OpenFile {
    /// Make a file named by its first arrival; another one of the same moment is not touched.
    fn create(folder: &Path, begin: Instant) -> io::Result<Self> {
        for name in (begin..).take(1000).map(|moment| iso_8601(moment).replace(':', "")) {
            match OpenOptions::new().write(true).create_new(true).open(folder.join(name + SUFFIX)) {
                Ok(file) => return Ok(Self { file, bytes: 0, begin }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

/// Make a folder and the one that it is in, but no more: a lake that is gone must not come back as an empty one.
fn make_folder(folder: &Path) -> io::Result<()> {
    for path in folder.ancestors().take(2).collect::<Vec<_>>().into_iter().rev() {
        match fs::create_dir(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Bytes that an ordinary user can still write on a disk.
fn free_bytes(folder: &Path) -> io::Result<u64> {
    let path = CString::new(folder.as_os_str().as_bytes())?;
    let mut disk = MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the path ends with a zero, and the kernel fills the structure where it returns zero.
    let disk = unsafe {
        if libc::statvfs(path.as_ptr(), disk.as_mut_ptr()) != 0 {
            return Err(io::Error::last_os_error());
        }
        disk.assume_init()
    };
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use std::{env, net::Ipv4Addr, process};

    use tidegauge_core::{address::address_from_ip, datagram::Datagram, export_file::ExportFile};

    use super::*;

    const END: End = ([0; 16], 2055);

    fn lot(times: impl Iterator<Item = Instant>) -> DatagramLot {
        let mut lot = DatagramLot::default();
        let sender = (address_from_ip(Ipv4Addr::new(10, 0, 0, 1).into()), 5000);
        for received in times {
            lot.push(&Datagram { payload: &netflow_v5(), sender, received });
        }
        lot
    }

    fn netflow_v5() -> Vec<u8> {
        let mut datagram = vec![0, 5, 0, 1, 0, 0, 0, 9, 0x65, 0, 0, 0];
        datagram.resize(72, 0);
        datagram
    }

    fn keeper(name: &str, reserve_bytes: u64) -> RawKeeper {
        let folder = env::temp_dir().join(format!("tidegauge-raw-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&folder);
        RawKeeper::new(folder, "udp://127.0.0.1:2055".to_string(), END, reserve_bytes).unwrap()
    }

    /// Arrivals in each file, by its name.
    fn files(keeper: &RawKeeper) -> Vec<(String, Vec<Instant>)> {
        let mut paths: Vec<_> = fs::read_dir(&keeper.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let found = paths.into_iter().map(|path| {
            let mut file = ExportFile::open(File::open(&path).unwrap(), [0; 16], 0).unwrap();
            let mut arrivals = Vec::new();
            while let Some(datagram) = file.next_captured().unwrap() {
                assert_eq!(datagram.payload, netflow_v5());
                arrivals.push(datagram.received);
            }
            (path.file_name().unwrap().to_string_lossy().into_owned(), arrivals)
        });
        let found = found.collect();
        fs::remove_dir_all(&keeper.folder).unwrap();
        found
    }

    #[test]
    fn files_end_with_their_age_and_are_named_by_their_first_arrival() {
        let mut keeper = keeper("age", 0);
        keeper.keep(&lot([0, SECOND, FILE_AGE].into_iter()));
        keeper.keep(&lot([FILE_AGE, FILE_AGE + 1].into_iter()));
        let kept = keeper.kept().clone();
        assert_eq!((kept.datagrams, kept.bytes, kept.failed), (5, 5 * 72, 0));
        assert!(kept.file_bytes > 0);
        let expected = [
            ("1970-01-01T000000.000000000Z.pcapng.zst".to_string(), vec![0, SECOND, FILE_AGE]),
            ("1970-01-01T000500.000000000Z.pcapng.zst".to_string(), vec![FILE_AGE, FILE_AGE + 1]),
        ];
        assert_eq!(files(&keeper), expected);
    }

    #[test]
    fn many_frames_make_one_file() {
        let mut keeper = keeper("frames", 0);
        let many = 3 * FRAME_BYTES as i64 / 100;
        keeper.keep(&lot(0..many));
        assert_eq!(files(&keeper)[0].1, (0..many).collect::<Vec<_>>());
    }

    #[test]
    fn a_disk_that_is_too_full_costs_datagrams_which_are_counted() {
        let mut keeper = keeper("full", u64::MAX / 2);
        keeper.keep(&lot(0..3));
        assert_eq!((keeper.kept().datagrams, keeper.kept().no_room), (0, 3));
        assert!(files(&keeper).is_empty());
    }

    #[test]
    fn a_lake_that_is_gone_does_not_come_back() {
        let lake = env::temp_dir().join(format!("tidegauge-raw-gone-{}", process::id()));
        let mut keeper = RawKeeper::new(lake.join("raw/udp"), String::new(), END, 0).unwrap();
        keeper.keep(&lot(0..3));
        assert_eq!((keeper.kept().failed, lake.exists()), (3, false));
        fs::create_dir(&lake).unwrap();
        keeper.keep(&lot(0..3));
        assert_eq!(keeper.kept().datagrams, 3);
        fs::remove_dir_all(&lake).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_costs_datagrams_which_are_counted() {
        let mut keeper = RawKeeper::new("/proc/none".into(), String::new(), END, 0).unwrap();
        keeper.keep(&lot(0..3));
        assert_eq!(keeper.kept().failed, 3);
        assert!(keeper.kept().error.is_some());
    }
}

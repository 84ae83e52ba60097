//! Files that are read here and there.

use std::{fs::File, io, os::fd::AsRawFd, path::Path};

/// Open a file to read parts of it: the kernel reads what is asked for, and nothing that might come next.
pub fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    // SAFETY: the descriptor is that of a file that is open. It is advice: where it is not taken, all stays as it was.
    unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_RANDOM) };
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn it_is_read_as_any_other() {
        let mut text = String::new();
        open(Path::new(file!().trim_start_matches("net/"))).unwrap().read_to_string(&mut text).unwrap();
        assert!(text.starts_with("//! Files"));
        assert!(open(Path::new("/nowhere")).is_err());
    }
}

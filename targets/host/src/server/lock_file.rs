//! A lock beside a file, held while that file is created or removed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::libc::O_NOFOLLOW;

/// How long to wait while another process holds the lock. Work under the lock takes far less.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pause between attempts.
const PAUSE: Duration = Duration::from_millis(5);

/// A lock that is held. Dropping it removes the lock's file.
#[derive(Debug)]
pub(super) struct LockFile {
    path: PathBuf,
    /// Closing the file releases the lock.
    _file: Flock<File>,
}

impl LockFile {
    /// Locks `path` by a file of that name with `.lock` added. Waits while another process holds the lock.
    pub(super) fn beside(path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(file) = attempt(&path)? {
                return Ok(Self { path, _file: file });
            }
            if Instant::now() >= end {
                let held = format!("another process has held the lock {} for 5 s", path.display());
                return Err(io::Error::new(ErrorKind::AddrInUse, held));
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // The file is removed while the lock is held, so that the next process to lock this file finds it gone. A file
        // that cannot be removed does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

/// Creates and locks the file at `path`. Returns `None` when another process holds the lock or has just removed the
/// file.
fn attempt(path: &Path) -> io::Result<Option<Flock<File>>> {
    let file = OpenOptions::new().write(true).create(true).mode(0o600).custom_flags(O_NOFOLLOW).open(path)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(file) => {
            let present = fs::symlink_metadata(path).ok();
            let locked = file.metadata()?;
            let same = present.is_some_and(|present| (present.dev(), present.ino()) == (locked.dev(), locked.ino()));
            Ok(Some(file).filter(|_| same))
        }
        Err((_, Errno::EWOULDBLOCK | Errno::EINTR)) => Ok(None),
        Err((_, error)) => Err(error.into()),
    }
}

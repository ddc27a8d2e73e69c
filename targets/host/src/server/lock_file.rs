//! A lock beside a file, held while the file is put there or taken away.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::libc::O_NOFOLLOW;

/// How long to wait for another process that holds the lock: what is done under it takes far less.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often to look meanwhile.
const PAUSE: Duration = Duration::from_millis(5);

/// A lock that is held. Its file goes with it.
#[derive(Debug)]
pub(super) struct LockFile {
    path: PathBuf,
    /// Closing it ends the lock.
    _file: Flock<File>,
}

impl LockFile {
    /// Locks what is at `path` by a file whose name has `.lock` added. Waits for others that lock it.
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
                let held = format!("another process holds the lock {}", path.display());
                return Err(io::Error::new(ErrorKind::AddrInUse, held));
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // While the lock is held, so that who locks this file next sees that it is gone. One that cannot be removed does no
        // harm.
        let _ = fs::remove_file(&self.path);
    }
}

/// Locks the file at `path`, which it makes; `None` when another holds the lock or has just removed the file.
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

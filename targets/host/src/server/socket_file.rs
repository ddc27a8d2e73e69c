//! The file of a Unix socket.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::libc::EPROTOTYPE;
use socket2::{Domain, SockAddr, Socket, Type};

use super::lock_file::LockFile;
use crate::connect::random;

/// The file of a listening Unix socket. Dropping it removes the file.
///
/// The file is created in a directory that only this user may enter, gets its mode there, and is then moved to its
/// path. So every client that finds the file can connect, no client ever sees another mode, and nobody can replace the
/// file by a link before its mode is set. A lock beside the file keeps two servers that start or stop at the same time
/// from removing each other's file.
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    /// Device and inode number. A file that another process has put there since is not removed.
    identity: (u64, u64),
}

impl SocketFile {
    /// Calls `listen` to create the file and listen on it, sets its mode, and moves it to `path`.
    ///
    /// Replaces a file that an earlier server left behind. A file that a server listens on, or that is not a socket,
    /// stays and is an error.
    ///
    /// # Errors
    /// As stated, and those of the system.
    pub fn bind(path: &Path, mode: u32, listen: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<Self> {
        let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
        let _lock = LockFile::beside(path)?;
        check_place(path)?;
        let making = Making::beside(path, name)?;
        listen(&making.path)?;
        fs::set_permissions(&making.path, Permissions::from_mode(mode))?;
        let identity = identity(&fs::symlink_metadata(&making.path)?);
        fs::rename(&making.path, path)?;
        Ok(Self { path: path.to_owned(), identity })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // A file that cannot be removed is found stale by the next server.
        let Ok(_lock) = LockFile::beside(&self.path) else { return };
        if fs::symlink_metadata(&self.path).is_ok_and(|present| identity(&present) == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// The directory in which the file is created. Dropping it removes the directory.
struct Making {
    directory: PathBuf,
    path: PathBuf,
}

impl Making {
    fn beside(path: &Path, name: &OsStr) -> io::Result<Self> {
        // The name is short because the path of a socket is limited to about 100 bytes.
        let directory = path.with_file_name(format!(".{:06x}", random() & 0x00ff_ffff));
        DirBuilder::new().mode(0o700).create(&directory)?;
        Ok(Self { path: directory.join(name), directory })
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        // After the move there is no file to remove.
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_dir(&self.directory);
    }
}

/// Returns an error unless a socket may be put at `path`.
fn check_place(path: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !kind.is_socket() {
        return Err(io::Error::new(
            ErrorKind::AlreadyExists,
            "a file that is not a socket has this path; remove it, or use another path",
        ));
    }
    match knock(path) {
        // No server listens: the last one has ended.
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(()),
        // A server listens there, or its queue of connections is full.
        Ok(()) => Err(ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Err(ErrorKind::AddrInUse.into()),
        // A server listens there with a socket of another type.
        Err(error) if error.raw_os_error() == Some(EPROTOTYPE) => Err(ErrorKind::AddrInUse.into()),
        Err(error) => Err(error),
    }
}

fn knock(path: &Path) -> io::Result<()> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.connect(&SockAddr::unix(path)?)
}

//! The file that a Unix socket is found by.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};

use super::lock_file::LockFile;
use crate::connect::random;

/// The file of a socket of ours, removed when this is dropped.
///
/// It is made in a directory that nobody else may enter, given its mode there, and then moved to its place: whoever finds
/// it can connect, and nobody has had it with another mode, or could swap it for a link before its mode was set. A lock
/// beside it keeps two servers that start or end at once from taking each other's file for one left behind.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and number, so that a file that somebody else has put there meanwhile stays.
    identity: (u64, u64),
}

impl SocketFile {
    /// Lets `listen` make the file and listen on it, gives it its mode and moves it to `path`. A file that a server left
    /// behind is replaced; one that a server listens on, or that is no socket, stays and is an error.
    pub(super) fn bind(path: &Path, mode: u32, listen: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<Self> {
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
        // What cannot be removed, the next server finds stale.
        let Ok(_lock) = LockFile::beside(&self.path) else { return };
        if fs::symlink_metadata(&self.path).is_ok_and(|present| identity(&present) == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// A directory in which the file is made. It is removed when this is dropped.
struct Making {
    directory: PathBuf,
    path: PathBuf,
}

impl Making {
    fn beside(path: &Path, name: &OsStr) -> io::Result<Self> {
        // As short as can be: a socket's path has some 100 bytes.
        let directory = path.with_file_name(format!(".{:06x}", random() & 0x00ff_ffff));
        DirBuilder::new().mode(0o700).create(&directory)?;
        Ok(Self { path: directory.join(name), directory })
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        // Where it is moved there is none.
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_dir(&self.directory);
    }
}

/// Whether a socket may be put there.
fn check_place(path: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !kind.is_socket() {
        return Err(io::Error::new(ErrorKind::AlreadyExists, "a file that is no socket is there"));
    }
    match knock(path) {
        // Nobody listens: whoever did has ended.
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(()),
        // It listens, or has so much to do that it would rather be left alone.
        Ok(()) => Err(ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Err(ErrorKind::AddrInUse.into()),
        Err(error) => Err(error),
    }
}

fn knock(path: &Path) -> io::Result<()> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.connect(&SockAddr::unix(path)?)
}

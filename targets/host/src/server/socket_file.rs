//! The file that a Unix socket is found by.

use std::fs::{self, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};

/// The file of a socket of ours, removed when this is dropped.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and number, so that a file that somebody else has put there meanwhile stays.
    identity: Option<(u64, u64)>,
}

impl SocketFile {
    /// Lets `bind` make the file at `path` and gives it its mode. A file that a server left behind
    /// makes room; one that a server listens on, or that is no socket, does not.
    pub(super) fn bind(path: &Path, mode: u32, bind: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<Self> {
        make_room(path)?;
        bind(path)?;
        let mut file = Self { path: path.to_owned(), identity: None };
        file.identity = fs::symlink_metadata(path).ok().as_ref().map(identity);
        fs::set_permissions(path, Permissions::from_mode(mode))?;
        Ok(file)
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let present = fs::symlink_metadata(&self.path).ok().as_ref().map(identity);
        if present.is_some() && present == self.identity {
            // What cannot be removed, the next server finds stale.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn make_room(path: &Path) -> io::Result<()> {
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
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
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

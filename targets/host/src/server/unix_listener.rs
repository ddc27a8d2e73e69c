//! A listening Unix socket.

use std::io;
use std::path::Path;

use mio::event::Source;
use mio::net::UnixStream;
use socket2::{Domain, SockAddr, Socket, Type};

use super::socket_file::SocketFile;

/// The largest number of connections that wait to be accepted. The system may set a lower limit.
const BACKLOG: i32 = 128;

/// A listening Unix socket and its file.
#[derive(Debug)]
pub(super) struct UnixListener {
    socket: mio::net::UnixListener,
    /// Removes the file when the listener is dropped.
    _file: Option<SocketFile>,
}

impl UnixListener {
    /// Listens at `path`, with a file of the given mode.
    pub(super) fn bind(path: &Path, mode: u32) -> io::Result<Self> {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        let listen = |path: &Path| {
            socket.bind(&SockAddr::unix(path)?)?;
            socket.listen(BACKLOG)
        };
        let file = SocketFile::bind(path, mode, listen)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket: mio::net::UnixListener::from_std(socket.into()), _file: Some(file) })
    }

    /// Uses a socket that listens already, and whose file belongs to another process.
    #[cfg(all(feature = "systemd", target_os = "linux"))]
    pub(super) fn from_std(socket: std::os::unix::net::UnixListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self { socket: mio::net::UnixListener::from_std(socket), _file: None })
    }

    /// Returns the socket to watch.
    pub(super) const fn source(&mut self) -> &mut dyn Source {
        &mut self.socket
    }

    pub(super) fn accept(&self) -> io::Result<UnixStream> {
        self.socket.accept().map(|(stream, _)| stream)
    }
}

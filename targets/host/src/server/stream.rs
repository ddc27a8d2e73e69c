//! A connected stream socket of any family, as the event loop uses it, with TLS or without.

use std::io::{self, Read, Write};
use std::net::Shutdown;

use mio::event::Source;
use mio::net::TcpStream;
#[cfg(unix)]
use mio::net::UnixStream;
use mio::{Interest, Registry, Token};
use socket2::SockRef;

#[cfg(feature = "tls")]
use super::secure::Secure;

/// The system reports the next event of a socket only after an operation on it found nothing to do.
///
/// This is so on Windows. Other systems report an event whenever bytes arrive.
pub(super) const ONE_SHOT: bool = cfg!(windows);

/// What a connection waits for while its client does not read.
///
/// Windows would report the bytes that wait to be read again and again.
pub(super) const BLOCKED: Interest =
    if cfg!(windows) { Interest::WRITABLE } else { Interest::READABLE.add(Interest::WRITABLE) };

/// A connected stream socket that does not block.
#[derive(Debug)]
pub(super) struct Stream {
    socket: Socket,
    #[cfg(feature = "tls")]
    secure: Option<Box<Secure>>,
}

/// A connected stream socket in the clear.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl From<Socket> for Stream {
    fn from(socket: Socket) -> Self {
        Self {
            socket,
            #[cfg(feature = "tls")]
            secure: None,
        }
    }
}

impl Stream {
    /// Returns the socket, for its options.
    pub(super) fn socket(&self) -> SockRef<'_> {
        match &self.socket {
            Socket::Tcp(stream) => stream.into(),
            #[cfg(unix)]
            Socket::Unix(stream) => stream.into(),
        }
    }

    /// Returns whether a read that was shorter than its buffer has emptied the socket.
    ///
    /// Inside TLS only an error of the kind `WouldBlock` states that nothing waits, neither in the socket nor opened.
    pub(super) const fn tells_by_length(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.secure.is_none();
        #[cfg(not(feature = "tls"))]
        true
    }

    /// Returns whether sealed bytes wait to be sent. [`flush`](Write::flush) sends them.
    pub(super) fn has_unsent(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.secure.as_ref().is_some_and(|secure| secure.has_unsent());
        #[cfg(not(feature = "tls"))]
        false
    }

    /// Returns whether a handshake is not done, or sealed bytes wait to be sent.
    pub(super) fn is_busy(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.has_unsent() || self.secure.as_ref().is_some_and(|secure| secure.is_handshaking());
        #[cfg(not(feature = "tls"))]
        false
    }

    /// Returns the layer of TLS, if it has begun.
    #[cfg(feature = "tls")]
    pub(super) const fn secure(&mut self) -> &mut Option<Box<Secure>> {
        &mut self.secure
    }
}

impl Drop for Stream {
    /// Ends the connection for its client, too. Closing alone does so only when no child process has the socket.
    fn drop(&mut self) {
        #[cfg(feature = "tls")]
        if let Some(secure) = &mut self.secure {
            secure.close(&mut self.socket);
        }
        // The client may have closed it.
        let _ = self.socket().shutdown(Shutdown::Both);
    }
}

impl Read for Stream {
    /// Inside TLS, an error of the kind `Interrupted` states that more may be read at once.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        #[cfg(feature = "tls")]
        if let Some(secure) = &mut self.secure {
            return secure.read(&mut self.socket, into);
        }
        self.socket.read(into)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(feature = "tls")]
        if let Some(secure) = &mut self.secure {
            return secure.write(&mut self.socket, bytes);
        }
        self.socket.write(bytes)
    }

    /// Sends the sealed bytes that wait. Sockets have no buffer to flush.
    fn flush(&mut self) -> io::Result<()> {
        #[cfg(feature = "tls")]
        if let Some(secure) = &mut self.secure {
            return secure.flush(&mut self.socket);
        }
        Ok(())
    }
}

impl Socket {
    fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(stream) => stream,
            #[cfg(unix)]
            Self::Unix(stream) => stream,
        }
    }
}

impl Read for Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into),
            #[cfg(unix)]
            Self::Unix(stream) => stream.read(into),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            #[cfg(unix)]
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Source for Stream {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.socket.source().register(registry, token, interest)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.socket.source().reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.socket.source().deregister(registry)
    }
}

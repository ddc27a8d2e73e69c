//! The socket, in the clear or inside TLS.

use std::io::{self, Read, Write};

use std::sync::Arc;

use mio::net::TcpStream;
use rustls::ClientConnection;

/// A socket that does not block.
pub enum Carrier {
    /// In the clear. The second handle sends.
    Plain(TcpStream, Arc<std::net::TcpStream>),
    /// Inside TLS.
    Tls(Box<(ClientConnection, TcpStream)>),
}

impl Carrier {
    /// Returns the socket, to wait for it.
    pub fn socket(&mut self) -> &mut TcpStream {
        match self {
            Self::Plain(socket, _) => socket,
            Self::Tls(both) => &mut both.1,
        }
    }

    /// Returns what sends without the lock of the connection. Inside TLS there is nothing.
    pub fn direct(&self) -> Option<Arc<std::net::TcpStream>> {
        match self {
            Self::Plain(_, socket) => Some(Arc::clone(socket)),
            Self::Tls(_) => None,
        }
    }

    /// Reads, or returns `WouldBlock`. 0 is the end.
    pub fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket, _) => socket.read(into),
            Self::Tls(both) => {
                let (tls, socket) = &mut **both;
                loop {
                    match tls.reader().read(into) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        other => return other,
                    }
                    if tls.read_tls(socket)? == 0 {
                        return Ok(0);
                    }
                    tls.process_new_packets().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                }
            }
        }
    }

    /// Writes what the socket takes now, or returns `WouldBlock`.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket, _) => socket.write(bytes),
            Self::Tls(both) => {
                let (tls, socket) = &mut **both;
                // What TLS has taken before goes first. It takes a bounded number of bytes.
                while tls.wants_write() {
                    tls.write_tls(socket)?;
                }
                let taken = tls.writer().write(bytes)?;
                while tls.wants_write() {
                    match tls.write_tls(socket) {
                        Ok(_) => {}
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                        Err(error) => return Err(error),
                    }
                }
                Ok(taken)
            }
        }
    }

    /// Writes what TLS has taken and the socket has not, or returns `WouldBlock`.
    pub fn flush(&mut self) -> io::Result<()> {
        if let Self::Tls(both) = self {
            let (tls, socket) = &mut **both;
            while tls.wants_write() {
                tls.write_tls(socket)?;
            }
        }
        Ok(())
    }
}

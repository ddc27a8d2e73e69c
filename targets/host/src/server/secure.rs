//! TLS on a connection of a server. It never blocks, and never hides opened bytes from the event loop.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};

use super::stream::Socket;
use crate::Certificate;
use crate::tls::{Side, explain};

/// Bytes that are sealed at once: four records. A reply is sealed in parts, as the client takes them.
const PART: usize = 4 * 16_384;

/// The layer of TLS between a connection and its socket.
#[derive(Debug)]
pub(super) struct Secure {
    connection: ServerConnection,
    /// The end of the handshake was reported.
    reported: bool,
    /// What ended the session.
    failure: Option<String>,
}

impl Secure {
    pub(super) fn new(config: &Arc<ServerConfig>) -> Result<Self, rustls::Error> {
        Ok(Self { connection: ServerConnection::new(Arc::clone(config))?, reported: false, failure: None })
    }

    pub(super) fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    pub(super) fn has_unsent(&self) -> bool {
        self.connection.wants_write()
    }

    /// Returns the certificate of the client, once, when the handshake is done.
    pub(super) fn take_client(&mut self) -> Option<Option<Certificate>> {
        if self.reported || self.is_handshaking() {
            return None;
        }
        self.reported = true;
        let certificate = self.connection.peer_certificates().and_then(<[_]>::first);
        Some(certificate.map(|certificate| Certificate::new(certificate.clone().into_owned())))
    }

    /// Returns what ended the session, once.
    pub(super) const fn take_failure(&mut self) -> Option<String> {
        self.failure.take()
    }

    /// Reads opened bytes. Returns 0 at the end of the session.
    ///
    /// Reads the socket once at most. When that opened nothing, the error has the kind `Interrupted`: try again, after
    /// other clients. `WouldBlock` states that nothing waits.
    pub(super) fn read(&mut self, socket: &mut Socket, into: &mut [u8]) -> io::Result<usize> {
        match self.connection.reader().read(into) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            result => return result,
        }
        if self.connection.read_tls(socket)? == 0 && self.is_handshaking() {
            self.failure = Some("the client closed the connection in the handshake; look at its log".into());
            return Err(ErrorKind::InvalidData.into());
        }
        if let Err(error) = self.connection.process_new_packets() {
            self.failure = Some(explain(&error, Side::Server));
            // The alert states what was wrong. The client may be gone.
            let _ = self.flush(socket);
            return Err(ErrorKind::InvalidData.into());
        }
        // What does not fit now is sent when the socket has room.
        match self.flush(socket) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
        match self.connection.reader().read(into) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Err(ErrorKind::Interrupted.into()),
            result => result,
        }
    }

    /// Seals bytes and sends what the socket takes. Returns the number of bytes that were sealed.
    pub(super) fn write(&mut self, socket: &mut Socket, bytes: &[u8]) -> io::Result<usize> {
        self.flush(socket)?;
        let length = self.connection.writer().write(bytes.get(..PART).unwrap_or(bytes))?;
        match self.flush(socket) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
            _ => Ok(length),
        }
    }

    /// Sends the sealed bytes that wait. Fails with `WouldBlock` when the socket does not take all.
    pub(super) fn flush(&mut self, socket: &mut Socket) -> io::Result<()> {
        while self.connection.wants_write() {
            if self.connection.write_tls(socket)? == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// Ends the session before the socket is closed, with close_notify if there was no error.
    pub(super) fn close(&mut self, socket: &mut Socket) {
        self.connection.send_close_notify();
        // The client may be gone.
        let _ = self.flush(socket);
    }
}

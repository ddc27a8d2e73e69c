//! The TLS session of a client, between its framing and its socket.

use std::io::{self, ErrorKind, Read, Write};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustls::ClientConnection;

use super::{Side, failed};

/// Bytes that one system call can receive: a whole TLS record.
const ROOM: usize = 16_384 + 512;

/// A session whose handshake is done. The threads of a shared client seal and open at the same time.
#[derive(Debug)]
pub(crate) struct Session(Mutex<State>);

#[derive(Debug)]
struct State {
    connection: ClientConnection,
    /// Sealed bytes could not be sent, so the peer can open nothing that follows.
    broken: bool,
}

/// What arrived on a socket, and is still sealed.
#[derive(Debug)]
pub(crate) struct Opener {
    buffer: Box<[u8]>,
    held: Range<usize>,
    /// The peer has closed the connection.
    ended: bool,
}

impl Opener {
    pub(crate) fn new() -> Self {
        Self { buffer: vec![0; ROOM].into_boxed_slice(), held: 0..0, ended: false }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.held.start >= self.held.end
    }

    /// Receives bytes by `receive`. Call it when [no](Self::is_empty) bytes are held. Returns their number.
    pub(super) fn fill(&mut self, receive: impl FnOnce(&mut [u8]) -> io::Result<usize>) -> io::Result<usize> {
        let length = receive(&mut self.buffer)?;
        self.held = 0..length;
        self.ended = length == 0;
        Ok(length)
    }

    /// Passes held bytes to a connection, as many as it takes at once, or the end of the stream.
    pub(super) fn pass_to(&mut self, connection: &mut ClientConnection) -> io::Result<()> {
        let mut held = self.buffer.get(self.held.clone()).unwrap_or_default();
        self.held.start += connection.read_tls(&mut held)?;
        connection.process_new_packets().map_err(|error| failed(&error, Side::Client))?;
        Ok(())
    }
}

impl Session {
    pub(super) fn new(connection: ClientConnection) -> Self {
        Self(Mutex::new(State { connection, broken: false }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seals a frame. Returns the bytes to send, which must be sent in the order in which they were sealed.
    ///
    /// # Errors
    /// When earlier bytes could not be sent.
    pub(crate) fn seal(&self, frame: &[u8]) -> io::Result<Vec<u8>> {
        let mut state = self.lock();
        if state.broken {
            return Err(io::Error::new(ErrorKind::BrokenPipe, "an earlier call was sent in part; connect again"));
        }
        // The connection has no limit for what it seals.
        state.connection.writer().write_all(frame)?;
        unsent(&mut state.connection)
    }

    /// Notes that sealed bytes were not sent. Nothing can be sent after that.
    pub(crate) fn break_off(&self) {
        self.lock().broken = true;
    }

    /// Opens what arrived, and receives more by `receive` if that is not enough.
    ///
    /// Returns the number of opened bytes, 0 at the end of the session, and `None` when more must be received.
    ///
    /// # Errors
    /// Those of `receive`. [`ErrorKind::UnexpectedEof`] when the stream was cut. [`ErrorKind::InvalidData`] when the
    /// peer refuses the client, or sends bytes that it did not seal.
    pub(crate) fn receive(
        &self,
        opener: &mut Opener,
        into: &mut [u8],
        receive: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<Option<usize>> {
        if let Some(length) = self.open(opener, into)? {
            return Ok(Some(length));
        }
        // Without the lock: other threads seal meanwhile.
        opener.fill(receive)?;
        self.open(opener, into)
    }

    fn open(&self, opener: &mut Opener, into: &mut [u8]) -> io::Result<Option<usize>> {
        let State { connection, .. } = &mut *self.lock();
        loop {
            match connection.reader().read(into) {
                Ok(length) => return Ok(Some(length)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(cut()),
                Err(error) => return Err(error),
            }
            if opener.is_empty() && !opener.ended {
                return Ok(None);
            }
            opener.pass_to(connection)?;
        }
    }

    /// Returns the bytes to send before the socket is closed: the alert that ends the session, close_notify if there
    /// was no error.
    pub(crate) fn farewell(&self) -> Vec<u8> {
        let mut state = self.lock();
        if state.broken {
            return Vec::new();
        }
        state.broken = true;
        state.connection.send_close_notify();
        unsent(&mut state.connection).unwrap_or_default()
    }
}

/// Takes the bytes that a connection has to send.
pub(super) fn unsent(connection: &mut ClientConnection) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut bytes)?;
    }
    Ok(bytes)
}

fn cut() -> io::Error {
    io::Error::new(
        ErrorKind::UnexpectedEof,
        "the connection was cut: it ended without TLS's close_notify; look at the log of the server",
    )
}

//! TCP connections.

use core::net::SocketAddr;
use core::time::Duration;

use embedded_nal::{TcpClientStack, TcpError, TcpErrorKind, TcpFullStack};
use oncilla::framing::Record;
use oncilla::{Clock, Received, Time, Transport};

use super::{ConnectError, ask};

/// A connection, as a transport for a client or a server ([`Link::serve`](oncilla::Link::serve)).
///
/// `S` is the stack, or `&mut` to it. Dropping the transport closes the connection.
pub struct Tcp<S: TcpClientStack, C> {
    stack: S,
    /// `None` only after it is closed.
    socket: Option<S::TcpSocket>,
    clock: C,
    peer: SocketAddr,
    send_timeout: Option<Duration>,
}

impl<S: TcpClientStack, C: Clock> Tcp<S, C> {
    /// Connects to `host`. Waits until `deadline` at most.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(
        mut stack: S,
        host: SocketAddr,
        mut clock: C,
        deadline: Time,
    ) -> Result<Self, ConnectError<S::Error>> {
        let mut socket = stack.socket().map_err(ConnectError::Stack)?;
        let connected = ask(&mut clock, deadline, || stack.connect(&mut socket, host));
        let connection = Self { stack, socket: Some(socket), clock, peer: host, send_timeout: None };
        match connected {
            Ok(Some(())) => Ok(connection),
            Ok(None) => Err(ConnectError::TimedOut),
            Err(error) => Err(ConnectError::Stack(error)),
        }
    }

    /// Limits how long the stack may take to accept a message, whatever its deadline. There is no limit at first.
    ///
    /// A message that the stack has not accepted by then is not sent completely, which the link reports as
    /// [`LinkError::Unsent`](oncilla::LinkError::Unsent).
    ///
    /// A server should have a limit. [`Link::serve`](oncilla::Link::serve) and similar functions send replies without
    /// a deadline, so a client that does not read, or has vanished, would stop the server for as long as the stack
    /// waits.
    pub fn set_send_timeout(&mut self, timeout: Option<Duration>) {
        self.send_timeout = timeout;
    }
}

impl<S: TcpClientStack, C> Drop for Tcp<S, C> {
    fn drop(&mut self) {
        if let Some(socket) = self.socket.take() {
            // No caller is left to receive an error.
            let _ = self.stack.close(socket);
        }
    }
}

impl<S: TcpClientStack, C: Clock> Transport for Tcp<S, C> {
    type Error = S::Error;
    type Framing = Record;

    fn now(&mut self) -> Time {
        self.clock.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        Some(self.peer)
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, S::Error> {
        let Self { stack, socket: Some(socket), clock, .. } = self else { return Ok(Received::End) };
        match ask(clock, deadline, || stack.receive(socket, into)) {
            Ok(Some(0)) => Ok(Received::End),
            Ok(Some(length)) => Ok(Received::Bytes(length)),
            Ok(None) => Ok(Received::TimeUp),
            Err(error) if error.kind() == TcpErrorKind::PipeClosed => Ok(Received::End),
            Err(error) => Err(error),
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, S::Error> {
        let Self { stack, socket: Some(socket), clock, send_timeout, .. } = self else { return Ok(0) };
        let deadline = send_timeout.map_or(deadline, |timeout| clock.now().after(timeout).min(deadline));
        let mut rest = frame;
        while !rest.is_empty() {
            match ask(clock, deadline, || stack.send(socket, rest))? {
                // If a stack reports more bytes than it was passed, it counts as having taken all.
                Some(sent) if sent > 0 => rest = rest.get(sent..).unwrap_or_default(),
                _ => break,
            }
        }
        Ok(frame.len().saturating_sub(rest.len()))
    }
}

/// A port on which connections are accepted. Dropping it closes the port.
pub struct Listener<S: TcpFullStack> {
    stack: S,
    /// `None` only after it is closed.
    socket: Option<S::TcpSocket>,
}

impl<S: TcpFullStack> Listener<S> {
    /// Listens on a port.
    ///
    /// # Errors
    /// The stack's error.
    pub fn new(mut stack: S, port: u16) -> Result<Self, S::Error> {
        let mut socket = stack.socket()?;
        let listening = stack.bind(&mut socket, port).and_then(|()| stack.listen(&mut socket));
        let listener = Self { stack, socket: Some(socket) };
        listening.map(|()| listener)
    }

    /// Waits for a connection until `deadline` at most.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn accept<C: Clock>(&mut self, mut clock: C, deadline: Time) -> Result<Tcp<&mut S, C>, ConnectError<S::Error>> {
        let Self { stack, socket: Some(socket) } = self else { return Err(ConnectError::TimedOut) };
        match ask(&mut clock, deadline, || stack.accept(socket)) {
            Ok(Some((socket, peer))) => Ok(Tcp { stack, socket: Some(socket), clock, peer, send_timeout: None }),
            Ok(None) => Err(ConnectError::TimedOut),
            Err(error) => Err(ConnectError::Stack(error)),
        }
    }
}

impl<S: TcpFullStack> Drop for Listener<S> {
    fn drop(&mut self) {
        if let Some(socket) = self.socket.take() {
            // No caller is left to receive an error.
            let _ = self.stack.close(socket);
        }
    }
}

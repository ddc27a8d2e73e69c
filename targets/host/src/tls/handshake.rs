//! How a client begins TLS: the probe, then the handshake.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oncilla::Time;
use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use socket2::Socket;

use super::session::unsent;
use super::{Opener, Session, Side, TlsClient, TlsError, explain, probe};
use crate::Error;
use crate::connect::random;
use crate::waiting::{self, Waiting};

/// The largest reply to a probe that is received, in bytes. A verifier has 408 bytes at most.
const REPLY_MAX: usize = 512;

/// A socket on which TLS has begun.
#[derive(Debug)]
pub(crate) struct Secured {
    pub(crate) socket: Socket,
    pub(crate) session: Session,
    pub(crate) opener: Opener,
}

impl TlsClient {
    /// Checks the name of a server.
    pub(crate) fn name(&self, name: &str) -> Result<ServerName<'static>, Error> {
        Ok(ServerName::try_from(name.to_owned()).map_err(|_| TlsError::Name(name.to_owned()))?)
    }

    /// Begins TLS on a connected stream, until `deadline`. `None` is no deadline.
    pub(crate) fn secure(
        &self,
        stream: TcpStream,
        name: ServerName<'static>,
        deadline: Option<Instant>,
    ) -> Result<Secured, Error> {
        let to = stream.peer_addr().map_or_else(|_| "the server".to_owned(), |address| address.to_string());
        Wire::new(stream.into(), deadline).begin(self, name).map_err(|failure| failure.at(to))
    }
}

/// Why TLS did not begin.
enum Failure {
    NotOffered(String),
    Tls(rustls::Error),
    /// The connection failed in this part.
    Io(&'static str, io::Error),
}

impl Failure {
    fn at(self, to: String) -> Error {
        match self {
            Self::NotOffered(answer) => TlsError::NotOffered { to, answer }.into(),
            Self::Tls(error) => TlsError::Handshake { to, problem: explain(&error, Side::Client) }.into(),
            Self::Io("the probe", error) if error.kind() == ErrorKind::UnexpectedEof => {
                TlsError::NotOffered { to, answer: "it closed the connection at the probe".into() }.into()
            }
            Self::Io(what, error) => {
                let problem = match error.kind() {
                    ErrorKind::TimedOut => {
                        format!("{what} took longer than the connect time-out; check that the server is alive")
                    }
                    ErrorKind::UnexpectedEof => format!(
                        "the server closed the connection in {what}; look at its log: \
                         it may require a client certificate, or refuse this one"
                    ),
                    _ => format!("{what}: {error}"),
                };
                TlsError::Handshake { to, problem }.into()
            }
        }
    }
}

/// A socket in the clear, with a deadline.
struct Wire {
    socket: Socket,
    waiting: Waiting,
    deadline: Time,
}

impl Wire {
    fn new(socket: Socket, deadline: Option<Instant>) -> Self {
        let waiting = Waiting::on(&socket);
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let deadline = deadline.map_or(Time::NEVER, |deadline| waiting.clock.now().after(left(deadline)));
        Self { socket, waiting, deadline }
    }

    fn begin(mut self, tls: &TlsClient, name: ServerName<'static>) -> Result<Secured, Failure> {
        self.probe(tls)?;
        let connection = ClientConnection::new(Arc::clone(&tls.config), name).map_err(Failure::Tls)?;
        let (session, opener) = self.shake_hands(connection)?;
        Ok(Secured { socket: self.socket, session, opener })
    }

    /// Asks the server to begin TLS. Receives no byte after its reply.
    fn probe(&mut self, tls: &TlsClient) -> Result<(), Failure> {
        let io = |error| Failure::Io("the probe", error);
        let xid = random();
        let message = probe::write(xid, tls.null());
        let mark = 0x8000_0000 | probe::PROBE as u32;
        self.send(&[&mark.to_be_bytes()[..], &message].concat()).map_err(io)?;
        let reply = self.record().map_err(io)?;
        probe::check(xid, &reply).map_err(Failure::NotOffered)
    }

    /// Receives a record, of any number of fragments (RFC 5531 §11).
    fn record(&mut self) -> io::Result<Vec<u8>> {
        let mut record = Vec::new();
        loop {
            let mut mark = [0; 4];
            self.receive_all(&mut mark)?;
            let mark = u32::from_be_bytes(mark);
            let length = (mark & 0x7fff_ffff) as usize;
            let begin = record.len();
            if length > REPLY_MAX - begin || length == 0 && mark >> 31 == 0 {
                return Err(io::Error::other("the reply to the probe is not a record of RPC; check the port"));
            }
            record.resize(begin + length, 0);
            self.receive_all(record.get_mut(begin..).unwrap_or_default())?;
            if mark >> 31 == 1 {
                return Ok(record);
            }
        }
    }

    fn shake_hands(&mut self, mut connection: ClientConnection) -> Result<(Session, Opener), Failure> {
        let io = |error| Failure::Io("the handshake", error);
        connection.set_buffer_limit(None);
        let mut opener = Opener::new();
        loop {
            let bytes = unsent(&mut connection).map_err(io)?;
            self.send(&bytes).map_err(io)?;
            if !connection.is_handshaking() {
                return Ok((Session::new(connection), opener));
            }
            let received = opener.fill(|room| self.receive(room)).map_err(io)?;
            if received == 0 {
                return Err(io(ErrorKind::UnexpectedEof.into()));
            }
            while !opener.is_empty() && connection.is_handshaking() {
                if let Err(error) = opener.pass_to(&mut connection) {
                    return Err(self.refuse(connection, error));
                }
            }
        }
    }

    /// Sends the alert for an error.
    fn refuse(&mut self, mut connection: ClientConnection, error: io::Error) -> Failure {
        let alert = unsent(&mut connection).unwrap_or_default();
        let _ = waiting::send(&self.socket, &alert, waiting::NOW);
        // The connection reports the error again, in full.
        match connection.process_new_packets() {
            Err(error) => Failure::Tls(error),
            Ok(_) => Failure::Io("the handshake", error),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.waiting.send(&self.socket, bytes, self.deadline)? {
            sent if sent < bytes.len() => Err(ErrorKind::TimedOut.into()),
            _ => Ok(()),
        }
    }

    /// Receives some bytes. Returns 0 at the end of the stream.
    fn receive(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Self { socket, waiting, deadline } = self;
        let received = waiting.receive(&*socket, *deadline, |flags| waiting::receive(socket, into, flags).map(Some))?;
        received.ok_or_else(|| ErrorKind::TimedOut.into())
    }

    fn receive_all(&mut self, into: &mut [u8]) -> io::Result<()> {
        let mut received = 0;
        while let Some(rest) = into.get_mut(received..).filter(|rest| !rest.is_empty()) {
            match self.receive(rest)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                length => received += length,
            }
        }
        Ok(())
    }
}

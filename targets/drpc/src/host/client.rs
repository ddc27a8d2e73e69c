//! A client on a Unix socket.

use std::borrow::ToOwned;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};
use std::vec::Vec;

use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{CallError, Caller, ProcedureId, Refusal, Writer};
use socket2::{SockAddr, Socket};

use super::Error;
use super::packets::{PACKET_MAX, Packets, Receiver, Refused, packet_room, prepare, receive, socket};
use crate::wire::{NOT_UNDERSTOOD, call_header};
use crate::{Call, HEADER_MAX, Modules, Response};

/// Calls a server of dRPC, one call at a time.
///
/// The clients that [`program!`](oncilla::program) generates call by it, since it is a [`Caller`]; [`Modules`] states which
/// module and method each procedure is. [`call_method`](Self::call_method) calls without an interface.
///
/// A call that timed out may be called again: its late response is recognized by its number and dropped. After every
/// other error of the connection, connect again.
///
/// # As a caller
///
/// | status | what the caller returns |
/// |---|---|
/// | SUCCESS | the results |
/// | SUBMITTED | results without bytes, which only a procedure without results can have |
/// | UNKNOWN_MODULE | [`Refusal::ProgramUnavailable`]; also, and nothing is sent, if the program is no module |
/// | UNKNOWN_METHOD | [`Refusal::ProcedureUnavailable`] |
/// | FAILED_UNMARSHAL_CALL, FAILED_UNMARSHAL_PAYLOAD | [`Refusal::GarbageArguments`] |
/// | FAILURE, FAILED_MARSHAL and others | [`Refusal::SystemError`] |
///
/// dRPC answers every call, so [`cast`](Caller::cast) waits for the status, and returns a refusal as
/// [`call`](Caller::call) does.
#[derive(Debug)]
pub struct Client {
    socket: Socket,
    modules: Modules,
    packets: Packets,
    limit: usize,
    timeout: Duration,
    receiver: Receiver,
    /// Room for a packet that is received.
    packet: Vec<u8>,
    /// The last response.
    response: Vec<u8>,
    /// Room for a call: its header ends, and its body begins, at [`HEADER_MAX`].
    message: Vec<u8>,
    /// The number of the last call.
    sequence: i64,
    /// The number of the last call that was answered.
    answered: i64,
    /// Whether the connection cannot be used any more.
    broken: bool,
}

impl Client {
    /// Connects to the server at `path`.
    ///
    /// A call has a time-out of ten seconds, and messages have at most 128 KiB, one in a packet without a header.
    ///
    /// # Errors
    /// [`Error::Connect`].
    pub fn connect(path: impl AsRef<Path>, modules: Modules) -> Result<Self, Error> {
        let path = path.as_ref();
        let connect = || {
            let socket = socket()?;
            socket.connect(&SockAddr::unix(path)?)?;
            Ok(socket)
        };
        let socket = connect().map_err(|source| Error::Connect { path: path.to_owned(), source })?;
        prepare(&socket);
        Ok(Self {
            socket,
            modules,
            packets: Packets::Whole,
            limit: PACKET_MAX,
            timeout: Duration::from_secs(10),
            receiver: Receiver::new(Packets::Whole, PACKET_MAX),
            packet: packet_room(),
            response: Vec::new(),
            message: std::vec![0; HEADER_MAX + PACKET_MAX],
            sequence: 0,
            answered: 0,
            broken: false,
        })
    }

    /// Sets how messages are put in packets, and their largest size in bytes. The default is [`Packets::Whole`] and
    /// 128 KiB, more than which has an effect only with [`Packets::Chunked`]. The client allocates room for a call of
    /// this size.
    #[must_use]
    pub fn packets(mut self, packets: Packets, message_max: usize) -> Self {
        self.packets = packets;
        self.limit = packets.limit(message_max);
        self.receiver = Receiver::new(packets, self.limit);
        self.message.resize(HEADER_MAX.saturating_add(self.limit), 0);
        self
    }

    /// Sets the time-out of each call. The default is ten seconds.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Calls a method and waits for its response, whatever its status.
    ///
    /// # Errors
    /// [`Error`], if no response to this call came.
    pub fn call_method(&mut self, module: i32, method: i32, body: &[u8]) -> Result<Response<'_>, Error> {
        let Some(room) = self.message.get_mut(HEADER_MAX..).and_then(|room| room.get_mut(..body.len())) else {
            return Err(Error::TooLarge { size: body.len(), limit: self.limit });
        };
        room.copy_from_slice(body);
        self.exchange(module, method, body.len())
    }

    /// Makes a call whose body of `length` bytes is in its place in `message`.
    fn exchange(&mut self, module: i32, method: i32, length: usize) -> Result<Response<'_>, Error> {
        if self.broken {
            return Err(Error::Broken);
        }
        let sequence = self.sequence.wrapping_add(1);
        let mut header = [0; HEADER_MAX];
        let size = call_header(&Call { module, method, sequence, body: &[] }, length, &mut header).unwrap_or_default();
        let (limit, size_of_all) = (self.limit, size.saturating_add(length));
        if size_of_all > limit {
            return Err(Error::TooLarge { size: size_of_all, limit });
        }
        let start = HEADER_MAX - size;
        self.message[start..HEADER_MAX].copy_from_slice(&header[..size]);
        self.sequence = sequence;
        // Without a deadline if the clock has none so late.
        let deadline = Instant::now().checked_add(self.timeout);
        let outcome = self.send(start..HEADER_MAX + length, deadline).and_then(|()| self.await_response(deadline));
        match outcome {
            Ok(()) => Response::parse(&self.response).map_err(|_| Error::Malformed),
            Err(error) => {
                self.broken = !matches!(error, Error::TimedOut { .. });
                Err(error)
            }
        }
    }

    /// Receives responses until that of the present call, which is in `response` then.
    fn await_response(&mut self, deadline: Option<Instant>) -> Result<(), Error> {
        loop {
            self.receive(deadline)?;
            let Response { sequence, .. } = Response::parse(&self.response).map_err(|_| Error::Malformed)?;
            // The response to a call that has timed out.
            let is_late = sequence > self.answered && sequence < self.sequence;
            if sequence == self.sequence || sequence == NOT_UNDERSTOOD {
                self.answered = self.sequence;
                return Ok(());
            } else if is_late {
                self.answered = sequence;
            } else {
                return Err(Error::Sequence { expected: self.sequence, received: sequence });
            }
        }
    }

    /// Sends what is at this place of `message`.
    fn send(&self, place: Range<usize>, deadline: Option<Instant>) -> Result<(), Error> {
        let mut sent = 0;
        loop {
            let left = self.left(deadline)?;
            self.socket.set_write_timeout(left).map_err(Error::Io)?;
            match self.packets.send_from(&self.socket, &self.message[place.clone()], &mut sent) {
                Ok(()) => return Ok(()),
                // After a part of a message no other can follow.
                Err(error) if is_time_up(&error) && sent > 0 => return Err(Error::Io(error)),
                Err(error) if is_time_up(&error) => {}
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Err(Error::Closed),
                Err(error) => return Err(Error::Io(error)),
            }
        }
    }

    /// Receives a message into `response`.
    fn receive(&mut self, deadline: Option<Instant>) -> Result<(), Error> {
        loop {
            let left = self.left(deadline)?;
            self.socket.set_read_timeout(left).map_err(Error::Io)?;
            match receive(&self.socket, &mut self.packet) {
                Ok([]) => return Err(Error::Closed),
                Ok(packet) => {
                    let limit = self.limit;
                    let taken = self.receiver.take(packet).map_err(|refused| match refused {
                        Refused::TooLarge(size) => Error::ResponseTooLarge { size, limit },
                        Refused::Chunk(fault) => Error::Chunk(fault),
                    });
                    if let Some(message) = taken? {
                        self.response.clear();
                        self.response.extend_from_slice(message);
                        return Ok(());
                    }
                }
                Err(error) if is_time_up(&error) => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Err(Error::Closed),
                Err(error) => return Err(Error::Io(error)),
            }
        }
    }

    /// Returns the time until a deadline, which is not 0, or `None` if there is no deadline.
    fn left(&self, deadline: Option<Instant>) -> Result<Option<Duration>, Error> {
        match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
            Some(left) if left.is_zero() => Err(Error::TimedOut { after: self.timeout }),
            left => Ok(left),
        }
    }

    /// Makes a call for a [`Caller`]; returns the body of its response.
    fn execute(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<&[u8], CallError<io::Error>> {
        let (module, method) = self.modules.method(id).ok_or(CallError::Refused(match id.procedure {
            0 => Refusal::ProcedureUnavailable,
            _ => Refusal::ProgramUnavailable,
        }))?;
        let mut writer = Writer::new(&mut self.message[HEADER_MAX..]);
        arguments(&mut writer).map_err(CallError::Arguments)?;
        let length = writer.length();
        let response = self.exchange(module, method, length)?;
        response.status.refusal().map_or(Ok(response.body), |refusal| Err(CallError::Refused(refusal)))
    }
}

/// Returns whether a time-out of the socket has ended what it did.
fn is_time_up(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

impl Caller for Client {
    type Error = io::Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<io::Error>> {
        results(self.execute(id, arguments)?).map_err(CallError::Results)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<io::Error>> {
        self.execute(id, arguments).map(|_| ())
    }
}

//! The client's shell: calls out, replies in.

use core::fmt;
use core::time::Duration;

use crate::codec::Writer;
use crate::link::{Incoming, Link, LinkError, Span};
use crate::message::{CallHeader, OpaqueAuth, ProcedureId, Refusal, Reply, peek};
use crate::time::Time;
use crate::transport::Transport;
use crate::xdr::{DecodeError, EncodeError};

/// Anything that can make calls; the clients that [`program!`](crate::program) generates work on it.
pub trait Caller {
    /// What can go wrong in the transport.
    type Error;

    /// Makes one call and waits for its reply: `arguments` writes the arguments, and may be asked to
    /// do so again when the call is repeated; `results` reads the results, and may borrow from them.
    ///
    /// # Errors
    /// [`CallError`] says who has to act.
    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Self::Error>>;
}

impl<C: Caller> Caller for &mut C {
    type Error = C::Error;

    #[inline]
    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Self::Error>> {
        C::call(self, id, arguments, results)
    }
}

/// A client on a link of its own.
///
/// Every call has a total time-out, [`Client::DEFAULT_TIMEOUT`] unless set otherwise; no call waits
/// for ever unless [`wait_for_ever`](Self::wait_for_ever) asks for it, or the transport has no clock
/// ([`Forever`](crate::Forever)). Replies to other calls, such as late ones, are dropped and do not
/// prolong it.
pub struct Client<T: Transport, B> {
    link: Link<T, B>,
    xid: u32,
    timeout: Option<Duration>,
}

impl<T: Transport, B: AsMut<[u8]>> Client<T, B> {
    /// Five seconds.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

    /// A client on `link` whose first call has the xid `first_xid`; the next has one more, and so on.
    ///
    /// A client that starts again should not start with the same xid, or a server that remembers
    /// its replies may take the new calls for repeated old ones: take a random number, the time, or
    /// a boot counter in the upper bits.
    pub const fn new(link: Link<T, B>, first_xid: u32) -> Self {
        Self { link, xid: first_xid, timeout: Some(Self::DEFAULT_TIMEOUT) }
    }

    /// Sets the total time-out of the calls that follow: sending, waiting and receiving together.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    /// Lets the calls that follow wait for ever.
    pub const fn wait_for_ever(&mut self) {
        self.timeout = None;
    }

    /// The link, for instance to look at its transport.
    pub const fn link(&mut self) -> &mut Link<T, B> {
        &mut self.link
    }

    /// Gives the link back.
    pub fn into_link(self) -> Link<T, B> {
        self.link
    }

    /// Writes the header of the next call and returns its xid and length.
    fn begin(&mut self, id: ProcedureId) -> Result<(u32, usize), CallError<T::Error>> {
        let xid = self.xid;
        self.xid = xid.wrapping_add(1);
        let call = CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
        let room = self.link.room();
        let available = room.len();
        let length = call
            .write(room)
            .ok_or(CallError::Arguments(EncodeError::NoRoom { needed: crate::message::CALL_HEADER, available }))?;
        Ok((xid, length))
    }

    /// Sends what is in the room and waits for the reply to `xid`.
    fn exchange(&mut self, xid: u32, length: usize) -> Result<Span, CallError<T::Error>> {
        let deadline = match self.timeout {
            Some(timeout) => self.link.now().after(timeout),
            None => Time::NEVER,
        };
        self.link.send(length, deadline)?;
        loop {
            match self.link.receive(deadline)? {
                Incoming::Message(span) => {
                    if self.is_reply_to(xid, span) {
                        return Ok(span);
                    }
                }
                Incoming::Oversize(span, size) => {
                    if self.is_reply_to(xid, span) {
                        return Err(CallError::ReplyTooLarge { size });
                    }
                }
                Incoming::TimeUp => {
                    return Err(CallError::TimedOut { after: self.timeout.unwrap_or_default() });
                }
                Incoming::End => return Err(CallError::Closed),
            }
            // Strangers may come faster than they can be dropped, so that the transport never waits.
            if self.link.now() > deadline {
                return Err(CallError::TimedOut { after: self.timeout.unwrap_or_default() });
            }
        }
    }

    fn is_reply_to(&mut self, xid: u32, span: Span) -> bool {
        peek(self.link.message(span)) == Some((xid, true))
    }

    /// The results in the reply.
    fn results(&mut self, span: Span) -> Result<&[u8], CallError<T::Error>> {
        match Reply::parse(self.link.message(span)) {
            Ok(reply) => reply.outcome.map_err(CallError::Refused),
            Err(error) => Err(CallError::Reply(error)),
        }
    }
}

impl<T: Transport, B: AsMut<[u8]>> Caller for Client<T, B> {
    type Error = T::Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<T::Error>> {
        let (xid, header) = self.begin(id)?;
        let mut writer = Writer::new(self.link.room().get_mut(header..).unwrap_or_default());
        arguments(&mut writer).map_err(CallError::Arguments)?;
        let length = header.saturating_add(writer.length());
        let span = self.exchange(xid, length)?;
        results(self.results(span)?).map_err(CallError::Results)
    }
}

/// Why a call gave no results, by who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError<E> {
    /// The message did not go through.
    Link(LinkError<E>),
    /// No reply came in time. The call may or may not have been executed.
    TimedOut {
        /// The total time-out of the call.
        after: Duration,
    },
    /// The other end closed the link before it replied. The call may or may not have been executed.
    Closed,
    /// The server replied that it did not carry out the call, and why.
    Refused(Refusal),
    /// The arguments could not be encoded; nothing was sent.
    Arguments(EncodeError),
    /// The server replied, but the results are not what the interface says.
    Results(DecodeError),
    /// The reply's header is malformed.
    Reply(DecodeError),
    /// The reply is larger than the receive buffer. The call was executed.
    ReplyTooLarge {
        /// Bytes of the reply, before framing.
        size: u32,
    },
}

impl<E> From<LinkError<E>> for CallError<E> {
    fn from(error: LinkError<E>) -> Self {
        Self::Link(error)
    }
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(error) => error.fmt(formatter),
            Self::TimedOut { after } => {
                write!(formatter, "no reply within {after:?}; the call may have been executed or not")
            }
            Self::Closed => formatter
                .write_str("the other end closed the link before it replied; the call may have been executed or not"),
            Self::Refused(refusal) => refusal.fmt(formatter),
            Self::Arguments(error) => write!(formatter, "the arguments were not sent: {error}"),
            Self::Results(error) => write!(formatter, "the results are not what the interface says: {error}"),
            Self::Reply(error) => write!(formatter, "the reply's header is malformed: {error}"),
            Self::ReplyTooLarge { size } => {
                write!(formatter, "the reply of {size} bytes does not fit the receive buffer; lend a larger one")
            }
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for CallError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Link(error) => Some(error),
            Self::Refused(refusal) => Some(refusal),
            Self::Arguments(error) => Some(error),
            Self::Results(error) | Self::Reply(error) => Some(error),
            Self::TimedOut { .. } | Self::Closed | Self::ReplyTooLarge { .. } => None,
        }
    }
}

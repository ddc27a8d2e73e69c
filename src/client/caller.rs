//! What makes calls, and why a call gave no results.

use core::fmt;
use core::time::Duration;

use crate::codec::{Reader, Writer};
use crate::link::LinkError;
use crate::message::{MAX_AUTH_BODY, ProcedureId, Refusal};
use crate::xdr::{DecodeError, EncodeError, Fault};

/// Anything that can make calls; the clients that [`program!`](crate::program) generates work on it.
#[diagnostic::on_unimplemented(
    message = "calls cannot be made on `{Self}`",
    label = "this is not a caller",
    note = "a caller is `&mut` a `Client`, an `Endpoint` or `CallsInFlight`, or what `oncilla-host` connects",
    note = "a `Link` or a transport becomes one: `Client::new(Link::new(transport, rx, tx), first_xid)`"
)]
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

    /// Sends one call and does not wait for a reply (RFC 5531 §8): for procedures that give none.
    ///
    /// # Errors
    /// The arguments could not be encoded, or the call could not be sent.
    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<Self::Error>>;
}

#[diagnostic::do_not_recommend]
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

    #[inline]
    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<Self::Error>> {
        C::cast(self, id, arguments)
    }
}

/// Why a call gave no results, by who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError<E> {
    /// The message did not go through.
    Link(LinkError<E>),
    /// No reply came in time, however often the call was sent. It may or may not have been executed. A reply that
    /// comes later is dropped.
    TimedOut {
        /// The total time-out of the call.
        after: Duration,
        /// Bytes that came during the call, none of which made a whole frame: the two ends may differ in framing or baud
        /// rate. 0 when a whole frame came, or nothing. A frame in the short form that is too large for the receive
        /// buffer is none.
        unframed: u32,
    },
    /// No reply came in time, but what was sent came back: the line echoes, and nobody else answered. It may or may not
    /// have been executed by a peer. An end never executes its own echo where it can tell:
    /// [`Endpoint`](crate::Endpoint) states where. Turn the receiver off while sending, or the terminal's echo. Two ends
    /// with the same boot number, or without boot numbers and with the same xids, look so too.
    Echoed {
        /// The total time-out of the call.
        after: Duration,
    },
    /// The other end has restarted ([`Link::with_boot_number`](crate::Link::with_boot_number)), perhaps before this call
    /// was sent. The call may or may not have been executed, and is not sent again; further calls go to the restarted
    /// end. Each restart is told once.
    Restarted,
    /// The other end closed the link before it replied. The call may or may not have been executed.
    Closed,
    /// The server replied that it did not carry out the call, and why.
    Refused(Refusal),
    /// The arguments could not be encoded; nothing was sent.
    Arguments(EncodeError),
    /// The call is larger than the other end can receive, as it said, and was not executed. It was not sent, or the
    /// other end had not said so then and could not receive it.
    CallTooLarge {
        /// Bytes of the call, before framing.
        size: usize,
        /// Bytes the other end can receive.
        limit: usize,
    },
    /// The server replied, but the results are not what the interface says.
    Results(DecodeError),
    /// The reply's header is malformed.
    Reply(DecodeError),
    /// The reply is larger than the receive buffer, or its results larger than the slot of a call in flight. The call
    /// was executed, and is not sent again. In the short form a server does not execute a call whose largest reply
    /// exceeds the buffer.
    ReplyTooLarge {
        /// Bytes of the reply, before framing.
        size: u32,
    },
    /// As many calls are in flight as there can be; nothing was sent.
    NoSlot {
        /// How many that is.
        slots: usize,
    },
    /// As many procedures run, one within the other, as the endpoint has levels ([`NestedEndpoint`](crate::NestedEndpoint)).
    /// Nothing was sent.
    TooDeep {
        /// How many levels that is.
        levels: usize,
    },
    /// The ticket's call is not there any more: it was kept until its total time-out, and then its slot was given to
    /// a new call. Or the ticket is one of another procedure, or not of these calls in flight.
    UnknownTicket {
        /// The call's transaction number.
        xid: u32,
    },
}

impl<E> CallError<E> {
    /// Whether the server replied that it has not got what was called: the program, this version of it,
    /// or the procedure. The call was not carried out; an older interface may serve instead.
    #[must_use]
    pub const fn is_unserved(&self) -> bool {
        matches!(
            self,
            Self::Refused(
                Refusal::ProgramUnavailable | Refusal::ProgramMismatch { .. } | Refusal::ProcedureUnavailable
            )
        )
    }
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
            Self::TimedOut { after, unframed: 0 } => {
                write!(formatter, "no reply within {after:?}; the call may have been executed or not")
            }
            Self::TimedOut { after, unframed } => write!(
                formatter,
                "no reply within {after:?}: {unframed} bytes came, no whole frame; does the peer use another framing or \
                 baud rate, or is the receive buffer too small? The call may have been executed or not"
            ),
            Self::Echoed { after } => write!(
                formatter,
                "no reply within {after:?}, and the line echoes what is sent; turn the receiver or the terminal's echo off while sending, and let the two ends begin with different numbers"
            ),
            Self::Restarted => formatter.write_str(
                "the other end restarted before it replied; the call may have been executed before that or not",
            ),
            Self::CallTooLarge { size, limit } => {
                write!(formatter, "the call of {size} bytes was not executed: the other end can receive {limit}")
            }
            Self::Closed => formatter
                .write_str("the other end closed the link before it replied; the call may have been executed or not"),
            Self::Refused(refusal) => refusal.fmt(formatter),
            Self::Arguments(error) => write!(formatter, "the arguments were not sent: {error}"),
            Self::Results(error) => write!(formatter, "the results are not what the interface says: {error}"),
            Self::Reply(error) if error.fault == Fault::Bound => write!(
                formatter,
                "the reply's header is malformed: {error}; a verifier has at most {MAX_AUTH_BODY} bytes"
            ),
            Self::Reply(error) => write!(formatter, "the reply's header is malformed: {error}"),
            Self::ReplyTooLarge { size } => {
                write!(formatter, "the reply of {size} bytes does not fit its buffer; lend a larger one")
            }
            Self::NoSlot { slots } => {
                write!(
                    formatter,
                    "all {slots} slots for calls in flight are taken; finish or cancel some, or have more slots"
                )
            }
            Self::TooDeep { levels } => {
                write!(
                    formatter,
                    "a procedure of the innermost of {levels} levels cannot call; give the endpoint more levels, or call when the procedure has returned"
                )
            }
            Self::UnknownTicket { xid } => {
                write!(
                    formatter,
                    "the call {xid:#010x} is not in flight any more; finish calls before their time-out, where they were started"
                )
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
            Self::TimedOut { .. }
            | Self::Echoed { .. }
            | Self::Restarted
            | Self::Closed
            | Self::CallTooLarge { .. }
            | Self::ReplyTooLarge { .. }
            | Self::NoSlot { .. }
            | Self::TooDeep { .. }
            | Self::UnknownTicket { .. } => None,
        }
    }
}

/// Calls procedure 0.
pub fn call_null<C: Caller>(caller: &mut C, program: u32, version: u32) -> Result<(), CallError<C::Error>> {
    let id = ProcedureId { program, version, procedure: 0 };
    caller.call(id, |_| Ok(()), |results| Reader::new(results).finish())
}

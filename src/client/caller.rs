//! What makes calls, and the errors of a call.

use core::fmt;
use core::time::Duration;

use crate::codec::{Reader, Writer};
use crate::link::LinkError;
use crate::message::{MAX_AUTH_BODY, ProcedureId, Refusal};
use crate::xdr::{DecodeError, EncodeError, Fault};

/// Makes calls: a [`Client`](crate::Client), an [`Endpoint`](crate::Endpoint) or
/// [`CallsInFlight`](crate::CallsInFlight).
///
/// The clients that [`program!`](crate::program) generates work on any `Caller`, also on `&mut` one. Code that takes
/// `impl Caller` therefore works on a UART and on a TCP connection:
///
/// ```
/// # oncilla::program! {
/// #     pub mod thermostat = 0x2000_0042, version 1 { fn read(channel: u32) -> i32 = 1; }
/// # }
/// use oncilla::{CallError, Caller};
///
/// fn mean<C: Caller>(caller: &mut C) -> Result<i32, CallError<C::Error>> {
///     let mut thermostat = thermostat::Client::new(caller);
///     Ok((thermostat.read(0)? + thermostat.read(1)?) / 2)
/// }
/// ```
///
/// Implement it to carry calls in another way, for instance to count them or to call a table directly in a test.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot make calls",
    label = "this does not implement `oncilla::Caller`",
    note = "use `&mut` a `Client`, an `Endpoint` or `CallsInFlight`; on a host, `oncilla_host::tcp` connects a `Client`",
    note = "make a client of a transport: `Client::new(Link::new(transport, rx, tx), first_xid)`"
)]
pub trait Caller {
    /// The transport's error.
    type Error;

    /// Makes one call and waits for its reply.
    ///
    /// `arguments` writes the arguments. It runs again for every retransmission, and must write the same bytes each
    /// time. `results` reads the results, and may borrow from them.
    ///
    /// # Errors
    /// [`CallError`]; each variant states what to do next.
    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Self::Error>>;

    /// Makes one call of a procedure that may be executed twice.
    ///
    /// Generated clients use it for the procedures that their interface marks `idempotent`, and for NULL. A caller that
    /// reconnects may send such a call again when its connection was lost. By default it is [`call`](Self::call).
    ///
    /// # Errors
    /// As [`call`](Self::call).
    #[inline]
    fn call_idempotent<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Self::Error>> {
        self.call(id, arguments, results)
    }

    /// Sends one call and does not wait for a reply (RFC 5531 §8).
    ///
    /// For one-way procedures. Success means that the transport took the call, not that it arrived.
    ///
    /// # Errors
    /// [`CallError::Arguments`] when the arguments could not be encoded, [`CallError::CallTooLarge`] when the peer
    /// cannot receive the call, and [`CallError::Link`] when it could not be sent.
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
    fn call_idempotent<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Self::Error>> {
        C::call_idempotent(self, id, arguments, results)
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

/// Why a call has no results, split by who must act.
///
/// - Call again, or ask the peer what happened: [`TimedOut`](Self::TimedOut), [`Restarted`](Self::Restarted).
/// - Reconnect, or repair the transport: [`Closed`](Self::Closed), [`Link`](Self::Link).
/// - Call later, or finish other calls first: [`NoSlot`](Self::NoSlot), [`TooDeep`](Self::TooDeep),
///   [`UnknownTicket`](Self::UnknownTicket).
/// - Correct the program's arguments, buffers or wiring: [`Arguments`](Self::Arguments),
///   [`CallTooLarge`](Self::CallTooLarge), [`ReplyTooLarge`](Self::ReplyTooLarge), [`Echoed`](Self::Echoed).
/// - Ask the server's developer or administrator: [`Refused`](Self::Refused).
/// - Compile both ends from one interface: [`Results`](Self::Results), [`Reply`](Self::Reply).
///
/// `E` is the transport's error.
///
/// ```
/// # oncilla::program! {
/// #     pub mod thermostat = 0x2000_0042, version 1 { fn read(channel: u32) -> i32 = 1; }
/// # }
/// use oncilla::{CallError, Caller};
///
/// /// Reads a channel; returns `None` when the device is too old to have this procedure.
/// fn read<C: Caller>(caller: &mut C, channel: u32) -> Result<Option<i32>, CallError<C::Error>> {
///     let mut thermostat = thermostat::Client::new(caller);
///     match thermostat.read(channel) {
///         Ok(millidegrees) => Ok(Some(millidegrees)),
///         Err(error) if error.is_unserved() => Ok(None),
///         // Nothing changes on the device, so that reading twice does no harm.
///         Err(CallError::TimedOut { .. }) => thermostat.read(channel).map(Some),
///         Err(error) => Err(error),
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError<E> {
    /// The message was not carried: the transport failed, or a buffer is too small.
    ///
    /// The call may have been executed, unless it could not be sent ([`LinkError`] states which). On a serial line,
    /// call again; on a connection, reconnect.
    Link(LinkError<E>),
    /// No reply arrived within the total time-out.
    ///
    /// The call may have been executed. Call again if executing it twice does no harm; otherwise ask the peer what
    /// happened. A late reply is dropped. If it happens always, check the wiring, the address, the baud rate and the
    /// framing.
    TimedOut {
        /// The call's total time-out.
        after: Duration,
        /// Bytes received during the call that were not part of a whole frame.
        ///
        /// More than 0 suggests that the peers differ in framing or baud rate, or that the receive buffer is too small
        /// for a frame in the short form. 0 when nothing or at least one whole frame was received.
        unframed: u32,
    },
    /// No reply arrived in time, but the line echoed the call.
    ///
    /// The call may have been executed by a peer. An endpoint does not execute its own echo where it can recognise it;
    /// [`Endpoint`](crate::Endpoint) states where. Turn the receiver off while sending, or turn off the echo of the
    /// terminal. Two peers with the same boot number, or with the same xids and no boot numbers, cause this error too:
    /// make them differ.
    Echoed {
        /// The call's total time-out.
        after: Duration,
    },
    /// The peer has restarted ([`Link::with_boot_number`](crate::Link::with_boot_number)), perhaps before the call was
    /// sent.
    ///
    /// The call may have been executed, and is not retransmitted. Set up the peer again if it keeps state, then call
    /// again: further calls go to the restarted peer. Each restart is reported once.
    Restarted,
    /// The peer closed the link before it replied.
    ///
    /// The call may have been executed. Reconnect, then decide as for [`TimedOut`](Self::TimedOut).
    Closed,
    /// The server refused the call.
    ///
    /// [`Refusal`] states why and what to do. The call was not executed, except perhaps with
    /// [`Refusal::SystemError`].
    Refused(Refusal),
    /// The arguments could not be encoded, and nothing was sent.
    ///
    /// They are over a bound of the interface, or do not fit the transmit buffer or the slot: correct the arguments,
    /// or size the buffer by `CALL_MAX`.
    Arguments(EncodeError),
    /// The call is larger than the peer can receive, and was not executed.
    ///
    /// Send less, or give the peer a larger receive buffer. The call was not sent, unless the peer reported its limit
    /// only after that.
    CallTooLarge {
        /// Bytes of the call, before framing.
        size: usize,
        /// Bytes that the peer can receive, before framing.
        limit: usize,
    },
    /// The reply arrived, but its results do not match the interface.
    ///
    /// The call was executed. Compile both ends from the same version of the interface.
    Results(DecodeError),
    /// The reply's header is malformed, so whether the call was executed is unknown.
    ///
    /// The peer does not follow RFC 5531, or another program answers: check the address and the peer.
    Reply(DecodeError),
    /// The reply does not fit the receive buffer, or the slot of the call in flight.
    ///
    /// The call was executed, and is not retransmitted. Size the receive buffer by `REPLY_MAX`, and slots by
    /// `SLOT_MAX`. In the short form the server knows the size of this buffer, and does not execute a call whose
    /// largest reply exceeds it.
    ReplyTooLarge {
        /// Bytes of the reply, before framing.
        size: u32,
    },
    /// All slots for calls in flight are taken, and nothing was sent.
    ///
    /// Finish or cancel a call, or poll until one is done; or have more slots.
    NoSlot {
        /// The number of slots.
        slots: usize,
    },
    /// A procedure of the innermost level tried to call the peer ([`NestedEndpoint`](crate::NestedEndpoint)). Nothing
    /// was sent.
    ///
    /// Call after the procedure has returned, or give the endpoint more levels.
    TooDeep {
        /// The number of levels.
        levels: usize,
    },
    /// The ticket's call is no longer in flight here.
    ///
    /// The call was done, its total time-out passed, and its slot was given to a new call; or the ticket belongs to
    /// another procedure, or to other calls in flight. Finish every call before its time-out, on the calls in flight
    /// that started it.
    UnknownTicket {
        /// The call's transaction number.
        xid: u32,
    },
}

impl<E> CallError<E> {
    /// Returns whether the server lacks the program, its version, or the procedure.
    ///
    /// The call was not executed. The server may still serve an older version of the interface
    /// ([`highest_version`](crate::highest_version)).
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
                write!(
                    formatter,
                    "no reply within {after:?}; the call may have been executed: call again if that does no harm"
                )
            }
            Self::TimedOut { after, unframed } => write!(
                formatter,
                "no reply within {after:?}, only {unframed} bytes without a whole frame; check the framing, the baud \
                 rate and the size of the receive buffer; the call may have been executed"
            ),
            Self::Echoed { after } => write!(
                formatter,
                "no reply within {after:?}, and the line echoes what is sent; turn off the receiver while sending, or \
                 the terminal's echo, and give the two peers different boot numbers or first xids; the call may have been \
                 executed"
            ),
            Self::Restarted => formatter.write_str(
                "the peer restarted before it replied; the call may have been executed before that: call again if \
                 that does no harm",
            ),
            Self::CallTooLarge { size, limit } => {
                write!(
                    formatter,
                    "the call of {size} bytes was not executed: the peer can receive {limit}; send less, or enlarge \
                     its receive buffer"
                )
            }
            Self::Closed => formatter
                .write_str("the peer closed the link before it replied; the call may have been executed; reconnect"),
            Self::Refused(refusal) => refusal.fmt(formatter),
            Self::Arguments(error) => write!(formatter, "the call was not sent: {error}"),
            Self::Results(error) => write!(
                formatter,
                "the results do not match the interface: {error}; compile both ends from the same version"
            ),
            Self::Reply(error) if error.fault == Fault::Bound => write!(
                formatter,
                "the reply's header is malformed: {error}; a verifier has at most {MAX_AUTH_BODY} bytes"
            ),
            Self::Reply(error) => {
                write!(formatter, "the reply's header is malformed: {error}; check that the peer speaks ONC RPC")
            }
            Self::ReplyTooLarge { size } => {
                write!(
                    formatter,
                    "the reply of {size} bytes does not fit the receive buffer or the slot; size them by REPLY_MAX \
                     and SLOT_MAX"
                )
            }
            Self::NoSlot { slots } => {
                write!(
                    formatter,
                    "all {slots} slots for calls in flight are taken; finish or cancel a call, or have more slots"
                )
            }
            Self::TooDeep { levels } => {
                write!(
                    formatter,
                    "a procedure of the innermost of {levels} levels cannot call the peer; call after it has returned, \
                     or give the endpoint more levels"
                )
            }
            Self::UnknownTicket { xid } => {
                write!(
                    formatter,
                    "the call {xid:#010x} is not in flight here; finish calls before their time-out, on the calls in \
                     flight that started them"
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

/// Calls procedure 0 (NULL), which every program has.
pub fn call_null<C: Caller>(caller: &mut C, program: u32, version: u32) -> Result<(), CallError<C::Error>> {
    let id = ProcedureId { program, version, procedure: 0 };
    caller.call_idempotent(id, |_| Ok(()), |results| Reader::new(results).finish())
}

//! Client and server at one end of one link.

mod nested;

pub use nested::{Holder, Level, Levels, Nested, NestedEndpoint, NestedParts, Parts, Turn};

use core::time::Duration;

use crate::client::{Anonymous, Authenticate, CallError, Caller, Calling, LinkCaller, Retry};
use crate::codec::Writer;
use crate::framing::Framing;
use crate::link::{Buffers, Link, LinkError, Span, Time, Transport};
use crate::message::ProcedureId;
use crate::server::{Replay, Served, Table};
use crate::xdr::{DecodeError, EncodeError};

/// One end of a link that both calls and is called: firmware that asks its host for the time on the
/// very UART on which the host calls it.
///
/// It is a [`Caller`], as a [`Client`](crate::Client) is, with the same time-outs; while it waits for a
/// reply it answers the calls that come. So two ends that call each other at the same moment both get
/// their replies. A procedure sees the state and not the endpoint, and cannot call in its turn: calls
/// are nested one deep, and the stack that takes is known. What a procedure wants to tell the other end it
/// notes in the state, and the loop around [`serve_next`](Self::serve_next) calls; or the state has a
/// [`NestedEndpoint`](crate::NestedEndpoint), whose procedures can call and which takes more memory.
///
/// Server push is a one-way call in the other direction.
///
/// An end does not read while it sends. Two ends that send to each other at once both get through if each message with
/// its framing fits what the carrier buffers towards the receiver (a Unix socket on Linux holds some 200 kB): the FIFO or the
/// DMA buffer of a UART without flow control loses bytes beyond that, which the retry repairs; a socket blocks, and both
/// calls end in [`LinkError::Unsent`] at their time-out. After that a connection with record marking is out of step
/// ([`LinkError::OutOfStep`]).
///
/// On a serial line that echoes what is sent, its own calls are not executed. Between ends with boot numbers that is
/// certain. On plain [`Cobs`](crate::framing::Cobs), and as long as the peer has not introduced itself, a call is taken
/// for an echo and dropped if it has the xid and the procedure of one that waits here for its reply, or of a one-way call
/// since the last reply. So two ends that serve the same program must begin with different xids: with equal ones, calls of
/// one procedure that cross are dropped at both ends and end in [`CallError::Echoed`]. An echo that comes later than
/// that, and one on record marking, is not seen.
///
/// Time-outs and buffers that are too small are as with a [`Client`](crate::Client), and for what is served as with
/// [`Link::serve_next`]. When the other end restarts and says so ([`Link::with_boot_number`]), the replies remembered
/// for it are forgotten, and whoever waits is told: a call by [`CallError::Restarted`], [`serve_next`](Self::serve_next)
/// by [`Served::Restart`].
///
/// `R` remembers replies, so that a call repeated on a carrier that loses messages is executed once:
/// [`ReplayCache`](crate::ReplayCache), or `()` for none. `A` says who calls.
pub struct Endpoint<S: 'static, T: Transport, B: Buffers, R = (), A = Anonymous> {
    link: Link<T, B>,
    calling: Calling<A>,
    table: &'static Table<S>,
    state: S,
    replay: R,
}

impl<S, T: Transport, B: Buffers> Endpoint<S, T, B> {
    /// An endpoint on `link` that serves `table` for `state`, and whose first call has the xid `first_xid`
    /// ([`Client::new`](crate::Client::new) says how to choose it). Its calls time out after five seconds.
    pub const fn new(link: Link<T, B>, table: &'static Table<S>, state: S, first_xid: u32) -> Self {
        Self { link, calling: Calling::new(first_xid, Duration::from_secs(5)), table, state, replay: () }
    }
}

impl<S, T: Transport, B: Buffers, R: Replay, A: Authenticate> Endpoint<S, T, B, R, A> {
    /// The same endpoint, which remembers replies in `replay`.
    pub fn with_replay<N: Replay>(self, replay: N) -> Endpoint<S, T, B, N, A> {
        let Self { link, calling, table, state, .. } = self;
        Endpoint { link, calling, table, state, replay }
    }

    /// The same endpoint, which says with every call who calls.
    pub fn with_credential<N: Authenticate>(self, identity: N) -> Endpoint<S, T, B, R, N> {
        let Self { link, calling, table, state, replay } = self;
        Endpoint { link, calling: calling.with_identity(identity), table, state, replay }
    }

    /// Sets the total time-out of the calls that follow. A procedure that is answered meanwhile is not
    /// interrupted by it.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.calling.timeout = Some(timeout);
    }

    /// Lets the calls that follow wait for ever.
    pub const fn wait_for_ever(&mut self) {
        self.calling.timeout = None;
    }

    /// Sets when the calls that follow are sent again, on a carrier that can lose messages.
    pub const fn set_retry(&mut self, retry: Retry) {
        self.calling.set_retry(retry);
    }

    /// What the procedures work on.
    pub const fn state(&mut self) -> &mut S {
        &mut self.state
    }

    /// The link, for instance to look at its transport.
    pub const fn link(&mut self) -> &mut Link<T, B> {
        &mut self.link
    }

    /// The memory of replies, for instance to [`forget`](Replay::forget) them when the other end has
    /// restarted.
    pub const fn replay(&mut self) -> &mut R {
        &mut self.replay
    }

    /// Waits until `deadline` for one message and answers it, as [`Link::serve_next`] does.
    ///
    /// # Errors
    /// As of [`Link::serve_next`].
    pub fn serve_next(&mut self, deadline: Time) -> Result<Served, LinkError<T::Error>> {
        self.link.serve_next_once(&mut self.replay, self.table, &mut self.state, deadline)
    }

    /// Serves until the other end closes the link.
    ///
    /// # Errors
    /// As of [`Link::serve_next`].
    pub fn serve(&mut self) -> Result<(), LinkError<T::Error>> {
        while self.serve_next(Time::NEVER)? != Served::End {}
        Ok(())
    }
}

impl<S, T: Transport, B: Buffers, R: Replay, A: Authenticate> Caller for Endpoint<S, T, B, R, A> {
    type Error = T::Error;

    fn call<'c, V>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<V, DecodeError>,
    ) -> Result<V, CallError<T::Error>> {
        let Self { link, calling, table, state, replay } = self;
        link.check_room(table)?;
        if T::Framing::NOISY {
            link.own.call(calling.serial(), id);
        }
        let span = calling.call(link, id, arguments, answering(replay, table, state));
        if let Err(CallError::Restarted) = span {
            replay.forget();
        }
        let span = span?;
        results(calling.results(link, span)?).map_err(CallError::Results)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<T::Error>> {
        if T::Framing::NOISY {
            self.link.own.cast(self.calling.serial(), id);
        }
        self.calling.cast(&mut self.link, id, arguments)
    }
}

impl<S, T: Transport, B: Buffers, R: Replay, A: Authenticate> LinkCaller for Endpoint<S, T, B, R, A> {
    type Transport = T;
    type Buffer = B;
    type Identity = A;

    fn parts(&mut self) -> (&mut Link<T, B>, &mut Calling<A>) {
        (&mut self.link, &mut self.calling)
    }

    fn check(&mut self) -> Result<(), LinkError<T::Error>> {
        self.link.check_room(self.table)
    }

    fn restarted(&mut self) {
        self.replay.forget();
    }

    fn stranger(&mut self, span: Span, deadline: Time) -> Result<(), LinkError<T::Error>> {
        let Self { link, calling, table, state, replay } = self;
        // Polling keeps no deadline, but a carrier that takes nothing must not stop it for ever.
        let deadline = deadline.min(calling.deadline(link));
        link.respond(span, replay, table, state, deadline)
    }
}

type Answered<T> = Result<(), LinkError<<T as Transport>::Error>>;

/// Answers the calls that come while another waits. A closure in `call` would be another type for every procedure, and
/// so would be all the code of the wait.
fn answering<S, T: Transport, B: Buffers, R: Replay>(
    replay: &mut R,
    table: &'static Table<S>,
    state: &mut S,
) -> impl FnMut(&mut Link<T, B>, Span, Time) -> Answered<T> {
    // The carrier may be full while the other end sends too: the call's deadline ends that.
    move |link, span, deadline| link.respond(span, replay, table, state, deadline)
}

//! Endpoints: client and server on one link, or without a link.

pub mod by_parts;
mod direct;
mod nested;

pub use direct::Direct;
pub use nested::{Holder, Level, Levels, Nested, NestedEndpoint, NestedParts, Parts, Turn};

use core::time::Duration;

use crate::client::{Anonymous, Authenticate, CallError, Caller, Calling, LinkCaller, Retry};
use crate::codec::Writer;
use crate::framing::Framing;
use crate::link::{Buffers, Link, LinkError, Span, Time, Transport};
use crate::message::ProcedureId;
use crate::server::{Replay, Served, Table};
use crate::xdr::{DecodeError, EncodeError};

/// A [`Client`](crate::Client) and a server on one link.
///
/// For firmware that asks its host for the time on the UART on which the host calls it. It is a [`Caller`] with the
/// time-outs of a [`Client`](crate::Client). While it waits for a reply, it answers the calls that arrive, so two
/// endpoints that call each other at the same moment both get their replies. A server pushes data by a one-way call.
///
/// ```
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # oncilla::program! { pub mod sensor = 0x2000_0002, version 1 { fn read(channel: u32) -> i32 = 1; } }
/// # struct Device { started: u64 }
/// # impl sensor::Service for Device { fn read(&mut self, _: u32) -> i32 { 21_500 } }
/// # struct Host;
/// # impl clock::Service for Host { fn now(&mut self) -> u64 { 7 } }
/// # static HOST: oncilla::Table<Host> = oncilla::table![clock::program()];
/// # fn main() {
/// #     let [near, far] = <[_; 2]>::from(oncilla_host::pipe::<oncilla::framing::Cobs>())
/// #         .map(|end| oncilla::Link::new(end, [0; 256], [0; 256]));
/// #     let host = std::thread::spawn(move || {
/// #         let mut host = oncilla::Endpoint::new(far, &HOST, Host, 7);
/// #         host.serve_next(oncilla::Time::NEVER).unwrap();
/// #         assert_eq!(sensor::Client::new(&mut host).read(0).unwrap(), 21_500);
/// #     });
/// #     example(near).unwrap();
/// #     host.join().unwrap();
/// # }
/// # fn example<T: oncilla::Transport>(link: oncilla::Link<T, [u8; 256]>) -> Result<(), oncilla::CallError<T::Error>> {
/// use oncilla::{Endpoint, ReplayCache, Table};
///
/// static TABLE: Table<Device> = oncilla::table![sensor::program()];
///
/// let mut endpoint = Endpoint::new(link, &TABLE, Device { started: 0 }, 0x5eed_0000)
///     .with_replay(ReplayCache::<4, 64>::new()); // 4 slots with replies of up to 64 bytes
///
/// let now = clock::Client::new(&mut endpoint).now()?; // calls the host, and serves its calls meanwhile
/// endpoint.state().started = now;
/// endpoint.serve()?; // serves the host until it closes the link
/// # Ok(())
/// # }
/// ```
///
/// **Buffers.** Each of the two buffers of the link holds calls and replies. The receive buffer holds the calls that
/// are served and the replies to own calls; the transmit buffer holds own calls and the replies to served calls. Size
/// each for the larger one ([`largest`](crate::largest)). Buffers that are too small have the effects described at
/// [`Client`](crate::Client) and [`Link::serve_next`].
///
/// **Nesting.** A procedure has access to the state and not to the endpoint, so it cannot call the peer. Calls are
/// nested one deep, and the stack is bounded. A procedure that needs the peer notes that in the state, and the loop
/// around [`serve_next`](Self::serve_next) makes the call. A [`NestedEndpoint`] lets procedures call the peer, and
/// needs more memory.
///
/// **Crossing messages.** An endpoint does not read while it sends. Two endpoints can send at the same time if each
/// message with its framing fits the buffers of the carrier (some 200 kB for a Unix socket on Linux). Beyond that, a
/// UART without flow control loses the bytes that its FIFO or DMA buffer cannot hold, and the call is retransmitted. A
/// socket blocks, and both calls end with [`LinkError::Unsent`] at their time-out; after that, record marking can send
/// nothing more on the connection ([`LinkError::OutOfStep`]).
///
/// **Echoes.** On a serial line that echoes what is sent, an endpoint does not execute its own calls. With boot
/// numbers at both ends this is certain. On plain [`Cobs`](crate::framing::Cobs), and until the peer has said hello, a
/// call is dropped as an echo if it has the xid and the procedure of an own call that waits for its reply, or of an
/// own one-way call since the last reply. So two peers that serve the same program must begin with different xids.
/// With equal xids, crossing calls of one procedure are dropped at both ends and end with [`CallError::Echoed`]. A
/// later echo, and an echo on record marking, is not recognised.
///
/// **Restarts.** When both links have boot numbers ([`Link::with_boot_number`]) and the peer restarts, the remembered
/// replies are forgotten. A call ends with [`CallError::Restarted`]; [`serve_next`](Self::serve_next) returns
/// [`Served::Restart`].
///
/// `R` remembers replies, so that a retransmitted call is executed once: a [`ReplayCache`](crate::ReplayCache), or
/// `()` for none. `A` is the credential of its own calls.
pub struct Endpoint<S: 'static, T: Transport, B: Buffers, R = (), A = Anonymous> {
    link: Link<T, B>,
    calling: Calling<A>,
    table: &'static Table<S>,
    state: S,
    replay: R,
}

impl<S, T: Transport, B: Buffers> Endpoint<S, T, B> {
    /// Creates an endpoint on `link` that serves `table` with `state`.
    ///
    /// Its first call has the xid `first_xid`; [`Client::new`](crate::Client::new) describes how to choose it. Its
    /// calls time out after 5 seconds, unless [`set_timeout`](Self::set_timeout) changes that.
    pub const fn new(link: Link<T, B>, table: &'static Table<S>, state: S, first_xid: u32) -> Self {
        Self { link, calling: Calling::new(first_xid, Duration::from_secs(5)), table, state, replay: () }
    }
}

impl<S, T: Transport, B: Buffers, R: Replay, A: Authenticate> Endpoint<S, T, B, R, A> {
    /// Returns the endpoint with `replay` as its replay cache.
    pub fn with_replay<N: Replay>(self, replay: N) -> Endpoint<S, T, B, N, A> {
        let Self { link, calling, table, state, .. } = self;
        Endpoint { link, calling, table, state, replay }
    }

    /// Returns the endpoint with a credential that it sends with every call.
    pub fn with_credential<N: Authenticate>(self, identity: N) -> Endpoint<S, T, B, R, N> {
        let Self { link, calling, table, state, replay } = self;
        Endpoint { link, calling: calling.with_identity(identity), table, state, replay }
    }

    /// Sets the total time-out of the calls that follow.
    ///
    /// It does not interrupt a procedure that is served meanwhile.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.calling.timeout = Some(timeout);
    }

    /// Makes the calls that follow wait for ever.
    pub const fn wait_for_ever(&mut self) {
        self.calling.timeout = None;
    }

    /// Sets when the calls that follow are retransmitted, on a carrier that can lose messages.
    pub const fn set_retry(&mut self, retry: Retry) {
        self.calling.set_retry(retry);
    }

    /// Returns the state of the procedures.
    pub const fn state(&mut self) -> &mut S {
        &mut self.state
    }

    /// Returns the link, for instance to access its transport.
    pub const fn link(&mut self) -> &mut Link<T, B> {
        &mut self.link
    }

    /// Returns the replay cache.
    ///
    /// For instance to [`forget`](Replay::forget) the replies when the peer has restarted.
    pub const fn replay(&mut self) -> &mut R {
        &mut self.replay
    }

    /// Waits until `deadline` for one message and answers it, as [`Link::serve_next`] does.
    ///
    /// # Errors
    /// Those of [`Link::serve_next`].
    pub fn serve_next(&mut self, deadline: Time) -> Result<Served, LinkError<T::Error>> {
        self.link.serve_next_once(&mut self.replay, self.table, &mut self.state, deadline)
    }

    /// Serves until the peer closes the link.
    ///
    /// # Errors
    /// Those of [`Link::serve_next`].
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
        if let Err(CallError::Restarted) = span
            && !T::Framing::KEYED
        {
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
        let Self { link, calling, table, state, replay } = self;
        calling.cast(link, id, arguments, answering(replay, table, state))
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
        if !T::Framing::KEYED {
            self.replay.forget();
        }
    }

    fn stranger(&mut self, span: Span, deadline: Time) -> Result<(), LinkError<T::Error>> {
        let Self { link, calling, table, state, replay } = self;
        // A poll has no deadline, but must not wait for ever for a carrier that takes no bytes.
        let deadline = deadline.min(calling.deadline(link));
        link.respond(span, replay, table, state, deadline)
    }
}

type Answered<T> = Result<(), LinkError<<T as Transport>::Error>>;

/// Returns a function that answers the calls that arrive while another call waits.
///
/// Not a closure in `call`: each procedure would have its own, and its own copy of the waiting loop.
fn answering<S, T: Transport, B: Buffers, R: Replay>(
    replay: &mut R,
    table: &'static Table<S>,
    state: &mut S,
) -> impl FnMut(&mut Link<T, B>, Span, Time) -> Answered<T> {
    // If the peer sends at the same time, the carrier may be full: the call's deadline ends that.
    move |link, span, deadline| link.respond(span, replay, table, state, deadline)
}

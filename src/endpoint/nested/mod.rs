//! Endpoints whose procedures may call the peer while they run.

mod level;
mod parts;
mod serving;
mod turn;
mod waiting;

use core::time::Duration;

use crate::client::{Anonymous, Authenticate, Calling, Retry};
use crate::link::{Link, Transport};
use crate::server::{Remembers, Table};

pub use level::{Level, Levels};
pub use parts::{Holder, NestedParts, Parts};
pub use turn::Turn;

/// An [`Endpoint`](crate::Endpoint) whose procedures may call the peer while they run.
///
/// The state of the procedures contains it, implements [`Nested`], and gets a [`Turn`] from [`Nested::turn`]: the main
/// loop serves and calls through it, a procedure calls through it. While a call waits for its reply, arriving calls
/// are served one level deeper.
///
/// # Levels
///
/// The number of levels limits how many procedures run within each other: two with `[Level<_>; 2]`. A procedure of the
/// innermost level cannot call: its call fails with [`CallError::TooDeep`](crate::CallError::TooDeep) at once, and
/// nothing is sent. So an endpoint that waits also serves, and two peers cannot wait for each other for ever. With one
/// level it behaves like an `Endpoint`. Two levels are enough for peers that call at the same moment, unless the
/// procedures that they call make calls themselves.
///
/// # Memory
///
/// Each [`Level`] has three buffers, beside the two of the link: for the call that it serves, for the reply, and for
/// the reply to an outer call if that arrives first. All buffers of a `NestedEndpoint` have one type. On the stack,
/// each level takes the frames of its procedure and of the call that the procedure makes.
///
/// # At most once
///
/// A call that is retransmitted while its procedure runs is dropped, since its reply will follow. A call that is
/// retransmitted later is answered from the replay cache `R`, if there is one.
///
/// That memory needs as many slots as procedures may run here between two arrivals of the same call. While an outer
/// call of the peer is retransmitted on a line that loses messages, the peer may make any number of other calls in its
/// turns. With fewer slots, the outer call's reply may be forgotten, and its procedure runs again.
///
/// # Restarts
///
/// When both links have boot numbers ([`Link::with_boot_number`]) and the peer restarts, all waiting calls end with
/// [`CallError::Restarted`](crate::CallError::Restarted). Procedures that run for calls from before the restart send
/// no reply.
///
/// # Example
///
/// ```
/// # use oncilla::framing::Serial;
/// # oncilla::program! { pub mod host = 0x2000_0001, version 1 { fn time() -> u64 = 1; } }
/// # oncilla::program! { pub mod device = 0x2000_0002, version 1 { fn stamp(channel: u32) -> u64 = 1; } }
/// # type Uart = oncilla::Stream<Serial, Port>;
/// # struct Port;
/// # impl embedded_io::ErrorType for Port { type Error = core::convert::Infallible; }
/// # impl embedded_io::Read for Port { fn read(&mut self, _: &mut [u8]) -> Result<usize, Self::Error> { Ok(0) } }
/// # impl embedded_io::Write for Port {
/// #     fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> { Ok(bytes.len()) }
/// #     fn flush(&mut self) -> Result<(), Self::Error> { Ok(()) }
/// # }
/// use oncilla::{Level, Nested, NestedEndpoint, Table};
///
/// struct Device {
///     endpoint: NestedEndpoint<Self, Uart, [Level<&'static mut [u8]>; 2]>,
///     stamps: u32,
/// }
///
/// impl Nested for Device {
///     type Endpoint = NestedEndpoint<Self, Uart, [Level<&'static mut [u8]>; 2]>;
///     fn endpoint(&mut self) -> &mut Self::Endpoint {
///         &mut self.endpoint
///     }
/// }
///
/// impl device::Service for Device {
///     fn stamp(&mut self, channel: u32) -> u64 {
///         self.stamps += 1;
///         // Calls the host, which waits for the reply of this procedure.
///         host::Client::new(self.turn()).time().unwrap_or(0)
///     }
/// }
///
/// static TABLE: Table<Device> = oncilla::table![device::program()];
///
/// # fn example(
/// #     link: oncilla::Link<Uart, &'static mut [u8]>, levels: [Level<&'static mut [u8]>; 2],
/// # ) -> Result<(), oncilla::LinkError<core::convert::Infallible>> {
/// let mut device = Device { endpoint: NestedEndpoint::new(link, &TABLE, levels, 0x5eed_0000), stamps: 0 };
/// device.turn().serve()?; // until the host closes the link
/// # Ok(())
/// # }
/// ```
pub struct NestedEndpoint<S: 'static, T: Transport, L: Levels, R = (), A = Anonymous> {
    link: Link<T, L::Buffer>,
    calling: Calling<A>,
    table: &'static Table<S>,
    replay: R,
    levels: L,
    /// The number of procedures that run within each other.
    depth: usize,
    /// The number of restarts of the peer.
    restarts: u32,
}

/// A state that contains a [`NestedEndpoint`], so that its procedures can call the peer.
///
/// The example at [`NestedEndpoint`] implements it.
pub trait Nested: Sized + 'static {
    /// The type of the endpoint: `NestedEndpoint<Self, …>`.
    type Endpoint: NestedParts<State = Self>;

    /// Returns the endpoint.
    fn endpoint(&mut self) -> &mut Self::Endpoint;

    /// Returns the handle that calls the peer and serves it.
    ///
    /// Results may borrow from the handle: copy them before you use the rest of the state.
    fn turn(&mut self) -> Turn<'_, Self> {
        Turn::new(self)
    }
}

impl<S: 'static, T: Transport, L: Levels> NestedEndpoint<S, T, L> {
    /// Creates an endpoint on `link` that serves `table` on `levels`.
    ///
    /// Its first call has the xid `first_xid`; [`Client::new`](crate::Client::new) describes how to choose it. Its
    /// calls time out after 5 seconds, unless [`set_timeout`](Self::set_timeout) changes that.
    pub const fn new(link: Link<T, L::Buffer>, table: &'static Table<S>, levels: L, first_xid: u32) -> Self {
        let calling = Calling::new(first_xid, Duration::from_secs(5));
        Self { link, calling, table, replay: (), levels, depth: 0, restarts: 0 }
    }
}

impl<S: 'static, T: Transport, L: Levels, R: Remembers, A: Authenticate> NestedEndpoint<S, T, L, R, A> {
    /// Returns the endpoint with `replay` as its replay cache.
    pub fn with_replay<N: Remembers>(self, replay: N) -> NestedEndpoint<S, T, L, N, A> {
        let Self { link, calling, table, levels, depth, restarts, .. } = self;
        NestedEndpoint { link, calling, table, replay, levels, depth, restarts }
    }

    /// Returns the endpoint with a credential that it sends with every call.
    pub fn with_credential<N: Authenticate>(self, identity: N) -> NestedEndpoint<S, T, L, R, N> {
        let Self { link, calling, table, replay, levels, depth, restarts } = self;
        NestedEndpoint { link, calling: calling.with_identity(identity), table, replay, levels, depth, restarts }
    }

    /// Sets the total time-out of the calls that follow, also of calls that procedures make.
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

    /// Returns the link, for instance to access its transport.
    pub const fn link(&mut self) -> &mut Link<T, L::Buffer> {
        &mut self.link
    }

    /// Returns the state of the calls, beside the link: for the C library.
    #[doc(hidden)]
    pub const fn calling(&mut self) -> &mut Calling<A> {
        &mut self.calling
    }

    /// Returns the replay cache.
    pub const fn replay(&mut self) -> &mut R {
        &mut self.replay
    }

    /// Returns how many procedures run within each other: 0 in the main loop.
    #[must_use]
    pub const fn depth(&self) -> usize {
        self.depth
    }
}

//! Endpoints whose procedures call the peer in their turn.

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

/// One end of a link whose procedures may call the peer while they run: an [`Endpoint`](crate::Endpoint) that is kept
/// within the state of the procedures.
///
/// The state implements [`Nested`], and gets a [`Turn`] by [`Nested::turn`]: in the main loop to serve and to call, and
/// in a procedure to call. While a call waits for its reply, the calls that come are served, one level deeper.
///
/// # Levels
///
/// The number of levels limits how many procedures run at once, one within the other: two with `[Level<_>; 2]`. A procedure
/// of the innermost level cannot call: its call fails with [`CallError::TooDeep`](crate::CallError::TooDeep) at once, and nothing
/// is sent. So an endpoint that waits also serves, and two peers cannot wait for each other for ever. With one level it is an
/// `Endpoint`. Two levels are enough for peers that call at the same moment, unless the procedures that they call in turn call, too.
///
/// # Memory
///
/// Each [`Level`] has three buffers of its own, beside the two of the link: for the call that it serves, for the reply, and for
/// the reply to an outer call, if that arrives first. All buffers of a `NestedEndpoint` are of one type. On the stack, each
/// level takes the frames of its procedure and of the call that the procedure makes.
///
/// # At most once
///
/// A call that is repeated while its procedure runs is dropped, since its reply will follow. A call that is repeated later is
/// answered from the memory of replies `R`, if there is one.
/// That memory needs as many replies as procedures may run here between two arrivals of one call: while an outer call of the
/// peer is repeated on a line that loses messages, the peer may make any number of others in its turns. With fewer, the
/// outer call's reply may have given way, and its procedure runs again.
///
/// When the peer restarts and says so ([`Link::with_boot_number`]), all calls that wait end in
/// [`CallError::Restarted`](crate::CallError::Restarted), and procedures that run for the peer as it was get no reply sent.
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
///         // Calls the host, which waits for this very procedure.
///         host::Client::new(self.turn()).time().unwrap_or(0)
///     }
/// }
///
/// static TABLE: Table<Device> = oncilla::table![device::program()];
///
/// # fn example(link: oncilla::Link<Uart, &'static mut [u8]>, levels: [Level<&'static mut [u8]>; 2]) {
/// let mut device = Device { endpoint: NestedEndpoint::new(link, &TABLE, levels, 0x5eed_0000), stamps: 0 };
/// let _ = device.turn().serve();
/// # }
/// ```
pub struct NestedEndpoint<S: 'static, T: Transport, L: Levels, R = (), A = Anonymous> {
    link: Link<T, L::Buffer>,
    calling: Calling<A>,
    table: &'static Table<S>,
    replay: R,
    levels: L,
    /// How many procedures run, one within the other.
    depth: usize,
    /// How often the peer has restarted.
    restarts: u32,
}

/// A state that has a [`NestedEndpoint`] in it, so that its procedures can call the peer.
pub trait Nested: Sized + 'static {
    /// The endpoint's type: `NestedEndpoint<Self, …>`.
    type Endpoint: NestedParts<State = Self>;

    /// The endpoint.
    fn endpoint(&mut self) -> &mut Self::Endpoint;

    /// What calls the peer and serves it. Results that borrow from it must be copied before the rest of the state is
    /// used.
    fn turn(&mut self) -> Turn<'_, Self> {
        Turn::new(self)
    }
}

impl<S: 'static, T: Transport, L: Levels> NestedEndpoint<S, T, L> {
    /// An endpoint on `link` that serves `table` on `levels`, and whose first call has the xid `first_xid`
    /// ([`Client::new`](crate::Client::new) says how to choose it). Its calls time out after five seconds.
    pub const fn new(link: Link<T, L::Buffer>, table: &'static Table<S>, levels: L, first_xid: u32) -> Self {
        let calling = Calling::new(first_xid, Duration::from_secs(5));
        Self { link, calling, table, replay: (), levels, depth: 0, restarts: 0 }
    }
}

impl<S: 'static, T: Transport, L: Levels, R: Remembers, A: Authenticate> NestedEndpoint<S, T, L, R, A> {
    /// The same endpoint, which remembers replies in `replay`.
    pub fn with_replay<N: Remembers>(self, replay: N) -> NestedEndpoint<S, T, L, N, A> {
        let Self { link, calling, table, levels, depth, restarts, .. } = self;
        NestedEndpoint { link, calling, table, replay, levels, depth, restarts }
    }

    /// The same endpoint, which says with every call who calls.
    pub fn with_credential<N: Authenticate>(self, identity: N) -> NestedEndpoint<S, T, L, R, N> {
        let Self { link, calling, table, replay, levels, depth, restarts } = self;
        NestedEndpoint { link, calling: calling.with_identity(identity), table, replay, levels, depth, restarts }
    }

    /// Sets the total time-out of the calls that follow, also of those that procedures make. A procedure that is served
    /// meanwhile is not interrupted by it.
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

    /// The link, for instance to look at its transport.
    pub const fn link(&mut self) -> &mut Link<T, L::Buffer> {
        &mut self.link
    }

    /// The memory of replies.
    pub const fn replay(&mut self) -> &mut R {
        &mut self.replay
    }

    /// How many procedures run at this moment, one within the other: 0 in the main loop.
    #[must_use]
    pub const fn depth(&self) -> usize {
        self.depth
    }
}

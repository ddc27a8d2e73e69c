//! The client side: one blocking call at a time, or several calls in flight.

mod caller;
mod credentials;
mod exchange;
mod in_flight;
mod repeat;
mod retry;
mod versions;

pub use caller::{CallError, Caller};
pub use credentials::{Anonymous, Authenticate};
pub use in_flight::{Callback, CallsInFlight, LinkCaller, Starter, Tally, Ticket};
pub use retry::Retry;
pub use versions::highest_version;

#[doc(hidden)]
pub use in_flight::{CallsInLent, LentSlot};

#[doc(hidden)]
pub use caller::call_null;
#[doc(hidden)]
pub use exchange::Calling;
pub(crate) use exchange::{Outgoing, check_size, greeting_pause, is_reply_to, send};

use core::time::Duration;

use crate::codec::Writer;
use crate::link::{Buffers, Link, LinkError, Span, Time, Transport};
use crate::message::ProcedureId;
use crate::xdr::{DecodeError, EncodeError};

/// Calls a server over its own [`Link`], one call at a time.
///
/// Wrap it in a client that [`program!`](crate::program) generates, or call it as a [`Caller`]. Firmware that also
/// serves on the same link uses an [`Endpoint`](crate::Endpoint). For several calls at once, see
/// [`CallsInFlight`](crate::CallsInFlight).
///
/// ```
/// # oncilla::program! {
/// #     pub mod thermostat = 0x2000_0042, version 1 { fn read(channel: u32) -> i32 = 1; }
/// # }
/// # struct Device;
/// # impl thermostat::Service for Device { fn read(&mut self, _: u32) -> i32 { 21_500 } }
/// # static TABLE: oncilla::Table<Device> = oncilla::table![thermostat::program()];
/// # fn main() {
/// #     let (near, far) = oncilla_host::pipe::<oncilla::framing::Cobs>();
/// #     std::thread::spawn(move || oncilla::Link::new(far, [0; 256], [0; 256]).serve(&TABLE, &mut Device));
/// #     assert_eq!(example(near).unwrap(), 21_500);
/// # }
/// # fn example<T: oncilla::Transport>(uart: T) -> Result<i32, oncilla::CallError<T::Error>> {
/// use core::time::Duration;
/// use oncilla::framing::Cobs;
/// use oncilla::{Client, Link, Retry};
///
/// const RX: usize = Cobs::buffer(thermostat::REPLY_MAX);
/// const TX: usize = Cobs::buffer(thermostat::CALL_MAX);
///
/// let mut client = Client::new(Link::with_buffers(uart, [0; RX], [0; TX]), 0x5eed_0000);
/// client.set_timeout(Duration::from_secs(2)); // for the whole call
/// client.set_retry(Retry::doubling(Duration::from_millis(100)));
///
/// let millidegrees = thermostat::Client::new(&mut client).read(0)?;
/// # Ok(millidegrees)
/// # }
/// ```
///
/// **Time.** Every call has a total time-out: [`Client::DEFAULT_TIMEOUT`] unless [`set_timeout`](Self::set_timeout)
/// changes it. A call waits for ever only after [`wait_for_ever`](Self::wait_for_ever), or on a transport without a
/// clock ([`Forever`](crate::Forever)).
///
/// **Lost messages.** On a carrier that can lose messages, a call is retransmitted with the same xid whenever the
/// pause of its [`Retry`] passes without a reply. On other carriers it is sent once. Replies to other calls, such as
/// late ones, are dropped and extend neither time.
///
/// **Buffers.** Arguments that do not fit the transmit buffer are [`CallError::Arguments`], and nothing is sent. A
/// reply that does not fit the receive buffer is [`CallError::ReplyTooLarge`]; in the short form it is a time-out.
///
/// **Restarts.** When both links have boot numbers ([`Link::with_boot_number`]) and the peer restarts, the current call
/// ends with [`CallError::Restarted`].
///
/// `A` is the credential of every call: [`Anonymous`], unless [`with_credential`](Self::with_credential) sets another.
pub struct Client<T: Transport, B: Buffers, A = Anonymous> {
    link: Link<T, B>,
    calling: Calling<A>,
}

impl<T: Transport, B: Buffers> Client<T, B> {
    /// The total time-out of a call unless set otherwise: 5 seconds.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

    /// Creates a client on `link` whose first call has the xid `first_xid`.
    ///
    /// Every further call has the next xid.
    ///
    /// After a restart, begin with another xid. Otherwise a server that remembers replies may answer a new call with
    /// the remembered reply to an old one. Use a random number, the time, or a boot counter in the upper bits. Calls
    /// in the short form carry only the lower 16 bits; there the boot number of the link keeps the server from mixing
    /// them up ([`Link::with_boot_number`]).
    pub const fn new(link: Link<T, B>, first_xid: u32) -> Self {
        Self { link, calling: Calling::new(first_xid, Self::DEFAULT_TIMEOUT) }
    }
}

impl<T: Transport, B: Buffers, A: Authenticate> Client<T, B, A> {
    /// Returns the client with a credential that it sends with every call, such as a
    /// [`SysCredential`](crate::message::SysCredential).
    pub fn with_credential<N: Authenticate>(self, identity: N) -> Client<T, B, N> {
        Client { link: self.link, calling: self.calling.with_identity(identity) }
    }

    /// Returns the credential, to change it between calls.
    pub const fn credential_mut(&mut self) -> &mut A {
        &mut self.calling.identity
    }

    /// Sets the total time-out of the calls that follow.
    ///
    /// It covers the whole call: sending, waiting, retransmitting and receiving.
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
    pub const fn link(&mut self) -> &mut Link<T, B> {
        &mut self.link
    }

    /// Returns the link and drops the client.
    pub fn into_link(self) -> Link<T, B> {
        self.link
    }
}

impl<T: Transport, B: Buffers, A: Authenticate> Caller for Client<T, B, A> {
    type Error = T::Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<T::Error>> {
        let span = self.calling.call(&mut self.link, id, arguments, drop_stranger)?;
        results(self.calling.results(&mut self.link, span)?).map_err(CallError::Results)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<T::Error>> {
        self.calling.cast(&mut self.link, id, arguments, drop_stranger)
    }
}

impl<T: Transport, B: Buffers, A: Authenticate> LinkCaller for Client<T, B, A> {
    type Transport = T;
    type Buffer = B;
    type Identity = A;

    fn parts(&mut self) -> (&mut Link<T, B>, &mut Calling<A>) {
        (&mut self.link, &mut self.calling)
    }

    fn check(&mut self) -> Result<(), LinkError<T::Error>> {
        Ok(())
    }

    fn restarted(&mut self) {}

    fn stranger(&mut self, _: Span, _: Time) -> Result<(), LinkError<T::Error>> {
        Ok(())
    }
}

/// Drops a message that is not the reply: a client serves nothing.
///
/// A function, because a closure in `call` would have another type for every procedure, and each would get its own
/// copy of the waiting loop.
fn drop_stranger<T: Transport, B: Buffers>(_: &mut Link<T, B>, _: Span, _: Time) -> Result<(), LinkError<T::Error>> {
    Ok(())
}

//! Calling: one call at a time, or several in flight.

mod caller;
mod credentials;
mod exchange;
mod in_flight;
mod retry;
mod versions;

pub use caller::{CallError, Caller};
pub use credentials::{Anonymous, Authenticate};
pub use in_flight::{Callback, CallsInFlight, LinkCaller, Starter, Tally, Ticket};
pub use retry::Retry;
pub use versions::highest_version;

#[doc(hidden)]
pub use caller::call_null;
pub(crate) use exchange::{Calling, GREETING_PAUSE, Outgoing, check_size, is_reply_to, send};

use core::time::Duration;

use crate::codec::Writer;
use crate::link::{Buffers, Link, LinkError, Span, Time, Transport};
use crate::message::ProcedureId;
use crate::xdr::{DecodeError, EncodeError};

/// A client on a link of its own.
///
/// Every call has a total time-out, [`Client::DEFAULT_TIMEOUT`] unless set otherwise; no call waits
/// for ever unless [`wait_for_ever`](Self::wait_for_ever) asks for it, or the transport has no clock
/// ([`Forever`](crate::Forever)). On a carrier that can lose messages a call is sent again, with the
/// same xid, whenever the pause of its [`Retry`] has passed without a reply; on others never. Replies to
/// other calls, such as late ones, are dropped and prolong neither.
///
/// When the other end restarts and says so ([`Link::with_boot_number`]), the call under way ends in
/// [`CallError::Restarted`]. Arguments that the transmit buffer cannot hold are [`CallError::Arguments`] and nothing is
/// sent; a reply that the receive buffer cannot hold is [`CallError::ReplyTooLarge`], or, in the short form and in
/// datagrams, a time-out.
///
/// `A` says who calls: nobody, unless [`with_credential`](Self::with_credential) is used.
pub struct Client<T: Transport, B: Buffers, A = Anonymous> {
    link: Link<T, B>,
    calling: Calling<A>,
}

impl<T: Transport, B: Buffers> Client<T, B> {
    /// Five seconds.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

    /// A client on `link` whose first call has the xid `first_xid`; the next has one more, and so on.
    ///
    /// A client that starts again should not start with the same xid, or a server that remembers
    /// its replies may take the new calls for repeated old ones: take a random number, the time, or
    /// a boot counter in the upper bits. Calls in the short form have only the lower 16 bits; there the boot number
    /// of the link tells the server ([`Link::with_boot_number`]).
    pub const fn new(link: Link<T, B>, first_xid: u32) -> Self {
        Self { link, calling: Calling::new(first_xid, Self::DEFAULT_TIMEOUT) }
    }
}

impl<T: Transport, B: Buffers, A: Authenticate> Client<T, B, A> {
    /// The same client, which says with every call who calls, such as a
    /// [`SysCredential`](crate::message::SysCredential).
    pub fn with_credential<N: Authenticate>(self, identity: N) -> Client<T, B, N> {
        Client { link: self.link, calling: self.calling.with_identity(identity) }
    }

    /// Sets the total time-out of the calls that follow: sending, waiting, sending again and receiving
    /// together.
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
    pub const fn link(&mut self) -> &mut Link<T, B> {
        &mut self.link
    }

    /// Gives the link back.
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
        self.calling.cast(&mut self.link, id, arguments)
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

/// A client serves nothing: whatever is not its reply is dropped. A closure in `call` would be another type for every
/// procedure, and so would be all the code of the wait.
fn drop_stranger<T: Transport, B: Buffers>(_: &mut Link<T, B>, _: Span, _: Time) -> Result<(), LinkError<T::Error>> {
    Ok(())
}

//! Callers that have a link for calls in flight.

use crate::client::caller::Caller;
use crate::client::credentials::Authenticate;
use crate::client::exchange::Calling;
use crate::link::{Buffers, Link, LinkError, Span, Time, Transport};

/// The parts of a caller that a call needs.
pub type Parts<'c, C> = (
    &'c mut Link<<C as LinkCaller>::Transport, <C as LinkCaller>::Buffer>,
    &'c mut Calling<<C as LinkCaller>::Identity>,
);

/// A [`Caller`] with a link of its own, for [`CallsInFlight`](crate::CallsInFlight).
///
/// It is a [`Client`](crate::Client), an [`Endpoint`](crate::Endpoint), or `&mut` one of them. No other type can
/// implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no link for calls in flight",
    label = "this is neither a `Client` nor an `Endpoint`",
    note = "pass an `oncilla::Client` or an `Endpoint` to `CallsInFlight::new`, or `&mut` one"
)]
pub trait LinkCaller: Caller<Error = <Self::Transport as Transport>::Error> {
    #[doc(hidden)]
    type Transport: Transport;
    #[doc(hidden)]
    type Buffer: Buffers;
    #[doc(hidden)]
    type Identity: Authenticate;

    #[doc(hidden)]
    fn parts(&mut self) -> Parts<'_, Self>;

    /// Checks that the buffers have room for the replies to calls that arrive meanwhile.
    #[doc(hidden)]
    fn check(&mut self) -> Result<(), LinkError<Self::Error>>;

    /// Handles a restart of the peer.
    #[doc(hidden)]
    fn restarted(&mut self);

    /// Handles a message that is not a reply to a call in flight.
    ///
    /// Sends an answer until `deadline` at most.
    #[doc(hidden)]
    fn stranger(&mut self, span: Span, deadline: Time) -> Result<(), LinkError<Self::Error>>;
}

#[diagnostic::do_not_recommend]
impl<C: LinkCaller> LinkCaller for &mut C {
    type Transport = C::Transport;
    type Buffer = C::Buffer;
    type Identity = C::Identity;

    fn parts(&mut self) -> Parts<'_, Self> {
        C::parts(self)
    }

    fn check(&mut self) -> Result<(), LinkError<C::Error>> {
        C::check(self)
    }

    fn restarted(&mut self) {
        C::restarted(self);
    }

    fn stranger(&mut self, span: Span, deadline: Time) -> Result<(), LinkError<C::Error>> {
        C::stranger(self, span, deadline)
    }
}

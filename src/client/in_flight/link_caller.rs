//! Who has a link on which calls can be in flight.

use crate::client::caller::Caller;
use crate::client::credentials::Authenticate;
use crate::client::exchange::Calling;
use crate::link::{Buffers, Link, LinkError, Span, Time, Transport};

/// What a call is made with.
pub type Parts<'c, C> = (
    &'c mut Link<<C as LinkCaller>::Transport, <C as LinkCaller>::Buffer>,
    &'c mut Calling<<C as LinkCaller>::Identity>,
);

/// A [`Caller`] with a link of its own: a [`Client`](crate::Client), an [`Endpoint`](crate::Endpoint), or either one
/// lent. Nothing else can be one.
#[diagnostic::on_unimplemented(
    message = "calls in flight need a link, and `{Self}` has none",
    label = "this is neither a `Client` nor an `Endpoint`",
    note = "give `CallsInFlight::new` an `oncilla::Client` or an `Endpoint`, or `&mut` one"
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

    /// Whether what comes meanwhile can be answered.
    #[doc(hidden)]
    fn check(&mut self) -> Result<(), LinkError<Self::Error>>;

    /// The other end has restarted.
    #[doc(hidden)]
    fn restarted(&mut self);

    /// Sees to a message that is no reply to a call in flight; an answer is sent until `deadline` at most.
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

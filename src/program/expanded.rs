//! What `program!` expands to calls of. Not for use by hand.

use crate::codec::Reader;
use crate::message::Failure;
use crate::server::Procedure;

/// What a procedure can be said to be: the methods are the words. Its name stands in the error about another word.
pub struct IdempotentOrOneway<S: 'static>(pub Procedure<S>);

impl<S> IdempotentOrOneway<S> {
    /// [`Procedure::idempotent`].
    #[must_use]
    pub const fn idempotent(self) -> Procedure<S> {
        self.0.idempotent()
    }

    /// The procedure as it is: its [`Run`](crate::Run) returns [`NO_REPLY`](crate::NO_REPLY).
    #[must_use]
    pub const fn oneway(self) -> Procedure<S> {
        self.0
    }
}

/// Is empty. Its name stands in the error about a procedure that is called as a method of the client is.
pub mod names_other_than_new_and_null {}

/// Results that a one-way procedure can have; no type is one.
#[diagnostic::on_unimplemented(
    message = "a one-way procedure has no results, and so not `{Self}`",
    label = "remove the results or `oneway`"
)]
pub trait ResultsOfOneway {
    /// For errors.
    const ALLOWED: ();
}

/// Asks that there are no more arguments.
#[inline]
pub fn end_of_arguments(arguments: Reader<'_>) -> Result<(), Failure> {
    arguments.finish().map_err(|_| Failure::GarbageArguments)
}

//! Functions that the expansion of `program!` calls. Not for use by hand.

use crate::codec::Reader;
use crate::message::Failure;
use crate::server::Procedure;

/// The styles of a procedure, as methods. An error about another word shows this name.
pub struct IdempotentOrOneway<S: 'static>(pub Procedure<S>);

impl<S> IdempotentOrOneway<S> {
    /// The procedure, which may run twice: see [`Procedure::idempotent`].
    #[must_use]
    pub const fn idempotent(self) -> Procedure<S> {
        self.0.idempotent()
    }

    /// The procedure unchanged: its [`Run`](crate::Run) returns [`NO_REPLY`](crate::NO_REPLY).
    #[must_use]
    pub const fn oneway(self) -> Procedure<S> {
        self.0
    }
}

/// An empty module. The error about a procedure named `new` or `null` shows this name.
pub mod names_other_than_new_and_null {}

/// Results of a one-way procedure. No type implements it, since there are none.
#[diagnostic::on_unimplemented(
    message = "a one-way procedure has no reply, so it cannot return `{Self}`",
    label = "remove this type, or `oneway`"
)]
pub trait ResultsOfOneway {
    /// Named by the check.
    const ALLOWED: ();
}

/// Checks that no arguments are left.
#[inline]
pub fn end_of_arguments(arguments: Reader<'_>) -> Result<(), Failure> {
    arguments.finish().map_err(|_| Failure::GarbageArguments)
}

//! Functions that the expansion of `program!` calls. Not for use by hand.

use crate::codec::{Reader, Writer};
use crate::message::{Call, Failure};
use crate::server::Procedure;
use crate::xdr::{DecodeError, EncodeError, Fault};

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

/// The largest message of an interface: 1 GiB, or half the address space where that is less.
const MESSAGE_MAX: usize = if usize::BITS > 30 { 1 << 30 } else { usize::MAX / 2 };

/// Returns the size of a message, at compile time. Refuses to compile where no machine has room for it.
#[must_use]
pub const fn message_max(header: usize, payload: usize) -> usize {
    assert!(
        payload <= MESSAGE_MAX - header,
        "messages of this interface have no bound below 1 GiB: state one after the version, as in `version 1, limit 1_048_576`"
    );
    header + payload
}

/// Returns the arguments of a call.
///
/// # Errors
/// There are more than `limit` bytes.
#[inline]
pub fn arguments_within<'a>(call: &Call<'a>, limit: usize) -> Result<Reader<'a>, Failure> {
    let arguments = call.arguments();
    if arguments.len() > limit { Err(Failure::GarbageArguments) } else { Ok(Reader::new(arguments)) }
}

/// Returns the first `limit` bytes of the room for results.
#[inline]
#[must_use]
pub fn room_within(room: &mut [u8], limit: usize) -> &mut [u8] {
    if room.len() > limit { room.get_mut(..limit).unwrap_or_default() } else { room }
}

/// Checks the size of the arguments that a client sends.
///
/// # Errors
/// There are more than `limit` bytes.
#[inline]
pub fn check_written(arguments: &Writer<'_>, limit: usize) -> Result<(), EncodeError> {
    if arguments.length() > limit { Err(EncodeError::Refused(Fault::Bound)) } else { Ok(()) }
}

/// Returns the results that a client received.
///
/// # Errors
/// There are more than `limit` bytes.
#[inline]
pub fn results_within(results: &[u8], limit: usize) -> Result<Reader<'_>, DecodeError> {
    if results.len() > limit {
        return Err(DecodeError { fault: Fault::Bound, offset: 0, value: None });
    }
    Ok(Reader::new(results))
}

//! One procedure: serving and calling it.

use oncilla::__private::{NOT_RUN, arguments_within, check_written, results_within, room_within};
use oncilla::message::Call;
use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{CallError, Caller, Failure, NO_REPLY, ProcedureId, Starter, Ticket, Writer};

use crate::Library;

/// A procedure whose arguments and results are each one message.
///
/// [`service!`](crate::service) implements it for a type of each procedure.
pub trait Method {
    /// The library of the messages.
    type Library: Library<Self::Arguments> + Library<Self::Results>;
    /// The message that the client sends.
    type Arguments;
    /// The message that the server returns. A one-way procedure returns none, and this is its `Arguments`.
    type Results;

    /// The program, its version and the procedure's number.
    const ID: ProcedureId;
    /// The most bytes of arguments or results.
    const LIMIT: usize;
}

type LibraryOf<M> = <M as Method>::Library;

/// Decodes the arguments of a call.
///
/// # Errors
/// [`Failure::GarbageArguments`].
#[inline]
fn arguments<M: Method>(call: &Call<'_>) -> Result<M::Arguments, Failure> {
    arguments_within(call, M::LIMIT)?;
    <LibraryOf<M> as Library<M::Arguments>>::decode(call.arguments()).map_err(|_| Failure::GarbageArguments)
}

/// Serves a call of a procedure: decodes the arguments, calls `serve`, and encodes the results into `room`.
///
/// It is the body of a [`Run`](oncilla::Run). Returns the bytes of the results.
///
/// # Errors
/// [`Failure::GarbageArguments`], and then `serve` was not called. [`Failure::SystemError`], if the results do not fit.
#[inline]
pub fn answer<M: Method>(
    call: &Call<'_>,
    room: &mut [u8],
    serve: impl FnOnce(M::Arguments) -> M::Results,
) -> Result<usize, Failure> {
    let results = serve(arguments::<M>(call)?);
    let mut room = Writer::new(room_within(room, M::LIMIT));
    <LibraryOf<M> as Library<M::Results>>::encode(&results, &mut room).map_err(|_| Failure::SystemError)?;
    Ok(room.length())
}

/// Serves a call of a one-way procedure. There is no reply, whether the arguments can be decoded or not.
///
/// # Errors
/// None.
#[inline]
pub fn answer_oneway<M: Method>(call: &Call<'_>, serve: impl FnOnce(M::Arguments)) -> Result<usize, Failure> {
    Ok(match arguments::<M>(call) {
        Ok(arguments) => {
            serve(arguments);
            NO_REPLY
        }
        Err(_) => NOT_RUN,
    })
}

/// Calls a procedure and waits for its results.
///
/// # Errors
/// [`CallError`] when there are no results.
#[inline]
pub fn call<M: Method, C: Caller>(caller: &mut C, arguments: &M::Arguments) -> Result<M::Results, CallError<C::Error>> {
    caller.call(M::ID, |room| put::<M>(arguments, room), take::<M>)
}

/// Calls a procedure that may be executed twice, and waits for its results.
///
/// # Errors
/// [`CallError`] when there are no results.
#[inline]
pub fn call_idempotent<M: Method, C: Caller>(
    caller: &mut C,
    arguments: &M::Arguments,
) -> Result<M::Results, CallError<C::Error>> {
    caller.call_idempotent(M::ID, |room| put::<M>(arguments, room), take::<M>)
}

/// Calls a one-way procedure, and does not wait.
///
/// # Errors
/// [`CallError`] when the call could not be sent.
#[inline]
pub fn cast<M: Method, C: Caller>(caller: &mut C, arguments: &M::Arguments) -> Result<(), CallError<C::Error>> {
    caller.cast(M::ID, |room| put::<M>(arguments, room))
}

/// Sends a call and does not wait for its reply.
///
/// # Errors
/// [`CallError`] when there is no free slot, or the call could not be sent.
#[inline]
pub fn start<M: Method, S: Starter>(calls: &mut S, arguments: &M::Arguments) -> Result<Ticket<M>, CallError<S::Error>> {
    calls.start(M::ID, |room| put::<M>(arguments, room))
}

/// Waits for the reply of a started call, and returns the results.
///
/// # Errors
/// [`CallError`] when there are no results.
#[inline]
pub fn finish<M: Method, S: Starter>(calls: &mut S, ticket: Ticket<M>) -> Result<M::Results, CallError<S::Error>> {
    calls.finish(ticket, M::ID, take::<M>)
}

/// Writes arguments. An error states the size of the whole message.
#[inline]
fn put<M: Method>(arguments: &M::Arguments, room: &mut Writer<'_>) -> Result<(), EncodeError> {
    let before = room.length();
    let encoded = <LibraryOf<M> as Library<M::Arguments>>::encode(arguments, room);
    encoded.map_err(|error| match error {
        EncodeError::NoRoom { available, .. } => {
            let written = room.length().saturating_sub(before);
            let needed = <LibraryOf<M> as Library<M::Arguments>>::size(arguments);
            EncodeError::NoRoom { needed, available: available.saturating_add(written) }
        }
        other => other,
    })?;
    check_written(room, M::LIMIT)
}

/// Reads results.
#[inline]
fn take<M: Method>(results: &[u8]) -> Result<M::Results, DecodeError> {
    results_within(results, M::LIMIT)?;
    <LibraryOf<M> as Library<M::Results>>::decode(results)
}

//! Finding a version of a program that client and server both have.

use core::ops::RangeInclusive;

use super::caller::{CallError, Caller};
use crate::message::Refusal;

/// Returns the highest version of `program` that both the caller and the server have.
///
/// `known` are the versions that the caller has. The function calls the NULL procedure: first of the highest known
/// version, then of those that a PROG_MISMATCH of the server leaves. Each of these calls blocks until its reply or its
/// time-out.
///
/// # How to change an interface
///
/// Messages do not carry their types. A peer with other types may notice it, because arguments are too short or too
/// long, or may read one number as another. So, once an interface is in use:
///
/// - A number keeps its meaning: a procedure's arguments and results with their order and types, its encoding, whether
///   it is one-way, and the values of enums and unions. Names are not on the wire and may change.
/// - A larger bound, and a new value of an enum or union, may reach old peers. An old server refuses them with
///   GARBAGE_ARGS; for an old client they are [`CallError::Results`]. Send them only to peers that know them. A union
///   with a default arm accepts every value.
/// - A new procedure may be added to a version. An old server answers PROC_UNAVAIL: [`CallError::is_unserved`] returns
///   `true`, and the caller does without the procedure. The number of a removed procedure is never used again.
/// - Every other change is a new version: a new `program!` with the same program number and the next version. Firmware
///   serves both versions in one table while there are old hosts. New hosts find the version of the firmware by this
///   function, and again when [`CallError::is_unserved`] returns `true`, because firmware may be replaced while the link
///   is open, even by an older one.
///
/// ```no_run
/// # fn example<C: oncilla::Caller>(caller: &mut C) -> Result<(), oncilla::CallError<C::Error>> {
/// const SENSOR: u32 = 0x2000_0007;
/// match oncilla::highest_version(caller, SENSOR, 1..=3)? {
///     1 => { /* call what version 1 has */ }
///     _ => { /* ... */ }
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`Refusal::ProgramMismatch`] with the versions of the server when it has none of `known`, and every other error of
/// a call. A NULL procedure needs no arguments and no rights, but a server may still require a credential.
///
/// It usually makes one or two calls, and one more for each version that is missing between those of the server; at
/// most one for each version in `known`, whatever the server answers. So let `known` be a short range.
pub fn highest_version<C: Caller>(
    caller: &mut C,
    program: u32,
    known: RangeInclusive<u32>,
) -> Result<u32, CallError<C::Error>> {
    let mut version = *known.end();
    loop {
        match super::call_null(caller, program, version) {
            Ok(()) => return Ok(version),
            Err(CallError::Refused(Refusal::ProgramMismatch { low, high })) => {
                let none = CallError::Refused(Refusal::ProgramMismatch { low, high });
                // A refused version is not tried again, whatever range the server reports.
                let Some(next) = version.checked_sub(1).map(|next| next.min(high)) else { return Err(none) };
                if next < low || !known.contains(&next) {
                    return Err(none);
                }
                version = next;
            }
            Err(error) => return Err(error),
        }
    }
}

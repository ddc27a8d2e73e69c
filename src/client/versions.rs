//! Finding the version that both ends speak.

use core::ops::RangeInclusive;

use super::caller::{CallError, Caller};
use crate::message::Refusal;

/// The highest version of `program` among `known` that the server serves, found by calling its NULL
/// procedure: first in the highest version known, then in those that PROG_MISMATCH leaves over.
///
/// # How to change an interface
///
/// What is on the wire says nothing of its types: an end that expects others may see it, as arguments cut
/// short or left over, or may not, and take one number for another. So, once an interface is in the field:
///
/// - What has a number stays what it is: a procedure's arguments and results, their order and types, its
///   encoding, whether it is one-way, and what the numbers of enums and unions mean. Names are not on
///   the wire and may change.
/// - A bound that grows, and a number that an enum or union gets, reach old ends too. An old server
///   refuses them (GARBAGE_ARGS), to an old client they are an error
///   ([`CallError::Results`]): send them only to who is known to understand them. A union with a
///   default arm understands every number.
/// - A new procedure may join a version. An old server answers PROC_UNAVAIL, which
///   [`CallError::is_unserved`] tells from failures, and the caller does without it, call by call. A
///   procedure that is given up leaves its number behind for good.
/// - Anything else is a new version: a new `program!` with the same program number and the next version.
///   Firmware serves both side by side in one table for as long as there are old hosts; new hosts find
///   by this function what old firmware has. Whoever keeps a link to firmware that may be replaced
///   meanwhile, by an older one even, finds out anew when [`CallError::is_unserved`] says so.
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
/// [`Refusal::ProgramMismatch`] with the versions of the server when it serves none of `known`, and
/// whatever else keeps a call from its results: NULL needs no arguments and no rights by the standard, but
/// a server may ask for some. At most one call for each version known, however the server lies, so let
/// them be few; usually one or two, and one more for each version that is missing amid those served.
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
                // What was refused is not asked again, whatever the server says of its versions.
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

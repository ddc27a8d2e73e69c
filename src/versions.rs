//! Finding the version that both ends speak.

use core::ops::RangeInclusive;

use crate::caller::{CallError, Caller};
use crate::message::Refusal;

/// The highest version of `program` among `known` that the server serves, found by calling its NULL
/// procedure: first in the highest version known, then in those that PROG_MISMATCH leaves over.
///
/// # How to change an interface
/// - A procedure's number, arguments and results stay what they are once firmware is in the field. So do
///   the numbers of enums and unions: an old end refuses those it does not know.
/// - A new procedure may join a version: old firmware answers PROC_UNAVAIL, which
///   [`CallError::is_unserved`] tells from failures, and the caller falls back as it sees fit.
/// - Anything else is a new version: a new `program!` with the same program number. Firmware serves both
///   side by side in one table as long as old hosts call it, and new hosts find by this function what
///   old firmware has.
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
/// whatever else keeps a call from its results. At most one call for each version known.
pub fn highest_version<C: Caller>(
    caller: &mut C,
    program: u32,
    known: RangeInclusive<u32>,
) -> Result<u32, CallError<C::Error>> {
    let mut version = *known.end();
    loop {
        match crate::__private::call_null(caller, program, version) {
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

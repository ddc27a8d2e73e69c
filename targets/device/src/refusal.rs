//! The names of refusals, the same in all commands.

use oncilla::Refusal;
use oncilla::message::AuthStatus;

/// The statuses of authentication, by the names of RFC 5531 §9.
pub const STATUSES: [(&str, AuthStatus); 7] = AuthStatus::NAMES;

/// Returns the name in RFC 5531, such as `PROG_UNAVAIL` or `AUTH_TOOWEAK`.
///
/// A status of authentication without a known name is `AUTH_ERROR`.
pub fn name(refusal: &Refusal) -> &'static str {
    refusal.status_name()
}

/// Returns the refusal of a server by its name: those that a procedure can give, and statuses of authentication.
#[must_use]
pub fn named(name: &str) -> Option<Refusal> {
    let of_status = || STATUSES.iter().find(|(known, _)| *known == name);
    Some(match name {
        "PROG_UNAVAIL" => Refusal::ProgramUnavailable,
        "PROC_UNAVAIL" => Refusal::ProcedureUnavailable,
        "GARBAGE_ARGS" => Refusal::GarbageArguments,
        "SYSTEM_ERR" => Refusal::SystemError,
        _ => return of_status().map(|(_, status)| Refusal::Authentication(*status)),
    })
}

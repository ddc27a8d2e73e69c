//! The names of refusals, the same in all commands.

use oncilla::Refusal;
use oncilla::message::AuthStatus;

/// The statuses of authentication, by the names of RFC 5531 §9.
pub const STATUSES: [(&str, AuthStatus); 7] = [
    ("AUTH_BADCRED", AuthStatus::BAD_CREDENTIAL),
    ("AUTH_REJECTEDCRED", AuthStatus::REJECTED_CREDENTIAL),
    ("AUTH_BADVERF", AuthStatus::BAD_VERIFIER),
    ("AUTH_REJECTEDVERF", AuthStatus::REJECTED_VERIFIER),
    ("AUTH_TOOWEAK", AuthStatus::TOO_WEAK),
    ("AUTH_INVALIDRESP", AuthStatus::INVALID_RESPONSE),
    ("AUTH_FAILED", AuthStatus::FAILED),
];

/// Returns the name in RFC 5531, such as `PROG_UNAVAIL` or `AUTH_TOOWEAK`.
///
/// A status of authentication without a known name is `AUTH_ERROR`.
pub fn name(refusal: &Refusal) -> &'static str {
    let Refusal::Authentication(status) = refusal else { return refusal.name() };
    STATUSES.iter().find(|(_, known)| known == status).map_or(refusal.name(), |(name, _)| name)
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

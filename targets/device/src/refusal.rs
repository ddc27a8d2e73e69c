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

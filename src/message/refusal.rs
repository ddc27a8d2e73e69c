//! The reasons why a reply has no results.

use core::fmt;

use super::AuthStatus;

/// The size of the largest refusal: 32 bytes, for PROG_MISMATCH with an empty verifier.
///
/// A buffer for replies should not be smaller.
pub const REFUSAL_MAX: usize = 32;

/// The reason why a reply has no results (RFC 5531 §9).
///
/// A server returns it to the caller. A client reports it as an error. The procedure was not executed, except perhaps
/// for [`SystemError`](Self::SystemError).
///
/// ```
/// use oncilla::Refusal;
/// let refusal = Refusal::ProgramMismatch { low: 1, high: 3 };
/// assert_eq!(refusal.name(), "PROG_MISMATCH");
/// assert_eq!(
///     refusal.to_string(),
///     "the server serves versions 1 to 3 of this program, not the one called"
/// );
/// ```
// The first five variants have the numbers of the wire, so that firmware needs no table of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Refusal {
    /// PROG_UNAVAIL: the server does not serve the program.
    ProgramUnavailable = 1,
    /// PROG_MISMATCH: the server serves the program, but not in this version.
    ProgramMismatch {
        /// The lowest version that is served.
        low: u32,
        /// The highest version that is served.
        high: u32,
    },
    /// PROC_UNAVAIL: the program has no such procedure.
    ProcedureUnavailable,
    /// GARBAGE_ARGS: the arguments cannot be decoded, or are larger than the server can hold.
    GarbageArguments,
    /// SYSTEM_ERR: the server failed, for instance because the results do not fit its buffer.
    SystemError,
    /// RPC_MISMATCH: the server supports other versions of RPC than 2.
    RpcMismatch {
        /// The lowest version that the server supports.
        low: u32,
        /// The highest version that the server supports.
        high: u32,
    },
    /// AUTH_ERROR: the server refused the caller's credential or verifier.
    Authentication(AuthStatus),
}

impl Refusal {
    /// Returns the name of the refusal in RFC 5531, such as `PROC_UNAVAIL`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ProgramUnavailable => "PROG_UNAVAIL",
            Self::ProgramMismatch { .. } => "PROG_MISMATCH",
            Self::ProcedureUnavailable => "PROC_UNAVAIL",
            Self::GarbageArguments => "GARBAGE_ARGS",
            Self::SystemError => "SYSTEM_ERR",
            Self::RpcMismatch { .. } => "RPC_MISMATCH",
            Self::Authentication(_) => "AUTH_ERROR",
        }
    }

    /// Returns the name of the refusal, or for [`Authentication`](Self::Authentication) that of the status, such as
    /// `AUTH_TOOWEAK`.
    ///
    /// A status that RFC 5531 does not name is `AUTH_ERROR`.
    #[must_use]
    pub fn status_name(&self) -> &'static str {
        let Self::Authentication(status) = self else { return self.name() };
        AuthStatus::NAMES.iter().find(|(_, known)| known == status).map_or(self.name(), |(name, _)| name)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RpcMismatch { low, high } => {
                write!(formatter, "the server supports versions {low} to {high} of RPC, not 2")
            }
            Self::Authentication(status) => write!(formatter, "the server refused the caller: {status}"),
            Self::ProgramUnavailable => formatter
                .write_str("the server does not serve this program; are the program number and the address right?"),
            Self::ProgramMismatch { low, high } => {
                write!(formatter, "the server serves versions {low} to {high} of this program, not the one called")
            }
            Self::ProcedureUnavailable => formatter
                .write_str("the server's program has no such procedure; is its firmware older than the interface?"),
            Self::GarbageArguments => formatter.write_str(
                "the server could not decode the arguments; do both peers use the same interface, \
                 and does the server's receive buffer hold the call with its credential?",
            ),
            Self::SystemError => {
                formatter.write_str("the server failed to execute the call; do the results fit its buffer?")
            }
        }
    }
}

impl core::error::Error for Refusal {}

/// The reason why a procedure returns no results.
///
/// It has the size of a `usize`, so that a `Result` with a length fits registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Failure {
    /// The arguments cannot be decoded: GARBAGE_ARGS.
    GarbageArguments,
    /// The results cannot be encoded, or the server failed otherwise: SYSTEM_ERR.
    SystemError,
}

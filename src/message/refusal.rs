//! What a server answers instead of results.

use core::fmt;

use super::AuthStatus;

/// Bytes of the largest refusal a server writes: PROG_MISMATCH with an empty verifier. No buffer for
/// replies should be smaller.
pub const REFUSAL_MAX: usize = 32;

/// A reply without results (RFC 5531 §9). To a server it is a value to answer, to a client the
/// reason why there are no results; the procedure was not executed, save perhaps for
/// [`SystemError`](Self::SystemError).
// The first five have the numbers of the wire, which spares firmware a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Refusal {
    /// PROG_UNAVAIL: the program is not served here.
    ProgramUnavailable = 1,
    /// PROG_MISMATCH: the program is served, but not in this version.
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
    /// RPC_MISMATCH: the server speaks other versions of RPC than 2.
    RpcMismatch {
        /// The lowest it speaks.
        low: u32,
        /// The highest it speaks.
        high: u32,
    },
    /// AUTH_ERROR: the caller's credential or verifier is refused.
    Authentication(AuthStatus),
}

impl Refusal {
    /// Its name in the RFC, such as `PROC_UNAVAIL`.
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
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RpcMismatch { low, high } => {
                write!(formatter, "the server speaks versions {low} to {high} of RPC, not 2")
            }
            Self::Authentication(status) => write!(formatter, "the server refused the caller: {status}"),
            Self::ProgramUnavailable => formatter.write_str("the server does not serve this program"),
            Self::ProgramMismatch { low, high } => {
                write!(formatter, "the server serves versions {low} to {high} of this program, not the one called")
            }
            Self::ProcedureUnavailable => formatter
                .write_str("the server's program has no such procedure; is its firmware older than the interface?"),
            Self::GarbageArguments => formatter.write_str(
                "the server could not decode the arguments; do both ends use the same interface, \
                 and does its receive buffer hold the call with its credential?",
            ),
            Self::SystemError => formatter.write_str("the server failed to carry out the call"),
        }
    }
}

impl core::error::Error for Refusal {}

/// Why a procedure gives no results.
///
/// As wide as a length, so that a `Result` of both travels in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Failure {
    /// The arguments cannot be decoded: GARBAGE_ARGS.
    GarbageArguments,
    /// The results cannot be encoded, or the server failed in another way: SYSTEM_ERR.
    SystemError,
}

//! The status of a response.

use core::fmt;

use oncilla::Refusal;

/// The status of a [`Response`](crate::Response).
///
/// Later releases may have more: a number without a name is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Status(pub i32);

impl Status {
    /// The method was executed. The response has its results.
    pub const SUCCESS: Self = Self(0);
    /// The call was accepted, and nobody waits for its outcome.
    pub const SUBMITTED: Self = Self(1);
    /// The method failed, or was not executed for another reason than those below.
    pub const FAILURE: Self = Self(2);
    /// The server has no such module.
    pub const UNKNOWN_MODULE: Self = Self(3);
    /// The module has no such method.
    pub const UNKNOWN_METHOD: Self = Self(4);
    /// The message is not a call. The sequence number of the response is −1.
    pub const CALL_NOT_UNDERSTOOD: Self = Self(5);
    /// The body of the call is not what the method takes.
    pub const BODY_NOT_UNDERSTOOD: Self = Self(6);
    /// The method was executed, and its results cannot be encoded.
    pub const RESULTS_NOT_ENCODED: Self = Self(7);

    /// Returns the refusal that a client of `oncilla` reports for this status, or `None` if the call was accepted.
    ///
    /// A status without a name is a [`Refusal::SystemError`].
    #[must_use]
    pub const fn refusal(self) -> Option<Refusal> {
        match self {
            Self::SUCCESS | Self::SUBMITTED => None,
            Self::UNKNOWN_MODULE => Some(Refusal::ProgramUnavailable),
            Self::UNKNOWN_METHOD => Some(Refusal::ProcedureUnavailable),
            Self::CALL_NOT_UNDERSTOOD | Self::BODY_NOT_UNDERSTOOD => Some(Refusal::GarbageArguments),
            _ => Some(Refusal::SystemError),
        }
    }

    /// Returns the name of the status in dRPC, such as `UNKNOWN_MODULE`, or `None` for a number without a name.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::SUCCESS => "SUCCESS",
            Self::SUBMITTED => "SUBMITTED",
            Self::FAILURE => "FAILURE",
            Self::UNKNOWN_MODULE => "UNKNOWN_MODULE",
            Self::UNKNOWN_METHOD => "UNKNOWN_METHOD",
            Self::CALL_NOT_UNDERSTOOD => "FAILED_UNMARSHAL_CALL",
            Self::BODY_NOT_UNDERSTOOD => "FAILED_UNMARSHAL_PAYLOAD",
            Self::RESULTS_NOT_ENCODED => "FAILED_MARSHAL",
            _ => return None,
        })
    }
}

/// The status with which a server of `oncilla` answers a refusal.
impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            // dRPC has no versions.
            Refusal::ProgramUnavailable | Refusal::ProgramMismatch { .. } => Self::UNKNOWN_MODULE,
            Refusal::ProcedureUnavailable => Self::UNKNOWN_METHOD,
            Refusal::GarbageArguments => Self::BODY_NOT_UNDERSTOOD,
            Refusal::SystemError | Refusal::RpcMismatch { .. } | Refusal::Authentication(_) => Self::FAILURE,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "status {}", self.0),
        }
    }
}

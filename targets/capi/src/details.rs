//! Details of failures.

use oncilla::{CallError, LinkError, Refusal};

use crate::*;

/// The details of the last failure of a server, client or endpoint. Members that do not apply are 0.
///
/// A function that refuses its arguments, as with ONCILLA_BOUND or ONCILLA_OVERLAP, leaves the details of the failure
/// before. They belong to a failure only if `status` is the status that the function returned.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Details {
    /// The status that was returned; ONCILLA_OK before the first failure.
    pub status: Status,
    /// With ONCILLA_TRANSPORT: the number that the callback returned.
    pub transport: i32,
    /// With ONCILLA_PROG_MISMATCH and ONCILLA_RPC_MISMATCH: the lowest version that the server has.
    pub low: u32,
    /// With ONCILLA_PROG_MISMATCH and ONCILLA_RPC_MISMATCH: the highest version that the server has.
    pub high: u32,
    /// With ONCILLA_AUTH_ERROR: the reason, as auth_stat of RFC 5531 §9.
    pub auth_stat: u32,
    /// The bytes that were needed, or UINT32_MAX if more. Set with ONCILLA_TOO_SMALL, ONCILLA_NO_ROOM,
    /// ONCILLA_UNSENT, ONCILLA_CALL_TOO_LARGE and ONCILLA_REPLY_TOO_LARGE.
    pub needed: u32,
    /// The bytes that were available, or with ONCILLA_UNSENT were sent. Set with the statuses of `needed`. With
    /// ONCILLA_TIMED_OUT: the bytes that arrived but are no whole frame, as with a wrong baud rate.
    pub available: u32,
}

impl Details {
    const fn new(status: Status) -> Self {
        Self { status, transport: 0, low: 0, high: 0, auth_stat: 0, needed: 0, available: 0 }
    }

    pub(crate) fn sizes(status: Status, needed: usize, available: usize) -> Self {
        let narrow = |size| u32::try_from(size).unwrap_or(u32::MAX);
        Self { needed: narrow(needed), available: narrow(available), ..Self::new(status) }
    }
}

impl From<Status> for Details {
    fn from(status: Status) -> Self {
        Self::new(status)
    }
}

impl From<LinkError<i32>> for Details {
    fn from(error: LinkError<i32>) -> Self {
        match error {
            LinkError::Transport(transport) => Self { transport, ..Self::new(ONCILLA_TRANSPORT) },
            LinkError::Unsent { sent, size } => Self::sizes(ONCILLA_UNSENT, size, sent),
            #[cfg(feature = "keys")]
            LinkError::Unverified => Self::new(ONCILLA_UNVERIFIED),
            #[cfg(feature = "keys")]
            LinkError::NoSession => Self::new(ONCILLA_NO_SESSION),
            LinkError::OutOfStep | LinkError::Broken => Self::new(ONCILLA_OUT_OF_STEP),
            // Only links with keys report these.
            #[cfg(not(feature = "keys"))]
            LinkError::Unverified | LinkError::NoSession => Self::new(ONCILLA_OUT_OF_STEP),
            LinkError::BufferTooSmall { needed, available } => Self::sizes(ONCILLA_TOO_SMALL, needed, available),
        }
    }
}

impl From<Refusal> for Details {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::ProgramUnavailable => Self::new(ONCILLA_PROG_UNAVAIL),
            Refusal::ProgramMismatch { low, high } => Self { low, high, ..Self::new(ONCILLA_PROG_MISMATCH) },
            Refusal::ProcedureUnavailable => Self::new(ONCILLA_PROC_UNAVAIL),
            Refusal::GarbageArguments => Self::new(ONCILLA_GARBAGE_ARGS),
            Refusal::SystemError => Self::new(ONCILLA_SYSTEM_ERR),
            Refusal::RpcMismatch { low, high } => Self { low, high, ..Self::new(ONCILLA_RPC_MISMATCH) },
            Refusal::Authentication(status) => Self { auth_stat: status.0, ..Self::new(ONCILLA_AUTH_ERROR) },
        }
    }
}

impl From<CallError<i32>> for Details {
    fn from(error: CallError<i32>) -> Self {
        use oncilla::xdr::EncodeError;
        match error {
            CallError::Link(error) => error.into(),
            CallError::TimedOut { unframed, .. } => Self { available: unframed, ..Self::new(ONCILLA_TIMED_OUT) },
            CallError::Echoed { .. } => Self::new(ONCILLA_ECHOED),
            CallError::Restarted => Self::new(ONCILLA_RESTARTED),
            CallError::Closed => Self::new(ONCILLA_CLOSED),
            CallError::Refused(refusal) => refusal.into(),
            CallError::Arguments(EncodeError::NoRoom { needed, available }) => {
                Self::sizes(ONCILLA_NO_ROOM, needed, available)
            }
            CallError::Arguments(EncodeError::Refused(fault)) => Self::new(status::of_fault(fault)),
            CallError::CallTooLarge { size, limit } => Self::sizes(ONCILLA_CALL_TOO_LARGE, size, limit),
            CallError::Results(error) => Self::new(status::of_fault(error.fault)),
            CallError::Reply(_) => Self::new(ONCILLA_REPLY_MALFORMED),
            CallError::ReplyTooLarge { size } => Self { needed: size, ..Self::new(ONCILLA_REPLY_TOO_LARGE) },
            CallError::NoSlot { .. } => Self::new(ONCILLA_NO_SLOT),
            CallError::TooDeep { .. } => Self::new(ONCILLA_TOO_DEEP),
            CallError::UnknownTicket { .. } => Self::new(ONCILLA_UNKNOWN_TICKET),
        }
    }
}

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

    fn with_sizes(self, needed: usize, available: usize) -> Self {
        let narrow = |size| u32::try_from(size).unwrap_or(u32::MAX);
        Self { needed: narrow(needed), available: narrow(available), ..self }
    }
}

/// What a failure tells.
pub(crate) trait Told {
    fn status(&self) -> Status;
    fn details(&self) -> Details;
}

/// The last failure of an object. Its details are made when the program asks for them.
#[derive(Debug)]
pub(crate) struct Failure<E>(Option<E>);

impl<E: Told> Failure<E> {
    pub const NONE: Self = Self(None);

    /// Stores a failure and returns its status.
    ///
    /// # Safety
    /// The pointer points to a failure that nothing refers to.
    #[inline]
    pub unsafe fn set(place: *mut Self, error: E) -> Status {
        let status = error.status();
        // SAFETY: this function's condition; a failure has nothing to drop.
        unsafe { place.write(Self(Some(error))) };
        status
    }

    /// Returns the details.
    pub fn details(&self) -> Details {
        self.0.as_ref().map_or(Details::new(ONCILLA_OK), Told::details)
    }
}

impl Told for LinkError<i32> {
    #[inline]
    fn status(&self) -> Status {
        match self {
            Self::Transport(_) => ONCILLA_TRANSPORT,
            Self::Unsent { .. } => ONCILLA_UNSENT,
            Self::OutOfStep | Self::Broken => ONCILLA_OUT_OF_STEP,
            Self::BufferTooSmall { .. } => ONCILLA_TOO_SMALL,
            Self::Unverified => ONCILLA_UNVERIFIED,
            Self::NoSession => ONCILLA_NO_SESSION,
        }
    }

    fn details(&self) -> Details {
        let plain = Details::new(self.status());
        match *self {
            Self::Transport(transport) => Details { transport, ..plain },
            Self::Unsent { sent, size } => plain.with_sizes(size, sent),
            Self::BufferTooSmall { needed, available } => plain.with_sizes(needed, available),
            _ => plain,
        }
    }
}

impl Told for CallError<i32> {
    fn status(&self) -> Status {
        status_of(self)
    }

    fn details(&self) -> Details {
        Details::of(self)
    }
}

/// Returns the status of a failed call.
fn status_of(error: &CallError<i32>) -> Status {
    use oncilla::xdr::EncodeError;
    match error {
        CallError::Link(error) => error.status(),
        CallError::TimedOut { .. } => ONCILLA_TIMED_OUT,
        CallError::Echoed { .. } => ONCILLA_ECHOED,
        CallError::Restarted => ONCILLA_RESTARTED,
        CallError::Closed => ONCILLA_CLOSED,
        CallError::Refused(refusal) => match refusal {
            Refusal::ProgramUnavailable => ONCILLA_PROG_UNAVAIL,
            Refusal::ProgramMismatch { .. } => ONCILLA_PROG_MISMATCH,
            Refusal::ProcedureUnavailable => ONCILLA_PROC_UNAVAIL,
            Refusal::GarbageArguments => ONCILLA_GARBAGE_ARGS,
            Refusal::SystemError => ONCILLA_SYSTEM_ERR,
            Refusal::RpcMismatch { .. } => ONCILLA_RPC_MISMATCH,
            Refusal::Authentication(_) => ONCILLA_AUTH_ERROR,
        },
        CallError::Arguments(EncodeError::NoRoom { .. }) => ONCILLA_NO_ROOM,
        CallError::Arguments(EncodeError::Refused(fault)) => status::of_fault(*fault),
        CallError::CallTooLarge { .. } => ONCILLA_CALL_TOO_LARGE,
        CallError::Results(error) => status::of_fault(error.fault),
        CallError::Reply(_) => ONCILLA_REPLY_MALFORMED,
        CallError::ReplyTooLarge { .. } => ONCILLA_REPLY_TOO_LARGE,
        CallError::NoSlot { .. } => ONCILLA_NO_SLOT,
        CallError::TooDeep { .. } => ONCILLA_TOO_DEEP,
        CallError::UnknownTicket { .. } => ONCILLA_UNKNOWN_TICKET,
    }
}

impl Details {
    fn of(error: &CallError<i32>) -> Self {
        use oncilla::xdr::EncodeError;
        let plain = Self::new(status_of(error));
        match *error {
            CallError::Link(ref error) => error.details(),
            CallError::Arguments(EncodeError::NoRoom { needed, available }) => plain.with_sizes(needed, available),
            CallError::CallTooLarge { size, limit } => plain.with_sizes(size, limit),
            CallError::TimedOut { unframed, .. } => Self { available: unframed, ..plain },
            CallError::ReplyTooLarge { size } => Self { needed: size, ..plain },
            CallError::Refused(Refusal::ProgramMismatch { low, high } | Refusal::RpcMismatch { low, high }) => {
                Self { low, high, ..plain }
            }
            CallError::Refused(Refusal::Authentication(status)) => Self { auth_stat: status.0, ..plain },
            _ => plain,
        }
    }
}

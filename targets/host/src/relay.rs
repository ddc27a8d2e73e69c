//! A handler that passes calls on to another server.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use oncilla::message::{Call, REPLY_HEADER};
use oncilla::{CallError, Caller, Handled, Handler, Needs, ProcedureId, Refusal};

/// The largest message that a relay passes on unless stated otherwise: what a datagram carries.
const MESSAGE_MAX: usize = 65_507;

type Identify<C> = dyn Fn(&mut C, &Call<'_>) + Send + Sync;
type Report = dyn Fn(ProcedureId, &CallError<io::Error>) + Send + Sync;

/// A bridge: passes calls of all programs on to another server.
///
/// It calls through a [`Caller`], and returns the replies of the server.
///
/// ```no_run
/// use oncilla_host::{Relay, Server};
///
/// let device = oncilla_host::serial("/dev/ttyUSB0", 115_200)?;
/// Server::new()?.tcp("127.0.0.1:20049")?.stop_on_signals()?.serve_by(4, Relay::new(device))?;
/// # Ok::<(), oncilla_host::Error>(())
/// ```
///
/// Clones share the caller, which makes one call at a time. Calls get xids of the caller's own, so clients may use the
/// same xids. On a serial line they have the short form if the device supports it. Refusals are passed back.
///
/// **Without a reply.** When the caller times out, the client gets no reply, because the procedure may be one-way. After
/// another error the client gets SYSTEM_ERR. In both cases the call may have been executed.
///
/// **At most once.** A caller on a serial line or on UDP retransmits calls, which a client on TCP would not do. A device
/// that must not execute calls twice needs a [`ReplayCache`](oncilla::ReplayCache).
pub struct Relay<C> {
    caller: Arc<Mutex<C>>,
    message_max: usize,
    identify: Option<Arc<Identify<C>>>,
    report: Option<Arc<Report>>,
}

impl<C> Relay<C> {
    /// Creates a relay to the server of `caller`.
    ///
    /// Messages have at most 65 507 bytes.
    pub fn new(caller: C) -> Self {
        Self { caller: Arc::new(Mutex::new(caller)), message_max: MESSAGE_MAX, identify: None, report: None }
    }

    /// Sets the size of the largest reply in bytes. Clients on UDP get no replies of more than 65 507 bytes.
    #[must_use]
    pub fn message_max(self, bytes: usize) -> Self {
        Self { message_max: bytes, ..self }
    }

    /// Calls `identify` before each call, to give the caller the credential of the client ([`Call::credential`]).
    ///
    /// Without this the caller's own credential is sent.
    #[must_use]
    pub fn identify(self, identify: impl Fn(&mut C, &Call<'_>) + Send + Sync + 'static) -> Self {
        Self { identify: Some(Arc::new(identify)), ..self }
    }

    /// Calls `report` with each error that is not a refusal, for a log.
    #[must_use]
    pub fn report(self, report: impl Fn(ProcedureId, &CallError<io::Error>) + Send + Sync + 'static) -> Self {
        Self { report: Some(Arc::new(report)), ..self }
    }
}

impl<C> Clone for Relay<C> {
    fn clone(&self) -> Self {
        let Self { caller, message_max, identify, report } = self;
        Self {
            caller: Arc::clone(caller),
            message_max: *message_max,
            identify: identify.clone(),
            report: report.clone(),
        }
    }
}

impl<C> fmt::Debug for Relay<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Relay").field("message_max", &self.message_max).finish_non_exhaustive()
    }
}

impl<C: Caller<Error = io::Error>> Handler for Relay<C> {
    fn reply_max(&self) -> usize {
        self.message_max
    }

    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: self.message_max.saturating_sub(REPLY_HEADER), idempotent: false }
    }

    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        let mut caller = self.caller.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(identify) = &self.identify {
            identify(&mut caller, call);
        }
        let outcome = caller.call(
            call.id(),
            |writer| writer.append(call.arguments()),
            |bytes| {
                let Some(room) = results.get_mut(..bytes.len()) else { return Ok(Err(bytes.len())) };
                room.copy_from_slice(bytes);
                Ok(Ok(bytes.len()))
            },
        );
        let error = match outcome {
            Ok(Ok(length)) => return Handled::Results(length),
            Ok(Err(length)) => {
                let size = REPLY_HEADER.saturating_add(length);
                CallError::ReplyTooLarge { size: u32::try_from(size).unwrap_or(u32::MAX) }
            }
            Err(CallError::Refused(refusal)) => return Handled::Refused(refusal),
            Err(error) => error,
        };
        if let Some(report) = &self.report {
            report(call.id(), &error);
        }
        match error {
            CallError::TimedOut { .. } => Handled::Silent,
            CallError::CallTooLarge { .. } => Handled::Refused(Refusal::GarbageArguments),
            _ => Handled::Refused(Refusal::SystemError),
        }
    }
}

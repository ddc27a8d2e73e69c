//! A connection to a device, over any carrier.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{CallError, Caller, ProcedureId, Retry, Transport, Writer};
use oncilla_host::{Layer, Reconnecting};

use super::flight::{Flight, Slots};
use super::{Heard, How, Identity, Note};

/// Writes the arguments of a call.
pub type Arguments<'a> = &'a dyn Fn(&mut Writer<'_>) -> Result<(), EncodeError>;

/// Receives the results of a call.
pub type Results<'a> = &'a mut dyn FnMut(&[u8]);

/// Makes calls over one carrier.
pub trait Connection: Send {
    /// Makes a call. With `idempotent`, it may be executed twice.
    fn call(
        &mut self,
        id: ProcedureId,
        idempotent: bool,
        arguments: Arguments<'_>,
        results: Results<'_>,
    ) -> Result<(), CallError<io::Error>>;

    /// Sends a one-way call.
    fn cast(&mut self, id: ProcedureId, arguments: Arguments<'_>) -> Result<(), CallError<io::Error>>;

    /// Sets the total time-out of the calls that follow.
    fn set_timeout(&mut self, timeout: Duration);

    /// Sets when calls are retransmitted, on carriers that lose messages.
    fn set_retry(&mut self, retry: Retry);

    /// Sets the credential and the verifier of the calls that follow.
    fn set_identity(&mut self, identity: Identity);

    /// Returns the connection for several calls in flight, if it can make them.
    fn into_flight(self: Box<Self>) -> Option<Box<dyn Flight>> {
        None
    }

    /// Returns the text of the interface, where it is known without a call of the device.
    fn description(&mut self) -> Option<Arc<str>> {
        None
    }
}

/// Makes a call, and passes its results on.
pub(super) fn exchange<C: Caller<Error = io::Error>>(
    caller: &mut C,
    id: ProcedureId,
    idempotent: bool,
    arguments: Arguments<'_>,
    results: Results<'_>,
) -> Result<(), CallError<io::Error>> {
    let take = |bytes: &[u8]| {
        results(bytes);
        Ok(())
    };
    if idempotent { caller.call_idempotent(id, arguments, take) } else { caller.call(id, arguments, take) }
}

macro_rules! connection {
    () => {
        fn set_identity(&mut self, identity: Identity) {
            *self.credential_mut() = identity;
        }

        fn call(
            &mut self,
            id: ProcedureId,
            idempotent: bool,
            arguments: Arguments<'_>,
            results: Results<'_>,
        ) -> Result<(), CallError<io::Error>> {
            exchange(self, id, idempotent, arguments, results)
        }

        fn cast(&mut self, id: ProcedureId, arguments: Arguments<'_>) -> Result<(), CallError<io::Error>> {
            Caller::cast(self, id, arguments)
        }

        fn set_timeout(&mut self, timeout: Duration) {
            Self::set_timeout(self, timeout);
        }

        fn set_retry(&mut self, retry: Retry) {
            Self::set_retry(self, retry);
        }
    };
}

impl<T: Transport<Error = io::Error, Framing: Send> + Send + 'static> Connection
    for oncilla::Client<T, Box<[u8]>, Identity>
{
    connection!();

    fn into_flight(self: Box<Self>) -> Option<Box<dyn Flight>> {
        Some(Box::new(Slots::new(*self)))
    }
}

impl<
    T: Transport<Error = io::Error, Framing: Send> + Send,
    L: Layer<T, Over: Transport<Error = io::Error, Framing: Send> + Send> + Send,
> Connection for Reconnecting<T, Identity, L>
{
    connection!();
}

/// A device that is connected. It is a [`Caller`].
pub struct Device {
    connection: Box<dyn Connection>,
    /// The results of the last call.
    results: Vec<u8>,
    /// Whether calls may be executed twice.
    idempotent: bool,
    heard: Heard,
    note: Option<Note>,
}

impl Device {
    /// Returns the device behind a connection.
    pub fn new(connection: impl Connection + 'static) -> Self {
        Self {
            connection: Box::new(connection),
            results: Vec::new(),
            idempotent: false,
            heard: Heard::default(),
            note: None,
        }
    }

    /// Reports calls, and keeps received bytes, as `how` states.
    #[must_use]
    pub fn observed(self, how: &How) -> Self {
        Self { heard: how.heard.clone(), note: how.note.clone(), ..self }
    }

    /// Returns the connection for several calls in flight, if it can make them.
    pub fn into_flight(self) -> Option<Box<dyn Flight>> {
        self.connection.into_flight()
    }

    /// Returns the text of the interface, where it is known without a call of the device: in a fleet.
    pub fn description(&mut self) -> Option<Arc<str>> {
        self.connection.description()
    }

    /// Returns the connection under this device.
    pub fn connection(&mut self) -> &mut dyn Connection {
        &mut *self.connection
    }

    /// Sets the total time-out of the calls that follow.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.connection.set_timeout(timeout);
    }

    /// Sets when calls are retransmitted, on carriers that lose messages.
    pub fn set_retry(&mut self, retry: Retry) {
        self.connection.set_retry(retry);
    }

    /// Sets the credential and the verifier of the calls that follow.
    pub fn set_identity(&mut self, identity: Identity) {
        self.connection.set_identity(identity);
    }

    /// Allows that the calls that follow are executed twice.
    ///
    /// They are then sent again after a lost connection.
    pub const fn set_idempotent(&mut self, idempotent: bool) {
        self.idempotent = idempotent;
    }

    /// Makes a call with encoded arguments and returns the encoded results.
    pub fn call_bytes(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<&[u8], CallError<io::Error>> {
        self.call(id, |writer| writer.append(arguments), Ok)
    }

    /// Calls procedure 0, which every server answers.
    pub fn null(&mut self, program: u32, version: u32) -> Result<(), CallError<io::Error>> {
        self.call_idempotent(ProcedureId { program, version, procedure: 0 }, |_| Ok(()), |_| Ok(()))
    }

    fn call_as<'c, R>(
        &'c mut self,
        id: ProcedureId,
        idempotent: bool,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<io::Error>> {
        let Self { connection, results: kept, heard, note, .. } = self;
        heard.clear();
        let start = Instant::now();
        let called = connection.call(id, idempotent, &arguments, &mut |bytes| {
            kept.clear();
            kept.extend_from_slice(bytes);
        });
        if matches!(called, Ok(()) | Err(CallError::Refused(_))) {
            heard.reply();
        }
        if let Some(note) = note {
            let time = start.elapsed().as_secs_f64() * 1e3;
            let ProcedureId { program, version, procedure } = id;
            let outcome = match &called {
                Ok(()) => format!("{} bytes of results", kept.len()),
                Err(CallError::Refused(refusal)) => format!("refused, {}", crate::refusal::name(refusal)),
                Err(_) => "no reply".to_owned(),
            };
            note(&format!(
                "call of program {program:#x} version {version} procedure {procedure}: {outcome} in {time:.3} ms"
            ));
        }
        called?;
        results(kept).map_err(CallError::Results)
    }
}

impl Caller for Device {
    type Error = io::Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<io::Error>> {
        self.call_as(id, self.idempotent, arguments, results)
    }

    fn call_idempotent<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<io::Error>> {
        self.call_as(id, true, arguments, results)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<io::Error>> {
        self.connection.cast(id, &arguments)
    }
}

//! What can be done with servers, clients and endpoints of any framing.

use core::ptr;
use core::time::Duration;

use oncilla::message::{OpaqueAuth, ProcedureId};
use oncilla::{Authenticate, CallError, Caller, Client, Endpoint, LinkError, Retry, Served, Time};

use crate::link::{Chosen, LinkOf};
use crate::object::Erased;
use crate::replay::Remembering;
use crate::table::State;
use crate::*;

/// Who calls, in lent memory.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    credential: OpaqueAuth<'static>,
}

impl Identity {
    pub const NONE: Self = Self { credential: OpaqueAuth::NONE };

    /// # Safety
    /// `body` points to `length` bytes that nobody changes as long as this is used, or is NULL.
    pub unsafe fn of(flavor: u32, body: *const u8, length: usize, buffers: &Buffers) -> Result<Self, Status> {
        if length > ONCILLA_AUTH_BODY_MAX {
            return Err(ONCILLA_BOUND);
        }
        buffers.are_apart_from(body, length)?;
        // SAFETY: this function's condition; no message is written to it, as it is not in the buffers.
        Ok(Self { credential: OpaqueAuth { flavor, body: unsafe { checked::slice(body, length) }? } })
    }
}

impl Authenticate for Identity {
    fn credential(&self) -> OpaqueAuth<'_> {
        self.credential
    }
}

/// What serves.
pub(crate) trait Serving {
    fn serve_next(&mut self, deadline: Time) -> Result<Served, LinkError<i32>>;
}

/// What calls.
pub(crate) trait Calling {
    fn call(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<&[u8], CallError<i32>>;
    fn cast(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<(), CallError<i32>>;
    fn set_timeout(&mut self, timeout: Option<Duration>);
    fn set_retry(&mut self, retry: Retry);
    fn set_identity(&mut self, identity: Identity);
}

/// What does both.
pub(crate) trait Both: Serving + Calling {}

pub(crate) type ClientOf<F> = Client<crate::io::Carrier<F>, &'static mut [u8], Identity>;
pub(crate) type EndpointOf<F> = Endpoint<State, crate::io::Carrier<F>, &'static mut [u8], Remembering, Identity>;

/// A server: a link, and what it serves on it.
pub(crate) struct ServerOf<F: Chosen> {
    pub link: LinkOf<F>,
    pub table: &'static oncilla::Table<State>,
    pub state: State,
    pub replay: Remembering,
}

impl<F: Chosen> Serving for ServerOf<F> {
    fn serve_next(&mut self, deadline: Time) -> Result<Served, LinkError<i32>> {
        self.link.serve_next_once(&mut self.replay, self.table, &mut self.state, deadline)
    }
}

impl<F: Chosen> Serving for EndpointOf<F> {
    fn serve_next(&mut self, deadline: Time) -> Result<Served, LinkError<i32>> {
        EndpointOf::serve_next(self, deadline)
    }
}

macro_rules! calling {
    ($type:ident) => {
        impl<F: Chosen> Calling for $type<F> {
            fn call(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<&[u8], CallError<i32>> {
                Caller::call(self, id, |writer| writer.append(arguments), Ok)
            }

            fn cast(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<(), CallError<i32>> {
                Caller::cast(self, id, |writer| writer.append(arguments))
            }

            fn set_timeout(&mut self, timeout: Option<Duration>) {
                match timeout {
                    Some(timeout) => $type::set_timeout(self, timeout),
                    None => self.wait_for_ever(),
                }
            }

            fn set_retry(&mut self, retry: Retry) {
                $type::set_retry(self, retry);
            }

            fn set_identity(&mut self, identity: Identity) {
                // SAFETY: what is read is written again, and nothing between can panic.
                unsafe { ptr::write(self, ptr::read(self).with_credential(identity)) };
            }
        }
    };
}

calling!(ClientOf);
calling!(EndpointOf);

impl<F: Chosen> Both for EndpointOf<F> {}

/// Serves one message.
pub(crate) fn serve_next<D: Serving + ?Sized, const WORDS: usize>(
    object: &mut Erased<D, WORDS>,
    deadline: u64,
) -> Status {
    let (server, error) = object.parts();
    match server.serve_next(Time::from_micros(deadline)) {
        Ok(Served::Message) => ONCILLA_OK,
        Ok(Served::TimeUp) => ONCILLA_TIME_UP,
        Ok(Served::Restart) => ONCILLA_RESTARTED,
        Ok(Served::End) => ONCILLA_CLOSED,
        Err(fault) => fail(error, fault.into()),
    }
}

/// Serves until the other end closes.
pub(crate) fn serve<D: Serving + ?Sized, const WORDS: usize>(object: &mut Erased<D, WORDS>) -> Status {
    loop {
        match serve_next(object, ONCILLA_NEVER) {
            ONCILLA_OK | ONCILLA_TIME_UP | ONCILLA_RESTARTED => {}
            ONCILLA_CLOSED => return ONCILLA_OK,
            fault => return fault,
        }
    }
}

/// A total time-out, of microseconds.
pub(crate) fn timeout(microseconds: u64) -> Option<Duration> {
    (microseconds != ONCILLA_NEVER).then_some(Duration::from_micros(microseconds))
}

/// When calls are sent again, of microseconds.
pub(crate) fn retry(pause: u64, doubling: u32) -> Retry {
    match Duration::from_micros(pause) {
        _ if pause == ONCILLA_NEVER => Retry::NEVER,
        pause if doubling != 0 => Retry::doubling(pause),
        pause => Retry::every(pause),
    }
}

/// What is called with what.
pub(crate) struct Outgoing<'a> {
    pub id: ProcedureId,
    pub arguments: &'a [u8],
}

impl<'a> Outgoing<'a> {
    /// # Safety
    /// If `arguments` is not NULL, it points to a writer whose bytes nobody changes while `'a` lasts.
    pub unsafe fn new(id: ProcedureId, arguments: *const Writer, buffers: &Buffers) -> Result<Self, Status> {
        if arguments.is_null() {
            return Ok(Self { id, arguments: &[] });
        }
        // SAFETY: this function's condition. What is looked at is apart from what is written meanwhile.
        let arguments = unsafe {
            let writer = checked::reference(arguments)?;
            buffers.are_apart_from(writer.bytes, writer.length)?;
            writer.written()?
        };
        Ok(Self { id, arguments })
    }
}

/// Makes a call.
///
/// # Safety
/// If `results` is not NULL, it points to room for a reader.
pub(crate) unsafe fn call<D: Calling + ?Sized, const WORDS: usize>(
    object: &mut Erased<D, WORDS>,
    call: &Outgoing<'_>,
    results: *mut Reader,
) -> Status {
    let (client, error) = object.parts();
    // SAFETY: this function's condition.
    unsafe { give(client.call(call.id, call.arguments), results, error) }
}

/// Gives the results of a call that is over, or says what became of it.
///
/// # Safety
/// If `results` is not NULL, it points to room for a reader.
#[inline]
pub(crate) unsafe fn give(called: Result<&[u8], CallError<i32>>, results: *mut Reader, error: &mut Details) -> Status {
    match called {
        Ok(bytes) if results.is_null() && bytes.is_empty() => ONCILLA_OK,
        Ok(_) if results.is_null() => fail(error, ONCILLA_LEFT_OVER.into()),
        // SAFETY: this function's condition.
        Ok(bytes) => status::status(unsafe { checked::put(results, Reader::new(bytes)) }),
        Err(fault) => fail(error, fault.into()),
    }
}

/// Sends a call and waits for nothing.
pub(crate) fn cast<D: Calling + ?Sized, const WORDS: usize>(
    object: &mut Erased<D, WORDS>,
    call: &Outgoing<'_>,
) -> Status {
    let (client, error) = object.parts();
    match client.cast(call.id, call.arguments) {
        Ok(()) => ONCILLA_OK,
        Err(fault) => fail(error, fault.into()),
    }
}

/// Keeps the details of a failure.
pub(crate) fn fail(place: &mut Details, details: Details) -> Status {
    *place = details;
    details.status
}

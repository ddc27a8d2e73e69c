//! Operations on servers, clients and endpoints of any framing.

use core::ptr;
use core::time::Duration;

use oncilla::message::{OpaqueAuth, ProcedureId};
use oncilla::{Authenticate, CallError, Caller, Client, Endpoint, Link, LinkError, Retry, Served, Time, Transport};

use crate::checked::{Memory, NOWHERE, apart, place_at};
use crate::erased::Erased;
use crate::lent::{Lent, Serves};
use crate::object::{Kind, enter};
use crate::replay::Remembering;
use crate::status::status;
use crate::table::State;
use crate::*;

/// A credential in lent memory.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    credential: OpaqueAuth<'static>,
}

impl Identity {
    pub const NONE: Self = Self { credential: OpaqueAuth::NONE };

    /// # Safety
    /// `body` points to `length` bytes that do not change as long as this is used, or is NULL.
    unsafe fn of(flavor: u32, body: *const u8, length: usize) -> Result<Self, Status> {
        if length > ONCILLA_AUTH_BODY_MAX {
            return Err(ONCILLA_BOUND);
        }
        // SAFETY: this function's condition.
        Ok(Self { credential: OpaqueAuth { flavor, body: unsafe { checked::slice(body, length) }? } })
    }
}

impl Authenticate for Identity {
    fn credential(&self) -> OpaqueAuth<'_> {
        self.credential
    }
}

/// An object that serves.
pub(crate) trait Serving {
    fn serve_next(&mut self, deadline: Time) -> Result<Served, LinkError<i32>>;
}

/// An object that calls.
pub(crate) trait Calling {
    /// Makes a call and waits for its reply.
    fn call(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<&[u8], CallError<i32>>;
    /// Sends a one-way call.
    fn cast(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<(), CallError<i32>>;
    fn set_timeout(&mut self, timeout: Option<Duration>);
    fn set_retry(&mut self, retry: Retry);
    fn set_identity(&mut self, identity: Identity);
}

/// An object that serves and calls.
pub(crate) trait Both: Serving + Calling {}

pub(crate) type ClientOf<T> = Client<T, &'static mut [u8], Identity>;
pub(crate) type EndpointOf<T> = Endpoint<State, T, &'static mut [u8], Remembering, Identity>;

/// A server: a link and the table that it serves.
pub(crate) struct ServerOf<T: Transport> {
    pub link: Link<T, &'static mut [u8]>,
    pub table: &'static oncilla::Table<State>,
    pub state: State,
    pub replay: Remembering,
}

impl<T: Transport<Error = i32>> Serving for ServerOf<T> {
    fn serve_next(&mut self, deadline: Time) -> Result<Served, LinkError<i32>> {
        self.link.serve_next_once(&mut self.replay, self.table, &mut self.state, deadline)
    }
}

impl<T: Transport<Error = i32>> Serving for EndpointOf<T> {
    fn serve_next(&mut self, deadline: Time) -> Result<Served, LinkError<i32>> {
        EndpointOf::serve_next(self, deadline)
    }
}

macro_rules! calling {
    ($type:ident) => {
        impl<T: Transport<Error = i32>> Calling for $type<T> {
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
                // SAFETY: the value that is read is replaced at once, and nothing in between can panic.
                unsafe { ptr::write(self, ptr::read(self).with_credential(identity)) };
            }
        }
    };
}

calling!(ClientOf);
calling!(EndpointOf);

impl<T: Transport<Error = i32>> Both for EndpointOf<T> {}

/// Serves one message.
///
/// # Safety
/// As of [`enter`].
pub(crate) unsafe fn serve_next<O, D, S, const WORDS: usize>(place: *mut O, deadline: u64) -> Status
where
    O: Kind<Inner = Erased<D, S, WORDS>>,
    D: Serving + ?Sized + 'static,
    S: Serves + 'static,
{
    // SAFETY: this function's condition.
    let served = unsafe {
        enter(place).and_then(|mut object| {
            let _in_use = object.lent.served.take_in_use()?;
            Ok(serve_once(&mut object, deadline))
        })
    };
    served.unwrap_or_else(|fault| fault)
}

fn serve_once<D: Serving + ?Sized, S, const WORDS: usize>(object: &mut Erased<D, S, WORDS>, deadline: u64) -> Status {
    let (server, error) = object.parts();
    match server.serve_next(Time::from_micros(deadline)) {
        Ok(Served::Message) => ONCILLA_OK,
        Ok(Served::TimeUp) => ONCILLA_TIME_UP,
        Ok(Served::Restart) => ONCILLA_RESTARTED,
        Ok(Served::End) => ONCILLA_CLOSED,
        Err(fault) => fail(error, fault.into()),
    }
}

/// Serves until the peer closes the link.
///
/// # Safety
/// As of [`enter`].
pub(crate) unsafe fn serve<O, D, S, const WORDS: usize>(place: *mut O) -> Status
where
    O: Kind<Inner = Erased<D, S, WORDS>>,
    D: Serving + ?Sized + 'static,
    S: Serves + 'static,
{
    loop {
        // SAFETY: this function's condition.
        match unsafe { serve_next(place, ONCILLA_NEVER) } {
            ONCILLA_OK | ONCILLA_TIME_UP | ONCILLA_RESTARTED => {}
            ONCILLA_CLOSED => return ONCILLA_OK,
            fault => return fault,
        }
    }
}

/// Converts microseconds to a total time-out; ONCILLA_NEVER is none.
pub(crate) fn timeout(microseconds: u64) -> Option<Duration> {
    (microseconds != ONCILLA_NEVER).then_some(Duration::from_micros(microseconds))
}

/// Converts microseconds to the pauses between retransmissions; ONCILLA_NEVER is no retransmission.
pub(crate) fn retry(pause: u64, doubling: u32) -> Retry {
    match Duration::from_micros(pause) {
        _ if pause == ONCILLA_NEVER => Retry::NEVER,
        pause if doubling != 0 => Retry::doubling(pause),
        pause => Retry::every(pause),
    }
}

/// The procedure to call, and the encoded arguments.
pub(crate) struct Outgoing<'a> {
    pub id: ProcedureId,
    pub arguments: &'a [u8],
}

impl<'a> Outgoing<'a> {
    /// Checks the arguments of a call on the object at `own`, whose results are written to `place`.
    ///
    /// # Safety
    /// If `arguments` is not NULL, it points to a writer whose bytes do not change while `'a` lasts.
    #[inline(never)]
    pub unsafe fn new<S: Serves>(
        id: ProcedureId,
        arguments: *const Writer,
        place: Memory,
        own: Memory,
        lent: &Lent<S>,
    ) -> Result<Self, Status> {
        // SAFETY: this function's condition. Memory that is read is apart from memory that is written meanwhile.
        unsafe {
            lent.is_apart_from(own, place)?;
            if arguments.is_null() {
                return Ok(Self { id, arguments: &[] });
            }
            let writer = checked::reference(arguments)?;
            for read in [place_at(arguments), (writer.bytes.cast_const(), writer.length)] {
                apart(place, read)?;
                lent.is_apart_from(own, read)?;
            }
            Ok(Self { id, arguments: writer.written()? })
        }
    }
}

/// Checks the place for results, which may be NULL.
///
/// # Safety
/// The lent memory is in its place.
pub(crate) unsafe fn check_results<S: Serves>(
    results: *const Reader,
    own: Memory,
    lent: &Lent<S>,
) -> Result<(), Status> {
    if results.is_null() {
        return Ok(());
    }
    checked::check(results)?;
    // SAFETY: this function's condition.
    Ok(unsafe { lent.is_apart_from(own, place_at(results)) }?)
}

/// Makes a call and waits for its reply.
///
/// # Safety
/// As of [`enter`]. If `results` is not NULL, it points to room for a reader.
pub(crate) unsafe fn call<O, D, S, const WORDS: usize>(
    place: *mut O,
    id: ProcedureId,
    arguments: *const Writer,
    results: *mut Reader,
) -> Status
where
    O: Kind<Inner = Erased<D, S, WORDS>>,
    D: Calling + ?Sized + 'static,
    S: Serves + 'static,
{
    // SAFETY: this function's condition.
    let called = unsafe {
        enter(place).and_then(|mut object| {
            if !results.is_null() {
                checked::check(results)?;
            }
            let call = Outgoing::new(id, arguments, place_at(results), place_at(place), &object.lent)?;
            let _in_use = object.lent.served.take_in_use()?;
            let (client, error) = object.parts();
            Ok(give(client.call(call.id, call.arguments), results, error))
        })
    };
    called.unwrap_or_else(|fault| fault)
}

/// Writes the results of a finished call to `results`, or its failure to `error`.
///
/// # Safety
/// If `results` is not NULL, it points to room for a reader.
#[inline]
pub(crate) unsafe fn give(called: Result<&[u8], CallError<i32>>, results: *mut Reader, error: &mut Details) -> Status {
    match called {
        Ok(bytes) if results.is_null() && bytes.is_empty() => ONCILLA_OK,
        Ok(_) if results.is_null() => fail(error, ONCILLA_LEFT_OVER.into()),
        // SAFETY: this function's condition.
        Ok(bytes) => status(unsafe { checked::put(results, Reader::new(bytes)) }),
        Err(fault) => fail(error, fault.into()),
    }
}

/// Sends a one-way call.
///
/// # Safety
/// As of [`enter`].
pub(crate) unsafe fn cast<O, D, S, const WORDS: usize>(
    place: *mut O,
    id: ProcedureId,
    arguments: *const Writer,
) -> Status
where
    O: Kind<Inner = Erased<D, S, WORDS>>,
    D: Calling + ?Sized + 'static,
    S: Serves + 'static,
{
    // SAFETY: this function's condition.
    let sent = unsafe {
        enter(place).and_then(|mut object| {
            let call = Outgoing::new(id, arguments, NOWHERE, place_at(place), &object.lent)?;
            let (client, error) = object.parts();
            client.cast(call.id, call.arguments).map_err(|fault| fail(error, fault.into()))
        })
    };
    status(sent)
}

/// Sets the credential of later calls.
///
/// # Safety
/// As of [`enter`], and of [`Identity::of`].
pub(crate) unsafe fn set_credential<O, D, S, const WORDS: usize>(
    place: *mut O,
    flavor: u32,
    body: *const u8,
    length: usize,
) -> Status
where
    O: Kind<Inner = Erased<D, S, WORDS>>,
    D: Calling + ?Sized + 'static,
    S: Serves + 'static,
{
    // SAFETY: this function's condition; the body is apart from the lent memory, so nothing writes to it.
    let set = unsafe {
        enter(place).and_then(|mut object| {
            let identity = Identity::of(flavor, body, length)?;
            object.lent.is_apart_from(place_at(place), (body, length))?;
            object.parts().0.set_identity(identity);
            Ok(())
        })
    };
    status(set)
}

/// Copies the details of the last failure.
///
/// # Safety
/// As of [`enter`]. If `details` is not NULL, it points to room for them.
pub(crate) unsafe fn details<O, D, S, const WORDS: usize>(place: *mut O, details: *mut Details) -> Status
where
    O: Kind<Inner = Erased<D, S, WORDS>>,
    D: ?Sized + 'static,
    S: Serves + 'static,
{
    // SAFETY: this function's condition.
    let copied = unsafe {
        enter(place).and_then(|object| {
            checked::check(details)?;
            object.lent.is_apart_from(place_at(place), place_at(details))?;
            checked::put(details, object.error)
        })
    };
    status(copied)
}

/// Stores the details of a failure and returns its status.
pub(crate) fn fail(place: &mut Details, details: Details) -> Status {
    *place = details;
    details.status
}

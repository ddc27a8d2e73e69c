//! The carrier: callbacks of the C program.

use core::ffi::c_void;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::net::SocketAddr;

use oncilla::framing::Framing;
use oncilla::{Received, Time, Transport};

use crate::checked::reference;
use crate::link::Chosen;
use crate::{Address, ONCILLA_NULL, Status};

/// Later than every other instant: waiting until then is waiting for ever.
pub const ONCILLA_NEVER: u64 = u64::MAX;

/// What a receive callback returns when the deadline has passed and nothing came.
pub const ONCILLA_IO_TIME_UP: i32 = i32::MIN;

/// What ONCILLA_TRANSPORT's detail is when a callback has returned more bytes than it was given, except
/// of a datagram that was larger.
pub const ONCILLA_IO_TOO_MANY: i32 = i32::MIN + 1;

/// The present instant: microseconds since any moment, such as power-on. It never goes back.
pub type Now = Option<unsafe extern "C" fn(context: *mut c_void) -> u64>;

/// Waits for bytes until `deadline`, looking at least once, and puts at most `size` of them in `into`; it does not wait
/// for all of them. Returns
/// - how many came;
/// - 0 when the other end has closed, as read(2) does: nothing will come any more;
/// - ONCILLA_IO_TIME_UP when the deadline has passed;
/// - any other negative number, such as -errno, on an error.
///
/// On a carrier of datagrams it gives one whole datagram; an empty one it passes over. Of one that `into` cannot hold it puts
/// the beginning there, and returns how many bytes the datagram has, or `size` + 1 where that is not known: a reply ends
/// its call with ONCILLA_REPLY_TOO_LARGE, a call is refused with GARBAGE_ARGS. `size` is at most INT32_MAX.
pub type Receive = Option<unsafe extern "C" fn(context: *mut c_void, into: *mut u8, size: usize, deadline: u64) -> i32>;

/// Hands over `size` bytes, in one piece where the carrier takes it so, waiting until `deadline` at most. Returns how many
/// were taken, fewer than all when the deadline has passed, or a negative number on an error.
pub type Send = Option<unsafe extern "C" fn(context: *mut c_void, from: *const u8, size: usize, deadline: u64) -> i32>;

/// Tells where what was received last came from: 1, or 0 when that is not known.
pub type Peer = Option<unsafe extern "C" fn(context: *mut c_void, peer: *mut Address) -> i32>;

/// Text that the other end printed, mostly a line. It has no check value.
pub const ONCILLA_BESIDE_TEXT: u32 = 1;

/// A piece of binary log, whole.
pub const ONCILLA_BESIDE_LOG: u32 = 2;

/// Bytes that are no message: noise, a damaged message, or the prints of a boot loader.
pub const ONCILLA_BESIDE_DROPPED: u32 = 3;

/// Is shown what came beside the messages on a serial line that carries more than those; `what` is one of
/// ONCILLA_BESIDE_TEXT, ONCILLA_BESIDE_LOG and ONCILLA_BESIDE_DROPPED. The bytes are lent until it returns, and end with no
/// zero.
pub type Beside = Option<unsafe extern "C" fn(context: *mut c_void, what: u32, bytes: *const u8, length: usize)>;

/// How bytes are carried, and what time it is. The callbacks are called in the thread that serves or calls, and must not
/// call into what has called them. They must return: no longjmp and no C++ exception may leave one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Io {
    /// Given to each callback.
    pub context: *mut c_void,
    /// NULL only for a server, which then waits for ever whatever its deadline.
    pub now: Now,
    /// Never NULL.
    pub receive: Receive,
    /// Never NULL.
    pub send: Send,
    /// NULL where there is one peer, at the other end.
    pub peer: Peer,
    /// Called on lines that were made `_with_log`, unless NULL.
    pub beside: Beside,
}

/// The callbacks as a transport of a chosen kind.
pub(crate) struct Carrier<K> {
    io: Io,
    kind: PhantomData<K>,
}

impl<K> Carrier<K> {
    /// # Safety
    /// `io` points to callbacks, or is NULL, which may be called with their context as long as the carrier is used.
    pub unsafe fn new(io: *const Io, clock_needed: bool) -> Result<Self, Status> {
        // SAFETY: this function's condition.
        let io = *unsafe { reference(io) }?;
        if io.receive.is_none() || io.send.is_none() || clock_needed && io.now.is_none() {
            return Err(ONCILLA_NULL);
        }
        Ok(Self { io, kind: PhantomData })
    }
}

/// What a callback was given, in bytes that its return value can tell.
fn limit(size: usize) -> usize {
    size.min(usize::try_from(i32::MAX).unwrap_or(usize::MAX))
}

/// How many bytes a callback took or gave of those it was given.
fn count(returned: i32, limit: usize) -> Result<usize, i32> {
    let count = usize::try_from(returned).map_err(|_| returned)?;
    if count > limit { Err(ONCILLA_IO_TOO_MANY) } else { Ok(count) }
}

impl<K: Chosen> Transport for Carrier<K> {
    type Error = i32;
    type Framing = K::Framing;

    const BESIDE: bool = K::BESIDE;

    fn now(&mut self) -> Time {
        // SAFETY: the condition of `Carrier::new`.
        self.io.now.map_or(Time::ZERO, |now| Time::from_micros(unsafe { now(self.io.context) }))
    }

    fn peer(&self) -> Option<SocketAddr> {
        let mut address = MaybeUninit::new(Address::UNKNOWN);
        // SAFETY: the condition of `Carrier::new`; the address is initialised before and whatever it is set to.
        let address = unsafe {
            let known = self.io.peer?(self.io.context, address.as_mut_ptr());
            (known != 0).then_some(address.assume_init())
        };
        address?.to_socket()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, i32> {
        let Some(receive) = self.io.receive else { return Ok(Received::End) };
        let size = limit(into.len());
        // SAFETY: the condition of `Carrier::new`, and as many bytes may be written.
        match unsafe { receive(self.io.context, into.as_mut_ptr(), size, deadline.as_micros()) } {
            ONCILLA_IO_TIME_UP => Ok(Received::TimeUp),
            0 => Ok(Received::End),
            returned => match count(returned, size) {
                Err(ONCILLA_IO_TOO_MANY) if K::Framing::DATAGRAMS && returned > 0 => {
                    Ok(Received::Oversize(usize::try_from(returned).unwrap_or(usize::MAX)))
                }
                counted => counted.map(Received::Bytes),
            },
        }
    }

    fn is_noise(&self, error: &i32) -> bool {
        *error != ONCILLA_IO_TOO_MANY
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, i32> {
        let Some(send) = self.io.send else { return Ok(0) };
        let size = limit(frame.len());
        // SAFETY: the condition of `Carrier::new`, and as many bytes may be read.
        count(unsafe { send(self.io.context, frame.as_ptr(), size, deadline.as_micros()) }, size)
    }

    fn beside(&mut self, what: oncilla::Beside<'_>) {
        // Who does not look pays for nothing of this.
        let Some(beside) = self.io.beside.filter(|_| K::BESIDE) else { return };
        let (what, bytes) = match what {
            oncilla::Beside::Text(bytes) => (ONCILLA_BESIDE_TEXT, bytes),
            oncilla::Beside::Log(bytes) => (ONCILLA_BESIDE_LOG, bytes),
            oncilla::Beside::Dropped(bytes) => (ONCILLA_BESIDE_DROPPED, bytes),
        };
        // SAFETY: the condition of `Carrier::new`, and as many bytes may be read.
        unsafe { beside(self.io.context, what, bytes.as_ptr(), bytes.len()) }
    }
}

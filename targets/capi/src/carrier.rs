//! A transport on the callbacks of the C program.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::net::SocketAddr;

use oncilla::__private::by_parts;
use oncilla::framing::{Cobs, Datagram, Framing, Record, Serial};
use oncilla::{Link, Received, Time, Transport};

use crate::checked::{CHECKS, reference, there};
use crate::io::Io;
use crate::object::Kind;
use crate::{
    Address, ONCILLA_BESIDE_DROPPED, ONCILLA_BESIDE_LOG, ONCILLA_BESIDE_TEXT, ONCILLA_BESIDE_UNVERIFIED,
    ONCILLA_IO_TIME_UP, ONCILLA_IO_TOO_MANY, ONCILLA_NULL, Status,
};

/// A link in lent memory.
pub(crate) type LinkOf<K> = Link<<K as Chosen>::Transport, &'static mut [u8]>;

/// A kind of carrier: a framing, with or without logs, with or without keys.
pub(crate) trait Chosen: Sized + 'static {
    /// How frames are delimited.
    type Framing: Framing;
    /// The carrier, with or without keys.
    type Transport: Transport<Error = i32>;
    /// What a link needs at its beginning: a boot number or 0, or the ends of its sessions.
    type Begin;
    /// Whether text and logs are passed to the C program.
    const BESIDE: bool = false;
    /// Whether peers have addresses. The peer of a serial line has none.
    const ADDRESSES: bool = !<Self::Framing as Framing>::NOISY;
    /// Whether the object makes calls.
    const CALLS: bool = true;
    /// Whether messages can be lost.
    const LOSSY: bool = <Self::Framing as Framing>::RESYNCHRONIZES;

    fn link(carrier: Carrier<Self>, rx: &'static mut [u8], tx: &'static mut [u8], begin: Self::Begin) -> LinkOf<Self>;
}

/// A kind of carrier without keys.
pub(crate) trait Plain: Chosen<Transport = Carrier<Self>, Begin = u32> {}

impl<K: Chosen<Transport = Carrier<K>, Begin = u32>> Plain for K {}

/// A carrier with the framing `F`, for an object of the C type `O`.
///
/// Each type of object has kinds of its own. So the compiler sees each function of the core called in one place only, and
/// merges it with its caller. That takes much less flash in a program with one object, as most are.
pub(crate) struct On<F, O>(PhantomData<(F, O)>);

/// A framing without keys.
pub(crate) trait Begins: Framing + 'static {
    /// Makes a link with a boot number, if the framing has one.
    fn link<K: Plain<Framing = Self>>(
        carrier: Carrier<K>,
        rx: &'static mut [u8],
        tx: &'static mut [u8],
        boot: u32,
    ) -> LinkOf<K>;
}

macro_rules! without_boot_number {
    ($framing:ty) => {
        impl Begins for $framing {
            #[inline]
            fn link<K: Plain<Framing = Self>>(
                carrier: Carrier<K>,
                rx: &'static mut [u8],
                tx: &'static mut [u8],
                _: u32,
            ) -> LinkOf<K> {
                Link::new(carrier, rx, tx)
            }
        }
    };
}

without_boot_number!(Cobs);
without_boot_number!(Record);
without_boot_number!(Datagram);

impl Begins for Serial {
    #[inline]
    fn link<K: Plain<Framing = Self>>(
        carrier: Carrier<K>,
        rx: &'static mut [u8],
        tx: &'static mut [u8],
        boot: u32,
    ) -> LinkOf<K> {
        by_parts::serial_link(carrier, rx, tx, boot)
    }
}

impl<F: Begins, O: Kind + 'static> Chosen for On<F, O> {
    type Framing = F;
    type Transport = Carrier<Self>;
    type Begin = u32;
    const CALLS: bool = O::CALLS;

    #[inline]
    fn link(carrier: Carrier<Self>, rx: &'static mut [u8], tx: &'static mut [u8], boot: u32) -> LinkOf<Self> {
        F::link(carrier, rx, tx, boot)
    }
}

/// A serial line that passes text and logs to the C program, for an object of the C type `O`.
pub(crate) struct WithLog<O>(PhantomData<O>);

impl<O: Kind + 'static> Chosen for WithLog<O> {
    type Framing = Serial;
    type Transport = Carrier<Self>;
    type Begin = u32;
    const CALLS: bool = O::CALLS;
    const BESIDE: bool = true;

    #[inline]
    fn link(carrier: Carrier<Self>, rx: &'static mut [u8], tx: &'static mut [u8], boot: u32) -> LinkOf<Self> {
        <Serial as Begins>::link(carrier, rx, tx, boot)
    }
}

/// The callbacks, as a transport of the kind `K`.
pub(crate) struct Carrier<K> {
    io: Io,
    kind: PhantomData<K>,
}

impl<K> Carrier<K> {
    /// # Safety
    /// `io` is NULL, or points to callbacks that may be called with their context as long as the carrier is used.
    pub unsafe fn new(io: *const Io, clock_needed: bool) -> Result<Self, Status> {
        // SAFETY: this function's condition.
        let io = *unsafe { reference(io) }?;
        if CHECKS && (io.receive.is_none() || io.send.is_none() || clock_needed && io.now.is_none()) {
            return Err(ONCILLA_NULL);
        }
        Ok(Self { io, kind: PhantomData })
    }
}

/// Limits a size to what a callback can return.
#[inline]
fn limit(size: usize) -> usize {
    // Where addresses have 32 bits, no memory is larger.
    if usize::BITS <= 32 { size } else { size.min(usize::try_from(i32::MAX).unwrap_or(usize::MAX)) }
}

/// Returns the byte count that a callback returned, or its error.
fn count(returned: i32, limit: usize) -> Result<usize, i32> {
    let count = usize::try_from(returned).map_err(|_| returned)?;
    if count > limit { Err(ONCILLA_IO_TOO_MANY) } else { Ok(count) }
}

impl<K: Chosen> Transport for Carrier<K> {
    type Error = i32;
    type Framing = K::Framing;

    const BESIDE: bool = K::BESIDE;
    const CALLS: bool = K::CALLS;

    fn now(&mut self) -> Time {
        // SAFETY: the condition of `Carrier::new`.
        self.io.now.map_or(Time::ZERO, |now| Time::from_micros(unsafe { now(self.io.context) }))
    }

    fn peer(&self) -> Option<SocketAddr> {
        if !K::ADDRESSES {
            return None;
        }
        let peer = self.io.peer?;
        let mut address = MaybeUninit::new(Address::UNKNOWN);
        // SAFETY: the condition of `Carrier::new`; the address is initialised, and any bytes are an address.
        let address = unsafe {
            let known = peer(self.io.context, address.as_mut_ptr());
            (known != 0).then_some(address.assume_init())
        };
        address?.to_socket()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, i32> {
        // SAFETY: an object is initialised with a function, or with a library that does not check that.
        let Some(receive) = (unsafe { there(self.io.receive) }) else { return Ok(Received::End) };
        let size = limit(into.len());
        // SAFETY: the condition of `Carrier::new`, and `into` has `size` bytes.
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
        // SAFETY: as above.
        let Some(send) = (unsafe { there(self.io.send) }) else { return Ok(0) };
        let size = limit(frame.len());
        // SAFETY: the condition of `Carrier::new`, and `frame` has `size` bytes.
        count(unsafe { send(self.io.context, frame.as_ptr(), size, deadline.as_micros()) }, size)
    }

    fn beside(&mut self, what: oncilla::Beside<'_>) {
        // Without logs, the compiler removes all of this.
        let Some(beside) = self.io.beside.filter(|_| K::BESIDE) else { return };
        let (what, bytes) = match what {
            oncilla::Beside::Text(bytes) => (ONCILLA_BESIDE_TEXT, bytes),
            oncilla::Beside::Unverified(bytes) => (ONCILLA_BESIDE_UNVERIFIED, bytes),
            oncilla::Beside::Log(bytes) => (ONCILLA_BESIDE_LOG, bytes),
            oncilla::Beside::Dropped(bytes) => (ONCILLA_BESIDE_DROPPED, bytes),
        };
        // SAFETY: the condition of `Carrier::new`, and the length is that of the bytes.
        unsafe { beside(self.io.context, what, bytes.as_ptr(), bytes.len()) }
    }
}

//! A carrier with the two buffers it needs.

use oncilla::Link;
use oncilla::framing::{Datagram, Framing, Record, Serial};

use crate::checked::{cleared, place_at, reference};
use crate::io::{Carrier, Io};
use crate::lent::{Lent, Serves, are_apart};
use crate::{ONCILLA_TOO_SMALL, Status};

/// The two buffers of a server, client or endpoint, which keeps them; the macros ONCILLA_RECORD_BUFFER and so on give
/// their sizes. A server receives calls and sends replies, a client the other way round, an endpoint both.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Buffers {
    /// What is received.
    pub rx: *mut u8,
    /// Its bytes.
    pub rx_size: usize,
    /// What is sent.
    pub tx: *mut u8,
    /// Its bytes.
    pub tx_size: usize,
}

/// A link in lent memory.
pub(crate) type LinkOf<K> = Link<Carrier<K>, &'static mut [u8]>;

/// A kind of carrier that C programs can choose.
pub(crate) trait Chosen: Sized + 'static {
    type Framing: Framing;
    /// Whether it shows what comes beside messages.
    const BESIDE: bool = false;
    /// Whether messages can be lost.
    const LOSSY: bool = <Self::Framing as Framing>::RESYNCHRONIZES;

    fn link(carrier: Carrier<Self>, rx: &'static mut [u8], tx: &'static mut [u8], _boot: u32) -> LinkOf<Self> {
        Link::new(carrier, rx, tx)
    }
}

impl Chosen for Record {
    type Framing = Self;
}

impl Chosen for Datagram {
    type Framing = Self;
}

impl Chosen for Serial {
    type Framing = Self;

    fn link(carrier: Carrier<Self>, rx: &'static mut [u8], tx: &'static mut [u8], boot: u32) -> LinkOf<Self> {
        introduced(carrier, rx, tx, boot)
    }
}

/// A serial line that shows what comes beside messages.
pub(crate) struct WithLog;

impl Chosen for WithLog {
    type Framing = Serial;
    const BESIDE: bool = true;

    fn link(carrier: Carrier<Self>, rx: &'static mut [u8], tx: &'static mut [u8], boot: u32) -> LinkOf<Self> {
        introduced(carrier, rx, tx, boot)
    }
}

fn introduced<K: Chosen<Framing = Serial>>(
    carrier: Carrier<K>,
    rx: &'static mut [u8],
    tx: &'static mut [u8],
    boot: u32,
) -> LinkOf<K> {
    if boot == 0 { Link::new(carrier, rx, tx) } else { Link::with_boot_number(carrier, rx, tx, boot) }
}

/// Makes a link that has room for messages of `send_max` bytes, for an `owner` of which no byte, nor of what it serves, is
/// in the buffers.
///
/// # Safety
/// The pointers point to what they are for, or are NULL, and nobody else uses the buffers as long as the link is used.
pub(crate) unsafe fn link<K: Chosen, O, S: Serves>(
    owner: *const O,
    served: S,
    io: *const Io,
    clock_needed: bool,
    buffers: *const Buffers,
    boot: u32,
    send_max: usize,
) -> Result<(LinkOf<K>, Lent<S>), Status> {
    // SAFETY: this function's condition; the buffers are apart, as is checked before they are used.
    unsafe {
        let carrier = Carrier::new(io, clock_needed)?;
        let lent = Lent { buffers: *reference(buffers)?, served };
        let Buffers { rx, rx_size, tx, tx_size } = lent.buffers;
        let [rx_at, tx_at] = [(rx.cast_const(), rx_size), (tx.cast_const(), tx_size)];
        are_apart(&[place_at(owner), rx_at, tx_at, place_at(io), place_at(buffers)], 3, &served)?;
        let (rx, tx) = (cleared(rx, rx_size)?, cleared(tx, tx_size)?);
        if rx.len() < K::Framing::BUFFER_MIN || K::Framing::room(tx).len() < send_max {
            return Err(ONCILLA_TOO_SMALL);
        }
        Ok((K::link(carrier, rx, tx, boot), lent))
    }
}

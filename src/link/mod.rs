//! Whole messages over a transport, and text and logs beside them.

mod buffers;
mod echo;
mod error;
mod receive;
mod send;
mod serial;
mod stream;
mod time;
mod transport;

pub use buffers::{Buffers, Each};
pub use error::LinkError;
pub use serial::CarriesText;
pub use stream::{Clock, Forever, Stream};
pub use time::Time;
pub use transport::{Beside, Received, Transport};

pub(crate) use echo::Own;
pub(crate) use receive::{Incoming, Span};

use core::time::Duration;

use crate::framing::Framing;
use receive::{FRAMED, part};
use send::Broken;

/// A transport with the two buffers it needs: it carries whole messages, for a server, a client, or
/// one after the other.
///
/// `B` is whatever lends bytes: `&mut [u8]`, `[u8; N]`, a boxed slice. How large the buffers must
/// be, the framing tells: `Cobs::buffer(thermostat::CALL_MAX)` for a server's `rx`,
/// `Cobs::buffer(thermostat::REPLY_MAX)` for its `tx`, and the other way round for a client. Where calls have
/// credentials, such as AUTH_SYS, [`CREDENTIALS_MAX`](crate::message::CREDENTIALS_MAX) is added to `CALL_MAX`.
pub struct Link<T: Transport, B: Buffers> {
    pub(crate) transport: T,
    pub(crate) framing: T::Framing,
    pub(crate) rx: B::Rx,
    tx: B::Tx,
    /// Whether a message was sent in part, and the framing cannot recover from that.
    broken: Broken,
    /// Microseconds that a reply has to be sent.
    reply_timeout: u64,
    /// Bytes that came since the present call was begun, or [`FRAMED`].
    unframed: u32,
    /// Its own calls that the line may echo.
    pub(crate) own: Own,
    /// Errors of the transport's `receive` that were noise.
    noise: u32,
    /// How many of them came since the transport last received anything or waited in vain.
    failures: u8,
}

/// How long a reply may take to be sent, unless set otherwise.
const DEFAULT_REPLY_MICROS: u64 = 10_000_000;

impl<T: Transport, B: AsMut<[u8]>> Link<T, B> {
    /// A link over `transport`, receiving into `rx` and sending from `tx`.
    /// [`with_buffers`](Self::with_buffers) takes buffers of two types.
    pub fn new(transport: T, rx: B, tx: B) -> Self {
        Self::of(transport, T::Framing::default(), rx, tx)
    }
}

impl<T: Transport, R: AsMut<[u8]>, S: AsMut<[u8]>> Link<T, Each<R, S>> {
    /// A link over `transport`, receiving into `rx` and sending from `tx`, which may be of two types, such as arrays of
    /// different sizes.
    pub fn with_buffers(transport: T, rx: R, tx: S) -> Self {
        Self::of(transport, T::Framing::default(), rx, tx)
    }
}

impl<T: Transport, B: Buffers> Link<T, B> {
    #[inline]
    pub(crate) const fn of(transport: T, framing: T::Framing, rx: B::Rx, tx: B::Tx) -> Self {
        Self {
            transport,
            framing,
            rx,
            tx,
            broken: Broken::No,
            reply_timeout: DEFAULT_REPLY_MICROS,
            unframed: FRAMED,
            own: Own::NONE,
            noise: 0,
            failures: 0,
        }
    }

    /// The transport, to look at or configure it. Reading from it puts the link out of step.
    pub const fn transport(&mut self) -> &mut T {
        &mut self.transport
    }

    /// The framing, which may count what it dropped.
    pub const fn framing(&self) -> &T::Framing {
        &self.framing
    }

    /// Sets how long a reply may take to be sent, 10 seconds by default; [`Duration::MAX`] is for ever. It counts from
    /// the end of the procedure. A reply that is not sent by then is [`LinkError::Unsent`]. A transport without a clock
    /// keeps no deadline.
    pub const fn set_reply_timeout(&mut self, timeout: Duration) {
        self.reply_timeout = Time::ZERO.after(timeout).as_micros();
    }

    /// Returns how many errors of the transport's `receive` were noise so far ([`Transport::is_noise`]).
    #[must_use]
    pub const fn noise(&self) -> u32 {
        self.noise
    }

    #[inline]
    pub(crate) fn reply_deadline(&mut self) -> Time {
        Time::from_micros(self.now().as_micros().saturating_add(self.reply_timeout))
    }

    /// The bytes of a message that was received last.
    #[inline]
    pub(crate) fn message(&mut self, span: Span) -> &[u8] {
        part(self.rx.as_mut(), span)
    }

    /// The same, and the room for a message to be sent.
    #[inline]
    pub(crate) fn message_and_room(&mut self, span: Span) -> (&[u8], &mut [u8]) {
        (part(self.rx.as_mut(), span), T::Framing::room(self.tx.as_mut()))
    }

    /// The room for a message to be sent.
    #[inline]
    pub(crate) fn room(&mut self) -> &mut [u8] {
        T::Framing::room(self.tx.as_mut())
    }

    #[inline]
    pub(crate) fn now(&mut self) -> Time {
        self.transport.now()
    }
}

//! Links: whole messages over a transport, with text and logs beside them.

mod buffers;
mod echo;
mod error;
#[cfg(feature = "keys")]
mod keyed;
mod receive;
mod send;
mod serial;
mod stream;
mod time;
mod transport;

pub use buffers::{Buffers, Each};
pub use error::LinkError;
#[cfg(feature = "keys")]
pub use keyed::Keyed;
pub use serial::CarriesText;
pub use stream::{Clock, Forever, Stream};
pub use time::Time;
pub use transport::{Beside, Received, Transport};

pub(crate) use echo::Own;
pub(crate) use receive::{Incoming, Span};

use core::time::Duration;

use crate::framing::Framing;
use receive::{FRAMED, Failures, part};
use send::Broken;

/// A transport with its framing and two buffers: it sends and receives whole messages.
///
/// A server calls [`serve`](Self::serve) or [`serve_next`](Self::serve_next). A [`Client`](crate::Client) or an
/// [`Endpoint`](crate::Endpoint) owns a link and calls over it.
///
/// `B` is the type of the buffers: `&mut [u8]`, `[u8; N]`, a boxed slice. The framing determines their sizes:
///
/// | | `rx` | `tx` |
/// |---|---|---|
/// | server | `Cobs::buffer(adder::CALL_MAX)` | `Cobs::buffer(adder::REPLY_MAX)` |
/// | client | `Cobs::buffer(adder::REPLY_MAX)` | `Cobs::buffer(adder::CALL_MAX)` |
///
/// `CALL_MAX` counts empty credentials. Where calls have credentials, such as AUTH_SYS, add
/// [`CREDENTIALS_MAX`](crate::message::CREDENTIALS_MAX).
///
/// # Example
/// ```
/// use embedded_io::{Read, ReadReady, Write};
/// use oncilla::framing::Cobs;
/// use oncilla::{CallError, Client, Clock, Forever, Link, LinkError, Stream, Table};
///
/// oncilla::program! {
///     pub mod adder = 0x2000_0002, version 1 {
///         fn add(left: i32, right: i32) -> i32 = 1;
///     }
/// }
///
/// /// Serves calls that arrive on a UART. Returns when the UART reports an error.
/// fn serve<U: Read + Write, S>(uart: U, table: &Table<S>, state: &mut S) -> Result<(), LinkError<U::Error>> {
///     let rx = [0; Cobs::buffer(adder::CALL_MAX)];
///     let tx = [0; Cobs::buffer(adder::REPLY_MAX)];
///     let mut link = Link::with_buffers(Stream::<Cobs, _>::new(uart, Forever), rx, tx);
///     link.serve(table, state)
/// }
///
/// /// Calls a server over a UART. With a clock, the call has a time-out.
/// fn add<U: Read + ReadReady + Write, C: Clock>(uart: U, clock: C) -> Result<i32, CallError<U::Error>> {
///     let rx = [0; Cobs::buffer(adder::REPLY_MAX)];
///     let tx = [0; Cobs::buffer(adder::CALL_MAX)];
///     let link = Link::with_buffers(Stream::<Cobs, _, _>::new(uart, clock), rx, tx);
///     // The first xid, another one at each start.
///     let mut client = Client::new(link, 1);
///     adder::Client::new(&mut client).add(20, 22)
/// }
/// ```
pub struct Link<T: Transport, B: Buffers> {
    pub(crate) transport: T,
    pub(crate) framing: T::Framing,
    pub(crate) rx: B::Rx,
    tx: B::Tx,
    /// Whether sending is impossible: a message was sent only in part, and the framing cannot recover.
    broken: Broken,
    /// Microseconds within which a reply must be sent.
    reply_timeout: u64,
    /// Calls of this side that the line may echo.
    pub(crate) own: Own,
    /// Bytes received since the present call began, or [`FRAMED`].
    unframed: u32,
    /// Errors of the transport's `receive` that were noise.
    noise: u32,
    /// Consecutive noise errors, without received bytes or a time-out between them.
    failures: Failures,
}

/// Default time within which a reply must be sent: 10 seconds.
const DEFAULT_REPLY_MICROS: u64 = 10_000_000;

impl<T: Transport, B: AsMut<[u8]>> Link<T, B> {
    /// Creates a link over `transport` that receives into `rx` and sends from `tx`.
    ///
    /// [`with_buffers`](Self::with_buffers) takes buffers of two types.
    pub fn new(transport: T, rx: B, tx: B) -> Self {
        Self::of(transport, T::Framing::default(), rx, tx)
    }
}

impl<T: Transport, R: AsMut<[u8]>, S: AsMut<[u8]>> Link<T, Each<R, S>> {
    /// Creates a link with buffers of two types, such as arrays of different sizes.
    ///
    /// The link receives into `rx` and sends from `tx`.
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

    /// Returns the transport, for example to configure it.
    ///
    /// Do not read from it or write to it: the link would lose the message boundaries.
    pub const fn transport(&mut self) -> &mut T {
        &mut self.transport
    }

    /// Returns the transport and drops the link, with the bytes that it has received and not returned as a message.
    pub fn into_transport(self) -> T {
        self.transport
    }

    /// Returns the framing, for example to read its count of dropped frames.
    pub const fn framing(&self) -> &T::Framing {
        &self.framing
    }

    /// Sets the time within which a reply must be sent: 10 seconds by default.
    ///
    /// The time starts at the end of the procedure. A reply that is not sent in time ends in [`LinkError::Unsent`].
    /// [`Duration::MAX`] waits for ever, and so does a transport without a clock.
    pub const fn set_reply_timeout(&mut self, timeout: Duration) {
        self.reply_timeout = Time::ZERO.after(timeout).as_micros();
    }

    /// Returns the number of receive errors that counted as noise ([`Transport::is_noise`]).
    #[must_use]
    pub const fn noise(&self) -> u32 {
        self.noise
    }

    #[inline]
    pub(crate) fn reply_deadline(&mut self) -> Time {
        Time::from_micros(self.now().as_micros().saturating_add(self.reply_timeout))
    }

    /// Returns the bytes of the message that was received last.
    #[inline]
    pub(crate) fn message(&mut self, span: Span) -> &[u8] {
        part(self.rx.as_mut(), span)
    }

    /// Returns the message that was received last and the room for the next one.
    #[inline]
    pub(crate) fn message_and_room(&mut self, span: Span) -> (&[u8], &mut [u8]) {
        (part(self.rx.as_mut(), span), T::Framing::room(self.tx.as_mut()))
    }

    /// Returns the room for the next message to send.
    #[inline]
    pub(crate) fn room(&mut self) -> &mut [u8] {
        T::Framing::room(self.tx.as_mut())
    }

    #[inline]
    pub(crate) fn now(&mut self) -> Time {
        self.transport.now()
    }
}

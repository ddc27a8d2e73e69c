//! Whole messages over a transport.

use core::fmt;
use core::time::Duration;

use crate::buffers::{Buffers, Each};
use crate::echo::Own;
use crate::framing::{Framing, Progress};
use crate::handshake::News;
use crate::message::{FIXED, Form};
use crate::time::Time;
use crate::transport::{Beside, Received, Transport};

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

/// A whole frame came, so that the ends do agree on framing and baud rate.
const FRAMED: u32 = u32::MAX;

/// Errors in a row after which an error of the transport is no noise.
const NOISE_MAX: u8 = 250;

/// Why nothing more can be sent.
#[derive(Clone, Copy)]
enum Broken {
    No,
    /// A message was sent in part.
    Part,
    /// The transport failed in a message.
    Failed,
}

/// Where a message is in the receive buffer.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    start: usize,
    length: usize,
    form: Form,
}

impl Span {
    /// In which form the message is.
    #[inline]
    pub(crate) const fn form<F: Framing>(self) -> Form {
        // Said at compile time where there is only one, so that nothing is paid for the other.
        if F::SHORT { self.form } else { Form::Full }
    }
}

/// What waiting for a message came to.
pub(crate) enum Incoming {
    Message(Span),
    /// The beginning of a message that the buffer cannot hold, and the bytes it had.
    Oversize(Span, u32),
    /// The other end has restarted.
    Restart,
    /// It has introduced itself, and a call waits for that.
    Met,
    TimeUp,
    End,
}

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

    /// Waits for the next message until `deadline`, however many bytes come that make none.
    #[inline]
    pub(crate) fn receive(&mut self, deadline: Time) -> Result<Incoming, LinkError<T::Error>> {
        let mut came = false;
        loop {
            if self.has_news() {
                self.unframed = FRAMED;
                self.introduce(deadline)?;
                match self.take_news() {
                    News::Restart => return Ok(Incoming::Restart),
                    News::Met => return Ok(Incoming::Met),
                    News::None => {}
                }
            }
            let rx = self.rx.as_mut();
            match if T::BESIDE { self.framing.next_of_all(rx) } else { self.framing.next(rx) } {
                // Mostly a message comes whole, and what the time is need not be known.
                Progress::More if came && self.transport.now() > deadline => return Ok(Incoming::TimeUp),
                Progress::More => {}
                Progress::Message { start, length } => {
                    self.unframed = FRAMED;
                    let span = Span { start, length, form: self.framing.form() };
                    if (!T::Framing::SHORT || self.admits(span)) && !self.is_echo(span) {
                        return Ok(Incoming::Message(span));
                    }
                    continue;
                }
                Progress::Oversize { start, length, size } => {
                    self.unframed = FRAMED;
                    return Ok(Incoming::Oversize(Span { start, length, form: Form::Full }, size));
                }
                Progress::Text { start, length } => {
                    self.unframed = FRAMED;
                    let text = part(rx, Span { start, length, form: Form::Full });
                    self.transport.beside(Beside::Text(text));
                    continue;
                }
                Progress::Dropped { start, length } => {
                    let dropped = part(rx, Span { start, length, form: Form::Full });
                    self.transport.beside(Beside::Dropped(dropped));
                    continue;
                }
            }
            let available = rx.len();
            let window = self.framing.window(rx);
            if window.is_empty() {
                return Err(LinkError::BufferTooSmall { needed: T::Framing::BUFFER_MIN, available });
            }
            let received = match self.transport.receive(window, deadline) {
                Ok(received) => {
                    self.failures = 0;
                    received
                }
                // The deadline is looked at before the next attempt; without a clock the bound ends it.
                Err(error) if T::Framing::NOISY && self.transport.is_noise(&error) && self.survives() => {
                    came = true;
                    continue;
                }
                Err(error) => return Err(LinkError::Transport(error)),
            };
            match received {
                Received::Bytes(length) => {
                    self.unframed = self.unframed.saturating_add(length as u32);
                    self.framing.filled(length.min(window.len()));
                    came = true;
                }
                Received::TimeUp => return Ok(Incoming::TimeUp),
                Received::Oversize(size) if T::Framing::DATAGRAMS => {
                    let span = Span { start: 0, length: window.len().min(FIXED), form: Form::Full };
                    return Ok(Incoming::Oversize(span, u32::try_from(size).unwrap_or(u32::MAX)));
                }
                // A stream that has lost bytes is over.
                Received::End | Received::Oversize(_) => return Ok(Incoming::End),
            }
        }
    }

    /// Begins to count the bytes that make no whole frame.
    #[inline]
    pub(crate) const fn forget_unframed(&mut self) {
        self.unframed = 0;
    }

    /// Returns how many bytes came since the call was begun; 0 when a whole frame was among them.
    #[inline]
    pub(crate) const fn unframed(&self) -> u32 {
        if self.unframed == FRAMED { 0 } else { self.unframed }
    }

    /// Whether a message looks like one's own call, and nothing else says whose it is.
    #[inline]
    fn is_echo(&mut self, span: Span) -> bool {
        let echo = T::Framing::NOISY && !self.is_known() && self.own.contains(part(self.rx.as_mut(), span));
        self.own.came |= echo;
        echo
    }

    /// Counts an error that is noise; `false` when too many came in a row.
    #[inline]
    fn survives(&mut self) -> bool {
        let survives = self.failures < NOISE_MAX;
        if survives {
            self.failures = self.failures.wrapping_add(1);
            self.noise = self.noise.saturating_add(1);
        }
        survives
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

    /// Sends the call or reply of `length` bytes in the room.
    #[inline]
    pub(crate) fn send(&mut self, form: Form, length: usize, deadline: Time) -> Result<(), LinkError<T::Error>> {
        let mark = self.framing.mark(form);
        self.send_marked(mark, length, deadline)
    }

    /// Sends the message of `length` bytes in the room with this mark in its check value.
    #[inline]
    pub(crate) fn send_marked(&mut self, mark: u32, length: usize, deadline: Time) -> Result<(), LinkError<T::Error>> {
        match self.broken {
            Broken::No => {}
            Broken::Part => return Err(LinkError::OutOfStep),
            Broken::Failed => return Err(LinkError::Broken),
        }
        let tx = self.tx.as_mut();
        let available = tx.len();
        let frame =
            T::Framing::seal_marked(tx, length, mark).ok_or(LinkError::BufferTooSmall { needed: length, available })?;
        send_frame(&mut self.transport, frame, deadline).map_err(|error| {
            if !T::Framing::RESYNCHRONIZES {
                self.broken = match error {
                    LinkError::Unsent { sent: 0, .. } => Broken::No,
                    LinkError::Unsent { .. } => Broken::Part,
                    // How much went out before the transport's error is not known.
                    _ => Broken::Failed,
                };
            }
            error
        })
    }

    #[inline]
    pub(crate) fn now(&mut self) -> Time {
        self.transport.now()
    }
}

/// Sends a frame, or bytes between frames. An AVR has no flash for one in every place that sends.
#[cfg_attr(target_pointer_width = "16", inline(never))]
#[cfg_attr(not(target_pointer_width = "16"), inline)]
pub(crate) fn send_frame<T: Transport>(
    transport: &mut T,
    frame: &[u8],
    deadline: Time,
) -> Result<(), LinkError<T::Error>> {
    match transport.send(frame, deadline) {
        Ok(sent) if sent >= frame.len() => Ok(()),
        Ok(sent) => Err(LinkError::Unsent { sent, size: frame.len() }),
        Err(error) => Err(LinkError::Transport(error)),
    }
}

#[inline]
pub(crate) fn part(buffer: &[u8], span: Span) -> &[u8] {
    match buffer.split_at_checked(span.start) {
        Some((_, rest)) => rest.get(..span.length).unwrap_or(rest),
        None => &[],
    }
}

/// What went wrong on the way to or from the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError<E> {
    /// The transport reported an error.
    Transport(E),
    /// The carrier took only a part of a message before the deadline, or takes no more.
    Unsent {
        /// Bytes it took.
        sent: usize,
        /// Bytes of the message and its framing.
        size: usize,
    },
    /// A message was sent in part earlier, and this framing cannot recover: make a new connection.
    OutOfStep,
    /// The transport failed while an earlier message was sent, and this framing cannot recover: make a new connection.
    Broken,
    /// A buffer is too small for anything.
    BufferTooSmall {
        /// Bytes it should have at least.
        needed: usize,
        /// Bytes it has.
        available: usize,
    },
}

impl<E: fmt::Display> fmt::Display for LinkError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => write!(formatter, "the transport failed: {error}"),
            Self::Unsent { sent, size } => {
                write!(formatter, "only {sent} of a message's {size} bytes could be sent in time")
            }
            Self::OutOfStep => formatter.write_str(
                "an earlier message was sent only in part, so nothing more can be sent; make a new connection",
            ),
            Self::Broken => formatter.write_str(
                "the transport failed while an earlier message was sent, so nothing more can be sent; make a new connection",
            ),
            Self::BufferTooSmall { needed, available } => {
                write!(
                    formatter,
                    "a buffer of {available} bytes is too small, it needs {needed}; the framing's `buffer` function gives the size"
                )
            }
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for LinkError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
            _ => None,
        }
    }
}

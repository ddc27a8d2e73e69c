//! Receives messages.

use super::{Beside, Buffers, Link, LinkError, Received, Time, Transport};
use crate::framing::{Change, Framing, Progress, Unsealed};
use crate::message::{FIXED, Form};

/// The value of `unframed` after a whole frame: both sides use the same framing and baud rate.
pub(super) const FRAMED: u32 = u32::MAX;

/// Consecutive receive errors that may count as noise.
const NOISE_MAX: Failures = 250;

/// Counts errors in a row. Where registers have 32 bits, a word takes 32 bytes less flash than a byte.
#[cfg(target_pointer_width = "32")]
pub(super) type Failures = u32;
/// Counts errors in a row.
#[cfg(not(target_pointer_width = "32"))]
pub(super) type Failures = u8;

/// The position of a message in the receive buffer.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    start: usize,
    length: usize,
    form: Form,
}

impl Span {
    /// Returns the form of the message.
    #[inline]
    pub(crate) const fn form<F: Framing>(self) -> Form {
        // A constant where a framing has only one form, so that the code for the other is not linked.
        if F::SHORT { self.form } else { Form::Full }
    }
}

/// The outcome of waiting for a message.
pub(crate) enum Incoming {
    Message(Span),
    /// The beginning of a message that the buffer cannot hold, and its size.
    Oversize(Span, u32),
    /// The peer has restarted.
    Restart,
    /// The peer has introduced itself, and a call waits for that.
    Met,
    TimeUp,
    End,
}

impl<T: Transport, B: Buffers> Link<T, B> {
    /// Waits for the next message until `deadline`, even if other bytes keep arriving.
    #[inline]
    pub(crate) fn receive(&mut self, deadline: Time) -> Result<Incoming, LinkError<T::Error>> {
        let mut came = false;
        loop {
            if self.needs_attention() {
                self.unframed = FRAMED;
                self.send_due_hello(deadline)?;
                match self.take_change() {
                    Change::Restart => return Ok(Incoming::Restart),
                    Change::Introduced => return Ok(Incoming::Met),
                    Change::None => {}
                }
            }
            let rx = self.rx.as_mut();
            match if T::BESIDE { self.framing.next_of_all(rx) } else { self.framing.next(rx) } {
                // Usually a message arrives whole, and the clock need not be read.
                Progress::More if came && self.transport.now() > deadline => return Ok(Incoming::TimeUp),
                Progress::More => {}
                Progress::Message { start, length } => {
                    self.unframed = FRAMED;
                    let span = Span { start, length, form: self.framing.form() };
                    if T::Framing::KEYED {
                        match self.unseal(span, deadline)? {
                            Some(span) => return Ok(Incoming::Message(span)),
                            None => continue,
                        }
                    }
                    if (!T::Framing::SHORT || self.admits(span)) && !self.is_echo(span) {
                        return Ok(Incoming::Message(span));
                    }
                    continue;
                }
                // It cannot be verified.
                Progress::Oversize { .. } if T::Framing::KEYED => {
                    self.unframed = FRAMED;
                    self.refuse_unverified()?;
                    continue;
                }
                Progress::Oversize { start, length, size } => {
                    self.unframed = FRAMED;
                    return Ok(Incoming::Oversize(Span { start, length, form: Form::Full }, size));
                }
                Progress::Text { start, length } => {
                    self.unframed = FRAMED;
                    let text = part(rx, Span { start, length, form: Form::Full });
                    let beside = if T::Framing::KEYED { Beside::Unverified(text) } else { Beside::Text(text) };
                    self.transport.beside(beside);
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
                // The deadline is checked before the next attempt. Without a clock, the number of errors is bounded.
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
                Received::Oversize(_) if T::Framing::DATAGRAMS && T::Framing::KEYED => self.transport.settle(false),
                Received::Oversize(size) if T::Framing::DATAGRAMS => {
                    let span = Span { start: 0, length: window.len().min(FIXED), form: Form::Full };
                    return Ok(Incoming::Oversize(span, u32::try_from(size).unwrap_or(u32::MAX)));
                }
                // A stream that lost bytes cannot continue.
                Received::End | Received::Oversize(_) => return Ok(Incoming::End),
            }
        }
    }

    /// Verifies a frame of a keyed link. Returns the call or reply in it.
    ///
    /// Handles everything else: hellos, logs and text.
    fn unseal(&mut self, span: Span, deadline: Time) -> Result<Option<Span>, LinkError<T::Error>> {
        let rx = self.rx.as_mut();
        let size = rx.len();
        let frame = rx.get_mut(span.start..).and_then(|rest| rest.get_mut(..span.length)).unwrap_or_default();
        let unsealed = self.framing.unseal(frame, size, self.tx.as_mut());
        let within = |start: usize, length| Span { start: span.start.wrapping_add(start), length, form: Form::Full };
        if T::Framing::DATAGRAMS {
            let verified = matches!(unsealed, Unsealed::Message(..) | Unsealed::Log(..) | Unsealed::Text(..));
            // A CHALLENGE answers a HELLO where it came from. But that may be a recorded one.
            if let Unsealed::Answer(length) = unsealed {
                self.send_hello(length, deadline)?;
            }
            self.transport.settle(verified);
        }
        match unsealed {
            Unsealed::Nothing => {}
            Unsealed::Message(start, length, form) => return Ok(Some(Span { form, ..within(start, length) })),
            Unsealed::Log(start, length) => {
                self.transport.beside(Beside::Log(part(self.rx.as_mut(), within(start, length))));
            }
            Unsealed::Text(start, length) => {
                self.transport.beside(Beside::Text(part(self.rx.as_mut(), within(start, length))));
            }
            Unsealed::Answer(length) if !T::Framing::DATAGRAMS => self.send_hello(length, deadline)?,
            Unsealed::Answer(_) => {}
            Unsealed::Refused => self.refuse_unverified()?,
        }
        Ok(None)
    }

    /// Ends a connection on which a frame did not verify. Other carriers go on.
    fn refuse_unverified(&self) -> Result<(), LinkError<T::Error>> {
        if T::Framing::RESYNCHRONIZES { Ok(()) } else { Err(LinkError::Unverified) }
    }

    /// Starts to count the bytes that belong to no whole frame.
    #[inline]
    pub(crate) const fn forget_unframed(&mut self) {
        self.unframed = 0;
    }

    /// Returns the bytes received since the call began; 0 after a whole frame.
    #[inline]
    pub(crate) const fn unframed(&self) -> u32 {
        if self.unframed == FRAMED { 0 } else { self.unframed }
    }

    /// Returns whether a message looks like an echoed call of this side.
    ///
    /// Only where the check value does not show the sender.
    #[inline]
    fn is_echo(&mut self, span: Span) -> bool {
        let echo = T::Framing::NOISY && T::CALLS && !self.is_known() && self.own.contains(part(self.rx.as_mut(), span));
        self.own.came |= echo;
        echo
    }

    /// Counts an error as noise. Returns `false` after too many in a row.
    #[inline]
    fn survives(&mut self) -> bool {
        let survives = self.failures < NOISE_MAX;
        if survives {
            self.failures = self.failures.wrapping_add(1);
            self.noise = self.noise.saturating_add(1);
        }
        survives
    }
}

#[inline]
pub(crate) fn part(buffer: &[u8], span: Span) -> &[u8] {
    match buffer.split_at_checked(span.start) {
        Some((_, rest)) => rest.get(..span.length).unwrap_or(rest),
        None => &[],
    }
}

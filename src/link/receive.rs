//! Receiving: the next message, and what comes in its place.

use super::{Beside, Buffers, Link, LinkError, Received, Time, Transport};
use crate::framing::{Framing, News, Progress};
use crate::message::{FIXED, Form};

/// A whole frame came, so that the ends do agree on framing and baud rate.
pub(super) const FRAMED: u32 = u32::MAX;

/// Errors in a row after which an error of the transport is no noise.
const NOISE_MAX: u8 = 250;

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

impl<T: Transport, B: Buffers> Link<T, B> {
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
}

#[inline]
pub(crate) fn part(buffer: &[u8], span: Span) -> &[u8] {
    match buffer.split_at_checked(span.start) {
        Some((_, rest)) => rest.get(..span.length).unwrap_or(rest),
        None => &[],
    }
}

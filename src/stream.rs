//! Any blocking `embedded_io` stream as a transport.

use core::marker::PhantomData;

use embedded_io::{Read, ReadReady, Write};

use crate::framing::Framing;
use crate::time::Time;
use crate::transport::{Received, Transport};

/// A clock, and what to do while there is nothing to do.
pub trait Clock {
    /// The present instant.
    fn now(&mut self) -> Time;

    /// Called again and again while no byte has come: the place to sleep until the next interrupt, or to
    /// let other tasks run. It may return at any moment, but no later than a byte comes or `until`
    /// passes: a receive interrupt must end the sleep, and a tick or a timer set to `until`. Does
    /// nothing by default, which polls.
    fn idle(&mut self, until: Time) {
        let _ = until;
    }
}

/// No clock: waits for ever, whatever the deadline. A client on it keeps no time-out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forever;

/// An `embedded_io` stream whose messages are framed by `F`.
///
/// With a [`Clock`] the stream must be [`ReadReady`], and deadlines are kept. With [`Forever`] any
/// blocking stream will do, and a call waits as long as the stream's `read` does: right for a server
/// that has nothing else to do.
#[derive(Debug)]
pub struct Stream<F, I, C = Forever> {
    io: I,
    clock: C,
    framing: PhantomData<F>,
}

impl<F: Framing, I, C> Stream<F, I, C> {
    /// A transport from a stream and a clock.
    pub const fn new(io: I, clock: C) -> Self {
        Self { io, clock, framing: PhantomData }
    }

    /// The stream itself.
    pub const fn io(&mut self) -> &mut I {
        &mut self.io
    }
}

impl<F: Framing, I: Read + Write> Transport for Stream<F, I, Forever> {
    type Error = I::Error;
    type Framing = F;

    #[inline]
    fn now(&mut self) -> Time {
        Time::ZERO
    }

    #[inline]
    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, I::Error> {
        read(&mut self.io, into)
    }

    #[inline]
    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, I::Error> {
        write(&mut self.io, frame, || false)
    }
}

impl<F: Framing, I: Read + ReadReady + Write, C: Clock> Transport for Stream<F, I, C> {
    type Error = I::Error;
    type Framing = F;

    fn now(&mut self) -> Time {
        self.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, I::Error> {
        while !self.io.read_ready()? {
            if self.clock.now() >= deadline {
                return Ok(Received::TimeUp);
            }
            self.clock.idle(deadline);
        }
        read(&mut self.io, into)
    }

    /// Looks at the deadline between partial writes; one write blocks as long as the stream's does.
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, I::Error> {
        let clock = &mut self.clock;
        write(&mut self.io, frame, || clock.now() >= deadline)
    }
}

#[inline]
fn read<I: Read>(io: &mut I, into: &mut [u8]) -> Result<Received, I::Error> {
    Ok(match io.read(into)? {
        0 => Received::End,
        length => Received::Bytes(length),
    })
}

/// Writes until all is written, the stream takes no more, or it is `late`. `write_all` is no choice:
/// it panics when a stream takes nothing.
#[inline]
fn write<I: Write>(io: &mut I, frame: &[u8], mut late: impl FnMut() -> bool) -> Result<usize, I::Error> {
    let mut rest = frame;
    while !rest.is_empty() {
        let written = io.write(rest)?;
        match rest.get(written..) {
            Some(after) if written > 0 => rest = after,
            // Nothing taken, or a stream that claims more than it was given.
            _ => break,
        }
        if !rest.is_empty() && late() {
            break;
        }
    }
    io.flush()?;
    Ok(frame.len().saturating_sub(rest.len()))
}

//! Two connected transports in memory.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use oncilla::framing::Framing;
use oncilla::{Beside, Received, Time, Transport};

use crate::log::Log;
use crate::patience::Clock;

/// The bytes that one direction holds before a sender waits, as a pipe of Linux does.
const CAPACITY: usize = 65_536;

/// Returns two connected transports in memory, for a test of a whole link without sockets or hardware.
///
/// `F` is the framing of both, such as [`Cobs`](oncilla::framing::Cobs) or [`Record`](oncilla::framing::Record). With
/// [`Datagram`](oncilla::framing::Datagram) each message stays whole. Run the server in a thread of its own:
///
/// ```
/// use oncilla::framing::Cobs;
/// use oncilla::{Client, Link, Retry, Table};
/// use std::{thread, time::Duration};
///
/// oncilla::program! { mod counter = 0x2000_0009, version 1 { fn add(number: u32) -> u32 = 1; } }
///
/// struct Device(u32);
///
/// impl counter::Service for Device {
///     fn add(&mut self, number: u32) -> u32 {
///         self.0 += number;
///         self.0
///     }
/// }
///
/// static TABLE: Table<Device> = oncilla::table![counter::program()];
///
/// let (firmware, host) = oncilla_host::pipe::<Cobs>();
/// let serving = thread::spawn(move || Link::new(firmware, [0; 128], [0; 128]).serve(&TABLE, &mut Device(0)));
///
/// // The line loses the first call.
/// let mut frames = 0;
/// let host = host.with_faults(move |frame| {
///     frames += 1;
///     if frames == 1 {
///         frame.clear();
///     }
/// });
/// let mut client = Client::new(Link::new(host, [0; 128], [0; 128]), 1);
/// client.set_retry(Retry { pause: Duration::from_millis(20), ..Retry::DEFAULT });
/// assert_eq!(counter::Client::new(&mut client).add(5)?, 5);
///
/// // The server's `serve` returns when its peer is dropped.
/// drop(client);
/// serving.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`oncilla::Direct`] calls a service in fewer lines, without a link and without a thread.
#[must_use]
pub fn pipe<F: Framing>() -> (Pipe<F>, Pipe<F>) {
    let (one, other) = (Arc::new(Lane::default()), Arc::new(Lane::default()));
    (Pipe::new(one.clone(), other.clone()), Pipe::new(other, one))
}

/// One of two connected transports in memory. Made by [`pipe`].
///
/// Receiving waits until the deadline, by the system's clock. Each direction holds 65 536 bytes; a sender waits for room
/// until its deadline. When one transport is dropped, the other receives what was sent before, and then the end of
/// the stream; what is sent to a dropped transport is lost. There are no other errors.
#[derive(Debug)]
pub struct Pipe<F> {
    incoming: Arc<Lane>,
    outgoing: Arc<Lane>,
    clock: Clock,
    faults: Faults,
    log: Log,
    framing: PhantomData<fn() -> F>,
}

impl<F> Pipe<F> {
    fn new(incoming: Arc<Lane>, outgoing: Arc<Lane>) -> Self {
        Self {
            incoming,
            outgoing,
            clock: Clock::new(),
            faults: Faults(None),
            log: Log::default(),
            framing: PhantomData,
        }
    }

    /// Passes each frame that this transport sends to `faults`, which may change it.
    ///
    /// Clear the frame to lose it, change a byte to damage it, append a copy to send it twice. The sender does not
    /// notice. With record marking, the receiver cannot recover from lost bytes, as on a TCP connection.
    #[must_use]
    pub fn with_faults(mut self, faults: impl FnMut(&mut Vec<u8>) + Send + 'static) -> Self {
        self.faults = Faults(Some(Box::new(faults)));
        self
    }

    /// Passes text, logs and noise that arrive beside messages to `show` ([`Beside`]). For serial framings.
    ///
    /// Without this they are dropped. `show` runs on the thread that waits for a message.
    #[must_use]
    pub fn with_log(mut self, show: impl FnMut(Beside<'_>) + Send + 'static) -> Self {
        self.log = Log::to(show);
        self
    }
}

impl<F: Framing> Transport for Pipe<F> {
    type Error = Infallible;
    type Framing = F;

    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        self.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Infallible> {
        let received = self.incoming.wait(&self.clock, deadline, |held| match held.take::<F>(into) {
            None if held.closed => Some(Received::End),
            taken => taken,
        });
        Ok(received.unwrap_or(Received::TimeUp))
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Infallible> {
        let Self { outgoing, clock, faults: Faults(faults), .. } = self;
        let mut altered = frame.to_vec();
        if let Some(change) = faults {
            change(&mut altered);
        }
        let mut rest = altered.as_slice();
        while !rest.is_empty() {
            let sent = outgoing.wait(clock, deadline, |held| match held.closed {
                // The peer is gone and the bytes are lost. The sender notices that when it receives.
                true => Some(rest.len()),
                false => held.put::<F>(rest),
            });
            match sent {
                Some(length) => rest = &rest[length..],
                // The bytes that are left of the changed frame count as not sent.
                None => return Ok(frame.len().saturating_sub(rest.len())),
            }
        }
        Ok(frame.len())
    }

    fn beside(&mut self, what: Beside<'_>) {
        self.log.show(what);
    }
}

impl<F> Drop for Pipe<F> {
    fn drop(&mut self) {
        for lane in [&self.incoming, &self.outgoing] {
            lane.lock().closed = true;
            lane.changed.notify_all();
        }
    }
}

/// One direction of a pipe.
#[derive(Debug, Default)]
struct Lane {
    held: Mutex<Held>,
    changed: Condvar,
}

impl Lane {
    fn lock(&self) -> MutexGuard<'_, Held> {
        // No code panics while the lock is held.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Repeats `attempt` whenever the lane has changed, until it returns `Some`. Returns `None` at the deadline.
    ///
    /// Calls `attempt` at least once.
    fn wait<T>(&self, clock: &Clock, deadline: Time, mut attempt: impl FnMut(&mut Held) -> Option<T>) -> Option<T> {
        let mut held = self.lock();
        loop {
            if let Some(done) = attempt(&mut held) {
                self.changed.notify_all();
                return Some(done);
            }
            if deadline == Time::NEVER {
                held = self.changed.wait(held).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let left = deadline.since(clock.now());
            if left.is_zero() {
                return None;
            }
            held = self.changed.wait_timeout(held, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Bytes that were sent and not yet received.
#[derive(Debug, Default)]
struct Held {
    /// Bytes in the pieces in which they were sent. A datagram is one piece.
    frames: VecDeque<Vec<u8>>,
    bytes: usize,
    /// One of the two transports was dropped.
    closed: bool,
}

impl Held {
    /// Takes up to `into.len()` bytes, or one datagram.
    fn take<F: Framing>(&mut self, into: &mut [u8]) -> Option<Received> {
        let frame = self.frames.front_mut()?;
        let (size, length) = (frame.len(), frame.len().min(into.len()));
        into[..length].copy_from_slice(&frame[..length]);
        if F::DATAGRAMS || length == size {
            self.frames.pop_front();
            self.bytes -= size;
        } else {
            frame.drain(..length);
            self.bytes -= length;
        }
        Some(if F::DATAGRAMS && length < size { Received::Oversize(size) } else { Received::Bytes(length) })
    }

    /// Adds as many bytes as there is room for, or a whole datagram. Returns their number, or `None` when there is no
    /// room.
    fn put<F: Framing>(&mut self, rest: &[u8]) -> Option<usize> {
        let room = CAPACITY - self.bytes.min(CAPACITY);
        let length = match F::DATAGRAMS {
            // A datagram that is larger than the capacity is accepted when the lane is empty.
            true if rest.len() > room && self.bytes > 0 => 0,
            true => rest.len(),
            false => rest.len().min(room),
        };
        if length == 0 {
            return None;
        }
        self.frames.push_back(rest[..length].to_vec());
        self.bytes += length;
        Some(length)
    }
}

/// A function that changes frames, or none.
struct Faults(Option<Box<Change>>);

type Change = dyn FnMut(&mut Vec<u8>) + Send;

impl fmt::Debug for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "some" } else { "none" })
    }
}

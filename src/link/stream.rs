//! Any blocking `embedded_io` stream as a transport.

use core::marker::PhantomData;

use embedded_io::{Read, ReadReady, Write};

use super::time::Time;
use super::transport::{Received, Transport};
use crate::framing::Framing;

/// A clock, and what to do while there is nothing to do.
///
/// On bare metal: a timer's interrupt counts, and the processor sleeps until that or the UART's interrupt ends it.
///
/// ```
/// # mod cortex_m { // On a host interrupts come when they are waited for.
/// #     pub mod interrupt { pub fn free<R>(f: impl FnOnce(()) -> R) -> R { f(()) } }
/// #     pub mod asm { pub fn wfi() { crate::tick() } }
/// # }
/// # struct Received;
/// # impl Received { fn is_empty(&self) -> bool { true } }
/// # static RECEIVED: Received = Received;
/// use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use oncilla::{Clock, Time};
///
/// /// Milliseconds.
/// static TICKS: AtomicU32 = AtomicU32::new(0);
///
/// /// The timer's interrupt handler.
/// fn tick() {
///     TICKS.fetch_add(1, Relaxed);
/// }
///
/// #[derive(Default)]
/// struct Board {
///     last: u32,
///     wraps: u64,
/// }
///
/// impl Clock for Board {
///     fn now(&mut self) -> Time {
///         let ticks = TICKS.load(Relaxed);
///         // After 49 days. A link on which nothing is waited for that long would miss it.
///         self.wraps += u64::from(ticks < self.last);
///         self.last = ticks;
///         Time::from_micros(1_000 * ((self.wraps << 32) + u64::from(ticks)))
///     }
///
///     /// A byte that comes between the look and the sleep is not slept over: a pending interrupt ends `wfi` though it
///     /// is masked. The next tick is soon enough for any deadline.
///     fn idle(&mut self, _: Time) {
///         cortex_m::interrupt::free(|_| {
///             if RECEIVED.is_empty() {
///                 cortex_m::asm::wfi();
///             }
///         });
///     }
/// }
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/silence.rs"));
/// # fn main() { assert_silence_times_out(Board::default()) }
/// ```
///
/// On an RTOS: the task sleeps until the UART's interrupt wakes it, and other tasks run meanwhile.
///
/// ```
/// # mod rtos { // On a host nobody notifies, and all ticks pass.
/// #     use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
/// #     static TICKS: AtomicU64 = AtomicU64::new(0);
/// #     pub fn ticks() -> u64 { TICKS.load(Relaxed) }
/// #     pub fn wait_for_notification(ticks: u32) { TICKS.fetch_add(ticks.into(), Relaxed); }
/// # }
/// use core::time::Duration;
/// use oncilla::{Clock, Time};
///
/// /// Of `configTICK_RATE_HZ`.
/// const TICK: Duration = Duration::from_millis(10);
///
/// struct Task;
///
/// impl Clock for Task {
///     /// On FreeRTOS `xTaskGetTickCount`, extended to 64 bits as above.
///     fn now(&mut self) -> Time {
///         Time::from_micros(rtos::ticks() * TICK.as_micros() as u64)
///     }
///
///     /// On FreeRTOS `ulTaskNotifyTake`; the UART's interrupt handler calls `vTaskNotifyGiveFromISR`.
///     fn idle(&mut self, until: Time) {
///         let ticks = until.since(self.now()).as_micros().div_ceil(TICK.as_micros());
///         rtos::wait_for_notification(u32::try_from(ticks).unwrap_or(u32::MAX));
///     }
/// }
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/silence.rs"));
/// # fn main() { assert_silence_times_out(Task) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a clock",
    label = "this does not implement `oncilla::Clock`",
    note = "implement `Clock` for what reads the board's timer, or use `oncilla::Forever`, with which no call has a time-out"
)]
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

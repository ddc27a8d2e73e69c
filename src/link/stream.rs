//! Uses any blocking `embedded_io` stream as a transport.

use core::marker::PhantomData;

use embedded_io::{Read, ReadReady, Write};

use super::time::Time;
use super::transport::{Received, Transport};
use crate::framing::Framing;

/// A clock for a [`Stream`], with a function that sleeps until a byte arrives.
///
/// # Examples
/// On bare metal, a timer's interrupt counts. The processor sleeps until that interrupt or the UART's:
///
///
/// ```
/// # mod cortex_m { // On a host the tick happens in `wfi`.
/// #     pub mod interrupt { pub fn free<R>(f: impl FnOnce(()) -> R) -> R { f(()) } }
/// #     pub mod asm { pub fn wfi() { crate::tick() } }
/// # }
/// # struct Received;
/// # impl Received { fn is_empty(&self) -> bool { true } }
/// # static RECEIVED: Received = Received;
/// use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use oncilla::{Clock, Time};
///
/// /// Milliseconds since the start.
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
///         // The counter wraps every 49 days. A link that does not wait once in 49 days misses a wrap.
///         self.wraps += u64::from(ticks < self.last);
///         self.last = ticks;
///         Time::from_micros(1_000 * ((self.wraps << 32) + u64::from(ticks)))
///     }
///
///     /// A byte that arrives between the check and the sleep is not missed: a pending interrupt ends `wfi` even while
///     /// interrupts are masked. The next tick ends the sleep soon enough for any deadline.
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
/// On an RTOS, the task sleeps until the UART's interrupt wakes it. Other tasks run meanwhile:
///
/// ```
/// # mod rtos { // On a host all ticks pass at once.
/// #     use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
/// #     static TICKS: AtomicU64 = AtomicU64::new(0);
/// #     pub fn ticks() -> u64 { TICKS.load(Relaxed) }
/// #     pub fn wait_for_notification(ticks: u32) { TICKS.fetch_add(ticks.into(), Relaxed); }
/// # }
/// use core::time::Duration;
/// use oncilla::{Clock, Time};
///
/// /// The period of `configTICK_RATE_HZ`.
/// const TICK: Duration = Duration::from_millis(10);
///
/// struct Task;
///
/// impl Clock for Task {
///     /// On FreeRTOS `xTaskGetTickCount`, extended to 64 bits as in the first example.
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
    note = "implement `Clock` for a type that reads the board's timer, or use `oncilla::Forever`, without time-outs"
)]
pub trait Clock {
    /// Returns the present instant. It is never earlier than one returned before.
    fn now(&mut self) -> Time;

    /// Sleeps until a byte may have arrived, or until `until`. By default it returns at once, which polls.
    ///
    /// [`Stream`] calls it repeatedly while no byte has arrived: sleep until the next interrupt, or let other tasks
    /// run. It may return early at any time. It must not return later than the arrival of a byte or `until`: a receive
    /// interrupt must end the sleep, and so must a tick or a timer set to `until`.
    fn idle(&mut self, until: Time) {
        let _ = until;
    }
}

/// No clock: a [`Stream`] with it waits for ever, whatever the deadline.
///
/// Use it for servers that do nothing else. A client with it has no time-out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forever;

/// A transport over an `embedded_io` stream, such as a UART driver, with framing `F`.
///
/// With a [`Clock`], the stream must implement [`ReadReady`], and deadlines are kept. With [`Forever`], the default,
/// any blocking stream works, and a call waits as long as the stream's `read` blocks. That suits a server that does
/// nothing else.
///
/// # Example
/// ```
/// use embedded_io::{Read, ReadReady, Write};
/// use oncilla::framing::Cobs;
/// use oncilla::{Clock, Forever, Stream, Transport};
///
/// /// A transport for a server.
/// fn server<U: Read + Write>(uart: U) -> impl Transport<Framing = Cobs> {
///     Stream::<Cobs, U>::new(uart, Forever)
/// }
///
/// /// A transport for a client, whose calls have time-outs.
/// fn client<U: Read + ReadReady + Write>(uart: U, clock: impl Clock) -> impl Transport<Framing = Cobs> {
///     Stream::<Cobs, U, _>::new(uart, clock)
/// }
/// ```
#[derive(Debug)]
pub struct Stream<F, I, C = Forever> {
    io: I,
    clock: C,
    framing: PhantomData<F>,
}

impl<F: Framing, I, C> Stream<F, I, C> {
    /// Creates a transport from a stream and a clock.
    pub const fn new(io: I, clock: C) -> Self {
        Self { io, clock, framing: PhantomData }
    }

    /// Returns the stream.
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

    /// Checks the deadline between partial writes. Each write blocks as long as the stream's does.
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

/// Writes until everything is written, the stream accepts no more, or `late` returns `true`.
///
/// `write_all` is unusable here: it panics if a stream accepts no bytes.
#[inline]
fn write<I: Write>(io: &mut I, frame: &[u8], mut late: impl FnMut() -> bool) -> Result<usize, I::Error> {
    let mut rest = frame;
    while !rest.is_empty() {
        let written = io.write(rest)?;
        match rest.get(written..) {
            Some(after) if written > 0 => rest = after,
            // The stream accepted nothing, or claims more than it was given.
            _ => break,
        }
        if !rest.is_empty() && late() {
            break;
        }
    }
    io.flush()?;
    Ok(frame.len().saturating_sub(rest.len()))
}

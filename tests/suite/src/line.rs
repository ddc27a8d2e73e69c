//! The suite on a serial line.

use core::time::Duration;

use embedded_io::{Read, ReadReady, Write};
use oncilla::framing::Serial;
use oncilla::{Clock, Endpoint, Link, LinkError, Retry, Served, Stream, Time, Transport};

use crate::{Memory, Parts, Suite, TABLE};

/// The replies to the last calls that must not be executed twice; those have 28 bytes.
#[cfg(feature = "replay")]
type Remembered = oncilla::ReplayCache<4, { oncilla::message::REFUSAL_MAX }>;
#[cfg(not(feature = "replay"))]
type Remembered = ();

/// The board's end of a line.
pub type Board<'m, T> = Endpoint<Suite, T, &'m mut [u8], Remembered>;

/// Serves the suite on a serial line for ever: a board's `main`. `boot` is another number after every restart
/// ([`Link::with_boot_number`]).
///
/// When there is nothing to do it sleeps in the clock's [`idle`](Clock::idle), or in the stream's `read`.
pub fn serve_line<I: Read + ReadReady + Write, C: Clock>(io: I, clock: C, boot: u32, memory: &'static mut Memory) -> ! {
    serve(Stream::new(io, clock), boot, memory)
}

/// The same on any transport of a serial line. A board that makes no calls needs no clock:
/// `Stream::new(uart, Forever)`.
pub fn serve<T: Transport<Framing = Serial>>(transport: T, boot: u32, memory: &'static mut Memory) -> ! {
    let mut board = board(transport, boot, memory);
    loop {
        // A UART never ends, and one that fails is served again.
        let _ = run(&mut board);
    }
}

/// The board's end of a line, for [`run`].
pub fn board<T: Transport<Framing = Serial>>(transport: T, boot: u32, memory: &mut Memory) -> Board<'_, T> {
    let link = Link::with_boot_number(transport, &mut memory.rx[..], &mut memory.tx[..], boot);
    // The boot number in the upper bits: xids are never those of before a restart.
    let mut board = Endpoint::new(link, &TABLE, Suite::new(Parts::LINE), boot << 16);
    board.set_timeout(Duration::from_secs(5));
    board.set_retry(Retry::doubling(Duration::from_millis(500)));
    #[cfg(feature = "replay")]
    let board = board.with_replay(Remembered::new());
    board
}

/// Serves until the other end closes the line.
///
/// # Errors
/// What the transport reported.
pub fn run<T: Transport<Framing = Serial>>(board: &mut Board<'_, T>) -> Result<(), LinkError<T::Error>> {
    while board.serve_next(Time::NEVER)? != Served::End {
        #[cfg(feature = "text")]
        crate::text::work(board)?;
        #[cfg(feature = "callbacks")]
        crate::callbacks::work(board)?;
    }
    Ok(())
}

//! UART1, which carries calls.

use core::convert::Infallible;

use cortex_m::peripheral::NVIC;
use embedded_io::{ErrorType, Read, ReadReady, Write};
use lm3s6965::{Interrupt, interrupt};

use oncilla_bare::{Block, Pl011, Ring};
use oncilla_cortex_m::sleep_unless;

#[expect(unsafe_code, reason = "the address is from the chip's manual")]
// SAFETY: the registers of UART1.
const LINE: Pl011 = Pl011::new(unsafe { Block::at(0x4000_D000) });

static RECEIVED: Ring = Ring::new();

/// UART1 as a stream: blocking reads and writes, receiving by interrupt.
///
/// A ring of 32 bytes and the UART's own 16 hold bytes while the program is busy. When both are full, QEMU stops the
/// sender. A real line loses bytes; a framing with a checksum drops the damaged message.
///
/// It does not use `oncilla_bare::Bytes`, because it re-enables the interrupt once for all bytes of a read.
///
/// Reading waits, asleep, for at least one byte and never reports the end. Reading into an empty buffer returns 0 at
/// once. Writing waits for room for one byte and takes only that byte, so that a frame can end at its deadline.
#[derive(Debug)]
pub struct Uart(());

impl Uart {
    /// Starts receiving. Start it once: two readers would each receive some of the bytes.
    #[must_use]
    pub fn start() -> Self {
        LINE.start();
        #[expect(unsafe_code, reason = "unmasking could break a critical section made by masking")]
        // SAFETY: no code masks this one interrupt to make a critical section.
        unsafe {
            NVIC::unmask(Interrupt::UART1);
        }
        Self(())
    }
}

/// Sleeps until there is something to read, or until any interrupt was handled.
pub fn doze() {
    sleep_unless(|| !RECEIVED.is_empty());
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!RECEIVED.is_empty())
    }
}

impl Read for Uart {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        if into.is_empty() {
            return Ok(0);
        }
        while RECEIVED.is_empty() {
            doze();
        }
        let mut count: usize = 0;
        for (place, byte) in into.iter_mut().zip(core::iter::from_fn(|| RECEIVED.pop())) {
            *place = byte;
            count = usize::wrapping_add(count, 1);
        }
        // There is room again. The handler turns the interrupt off when there is none.
        LINE.interrupt(true);
        Ok(count)
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let Some(&byte) = bytes.first() else { return Ok(0) };
        while !LINE.has_room() {}
        LINE.send(byte);
        Ok(1)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while LINE.is_busy() {}
        Ok(())
    }
}

/// Moves what has arrived into the ring.
#[interrupt]
fn UART1() {
    while LINE.has_received() {
        if RECEIVED.is_full() {
            // The line stays raised while bytes wait: without this the handler would run for ever.
            LINE.interrupt(false);
            return;
        }
        RECEIVED.push(LINE.received());
    }
}

//! The UART.

use oncilla_bare::{Block, Pl011, Uart};

use crate::{interrupts, processor};

#[expect(unsafe_code, reason = "QEMU's source says what is at the address")]
// SAFETY: the registers of the UART.
const LINE: Pl011 = Pl011::new(unsafe { Block::at(0x0900_0000) });

/// The UART. What arrives while the program is busy waits in its 16 bytes; when they are full QEMU holds the sender back.
#[derive(Debug)]
pub struct Uart0(());

impl Uart0 {
    /// Begins to receive. Start it once: two readers would each get some of the bytes.
    #[must_use]
    pub fn start() -> Self {
        LINE.start();
        interrupts::enable(interrupts::UART);
        Self(())
    }
}

/// Sleeps until a byte waits or the alarm is raised, if neither is so. It may return early.
pub fn doze() {
    if !LINE.has_received() {
        // What comes between the look and the sleep is pending then, and does not let the processor sleep.
        processor::wait_for_interrupt();
    }
}

impl Uart for Uart0 {
    fn has_received(&mut self) -> bool {
        LINE.has_received()
    }

    fn received(&mut self) -> u8 {
        LINE.received()
    }

    fn has_room(&mut self) -> bool {
        LINE.has_room()
    }

    fn send(&mut self, byte: u8) {
        LINE.send(byte);
    }

    fn is_busy(&mut self) -> bool {
        LINE.is_busy()
    }

    fn sleep(&mut self) {
        doze();
    }
}

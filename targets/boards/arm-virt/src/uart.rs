//! The UART.

use oncilla_bare::{Block, Pl011, Uart};

use crate::{interrupts, processor};

#[expect(unsafe_code, reason = "the address is from QEMU's source")]
// SAFETY: the registers of the UART.
const LINE: Pl011 = Pl011::new(unsafe { Block::at(0x0900_0000) });

/// The UART. Its FIFO holds 16 bytes while the program is busy; when it is full, QEMU stops the sender.
#[derive(Debug)]
pub struct Uart0(());

impl Uart0 {
    /// Starts receiving. Start it once: two readers would each receive some of the bytes.
    #[must_use]
    pub fn start() -> Self {
        LINE.start();
        interrupts::enable(interrupts::UART);
        Self(())
    }
}

/// Sleeps until a byte waits or the alarm is raised. It may return early.
pub fn doze() {
    if !LINE.has_received() {
        // A byte that arrives between the check and the sleep makes the interrupt pending, which prevents the sleep.
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

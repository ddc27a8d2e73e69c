//! UART0, for text.

use oncilla_bare::{Block, Pl011, Print};

#[expect(unsafe_code, reason = "the address is from the chip's manual")]
// SAFETY: the registers of UART0.
const UART0: Pl011 = Pl011::new(unsafe { Block::at(0x4000_C000) });

/// UART0 as a destination for text. Waits while the UART's buffer is full; never fails.
#[derive(Debug)]
pub struct Log;

impl Print for Log {
    fn byte(&mut self, byte: u8) {
        { UART0 }.byte(byte);
    }
}

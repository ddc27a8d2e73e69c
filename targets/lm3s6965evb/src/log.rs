//! UART0, for people to read.

use crate::{Print, register::Register};

const DATA: Register<0x4000_C000> = Register;
const FLAGS: Register<0x4000_C018> = Register;

const TRANSMIT_FULL: u32 = 1 << 5;

/// Text to UART0. Waits while the UART's buffer is full; never fails.
#[derive(Debug)]
pub struct Log;

impl Print for Log {
    fn byte(&mut self, byte: u8) {
        while FLAGS.read() & TRANSMIT_FULL != 0 {}
        DATA.write(byte.into());
    }
}

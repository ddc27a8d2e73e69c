//! UART0 of the lm3s6965evb: its receive interrupt fills a ring.

use oncilla_hal::{Bytes, Halves, Receive, Ring, Transmit};

/// The registers of UART0, from the manual of the chip.
const DATA: *mut u32 = 0x4000_C000 as *mut u32;
const FLAGS: *const u32 = 0x4000_C018 as *const u32;
const LINE_CONTROL: *mut u32 = 0x4000_C02C as *mut u32;
const INTERRUPT_MASK: *mut u32 = 0x4000_C038 as *mut u32;

const BUSY: u32 = 1 << 3;
const RECEIVE_EMPTY: u32 = 1 << 4;
const TRANSMIT_FULL: u32 = 1 << 5;
const EIGHT_BITS_AND_FIFOS: u32 = 0b111 << 4;
const RECEIVED: u32 = 1 << 4 | 1 << 6;

static RING: Ring<256> = Ring::new();

/// Starts UART0 and returns it. QEMU ignores clocks, pins and the baud rate; real hardware needs them set here.
pub fn start() -> impl Receive + Transmit {
    // SAFETY: both are registers of UART0, which only this file uses.
    unsafe {
        LINE_CONTROL.write_volatile(EIGHT_BITS_AND_FIFOS);
        INTERRUPT_MASK.write_volatile(RECEIVED);
    }
    let transmitting = Bytes {
        take: (), // The ring has the received bytes.
        // SAFETY: writing the register sends a byte.
        put: |byte: u8| (!has_flag(TRANSMIT_FULL)).then(|| unsafe { DATA.write_volatile(byte.into()) }).is_some(),
        is_sent: || !has_flag(BUSY),
    };
    Halves(&RING, transmitting)
}

/// The handler of the receive interrupt.
pub fn on_interrupt() {
    while !has_flag(RECEIVE_EMPTY) {
        // SAFETY: reading the register takes the oldest received byte.
        RING.push(unsafe { DATA.read_volatile() } as u8);
    }
}

fn has_flag(flag: u32) -> bool {
    // SAFETY: reading this register changes nothing.
    unsafe { FLAGS.read_volatile() & flag != 0 }
}

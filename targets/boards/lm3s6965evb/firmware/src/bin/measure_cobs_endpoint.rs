//! The measured endpoint with COBS and CRC-32, in memory: prints the figures of its calls, without the clock.
//!
//! It serves the same call meanwhile.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla_lm3s6965evb::semihosting::exit;
use oncilla_lm3s6965evb_firmware::probe::{Aligned, Buffers, Cache, Endpoint, MESSAGE_MAX, measure};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: Aligned<{ Cobs::buffer(MESSAGE_MAX) }> = Aligned([0; Cobs::buffer(MESSAGE_MAX)]);
    static mut TX: Aligned<{ Cobs::buffer(MESSAGE_MAX) }> = Aligned([0; Cobs::buffer(MESSAGE_MAX)]);
    static mut INCOMING: Aligned<256> = Aligned([0; 256]);
    static mut OUTGOING: Aligned<128> = Aligned([0; 128]);
    static mut CACHE: Cache = Cache::new();
    let buffers = Buffers { rx: &mut RX.0, tx: &mut TX.0, incoming: &mut INCOMING.0, outgoing: &mut OUTGOING.0 };
    match cortex_m::Peripherals::take() {
        Some(peripherals) => measure(Endpoint::<Cobs>::new(CACHE), buffers, peripherals.SYST),
        None => exit(false),
    }
}

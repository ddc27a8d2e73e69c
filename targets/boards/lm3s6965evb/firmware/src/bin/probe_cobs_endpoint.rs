//! The measured endpoint with COBS and CRC-32, on the UART.
//!
//! It calls and serves the three procedures on one link, with a total time-out, retransmission, and a replay cache for
//! four replies of any size. The board's clock and its interrupt count as part of the endpoint.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla_lm3s6965evb::Clock;
use oncilla_lm3s6965evb::semihosting::exit;
use oncilla_lm3s6965evb_firmware::probe::{Cache, MESSAGE_MAX, call_and_serve};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; Cobs::buffer(MESSAGE_MAX)] = [0; Cobs::buffer(MESSAGE_MAX)];
    static mut TX: [u8; Cobs::buffer(MESSAGE_MAX)] = [0; Cobs::buffer(MESSAGE_MAX)];
    static mut CACHE: Cache = Cache::new();
    match cortex_m::Peripherals::take() {
        Some(peripherals) => call_and_serve::<Cobs>(RX, TX, CACHE, Clock::start(peripherals.SYST)),
        None => exit(false),
    }
}

//! The measured client with COBS and CRC-32, on the UART.
//!
//! It calls the three procedures with a total time-out and retransmission. The board's clock and its interrupt count as
//! part of the client.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla_lm3s6965evb::Clock;
use oncilla_lm3s6965evb::semihosting::exit;
use oncilla_lm3s6965evb_firmware::probe::{call, three};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; Cobs::buffer(three::REPLY_MAX)] = [0; Cobs::buffer(three::REPLY_MAX)];
    static mut TX: [u8; Cobs::buffer(three::CALL_MAX)] = [0; Cobs::buffer(three::CALL_MAX)];
    match cortex_m::Peripherals::take() {
        Some(peripherals) => call::<Cobs>(RX, TX, Clock::start(peripherals.SYST)),
        None => exit(false),
    }
}

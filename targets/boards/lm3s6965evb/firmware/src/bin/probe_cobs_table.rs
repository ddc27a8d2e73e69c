//! The measured server with COBS and CRC-32 by a table of 256 entries, on the UART.
#![no_std]
#![no_main]

use oncilla::framing::{Cobs, CobsWith, LargeTable};
use oncilla_lm3s6965evb_firmware::probe::{serve, three};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; Cobs::buffer(three::CALL_MAX)] = [0; Cobs::buffer(three::CALL_MAX)];
    static mut TX: [u8; Cobs::buffer(three::REPLY_MAX)] = [0; Cobs::buffer(three::REPLY_MAX)];
    serve::<CobsWith<LargeTable>>(RX, TX)
}

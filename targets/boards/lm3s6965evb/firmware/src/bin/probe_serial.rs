//! The measured server with the short header, on the UART.
#![no_std]
#![no_main]

use oncilla::framing::Serial;
use oncilla_lm3s6965evb_firmware::probe::{serve, three};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; Serial::buffer(three::CALL_MAX)] = [0; Serial::buffer(three::CALL_MAX)];
    static mut TX: [u8; Serial::buffer(three::REPLY_MAX)] = [0; Serial::buffer(three::REPLY_MAX)];
    serve::<Serial>(RX, TX)
}

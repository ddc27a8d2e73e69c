//! The measured server with record marking, on the UART.
#![no_std]
#![no_main]

use oncilla::framing::Record;
use oncilla_lm3s6965evb_firmware::probe::{serve, three};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; Record::buffer(three::CALL_MAX)] = [0; Record::buffer(three::CALL_MAX)];
    static mut TX: [u8; Record::buffer(three::REPLY_MAX)] = [0; Record::buffer(three::REPLY_MAX)];
    serve::<Record>(RX, TX)
}

//! The measured server of protobuf messages with COBS and CRC-32, on the UART.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla_lm3s6965evb_firmware::probe::serve_protobuf;
use oncilla_three::three;
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; Cobs::buffer(three::CALL_MAX)] = [0; Cobs::buffer(three::CALL_MAX)];
    static mut TX: [u8; Cobs::buffer(three::REPLY_MAX)] = [0; Cobs::buffer(three::REPLY_MAX)];
    serve_protobuf::<Cobs>(RX, TX)
}

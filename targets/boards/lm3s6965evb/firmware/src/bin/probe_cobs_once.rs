//! The measured server with a replay cache, COBS and CRC-32, on the UART.
//!
//! The cache holds four replies of any size.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla_lm3s6965evb_firmware::probe::{Cache, serve_once, three};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; Cobs::buffer(three::CALL_MAX)] = [0; Cobs::buffer(three::CALL_MAX)];
    static mut TX: [u8; Cobs::buffer(three::REPLY_MAX)] = [0; Cobs::buffer(three::REPLY_MAX)];
    static mut CACHE: Cache = Cache::new();
    serve_once::<Cobs>(RX, TX, CACHE)
}

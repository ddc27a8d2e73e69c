//! The measured server under a key, on the UART: COBS, the light suite and one place.
#![no_std]
#![no_main]

use oncilla_lm3s6965evb_firmware::probe::{KEYED_CALL, KEYED_REPLY, serve_keyed};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; KEYED_CALL] = [0; KEYED_CALL];
    static mut TX: [u8; KEYED_REPLY] = [0; KEYED_REPLY];
    serve_keyed(RX, TX)
}

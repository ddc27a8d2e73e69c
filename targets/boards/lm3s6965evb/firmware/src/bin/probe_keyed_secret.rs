//! The measured server under a key, on the UART: COBS, the forward secret suite and one place.
#![no_std]
#![no_main]

use oncilla::keys::ForwardSecret;
use oncilla_lm3s6965evb_firmware::probe::{keyed_call, keyed_reply, serve_keyed};
use panic_never as _;

const CALL: usize = keyed_call::<ForwardSecret>();
const REPLY: usize = keyed_reply::<ForwardSecret>();

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; CALL] = [0; CALL];
    static mut TX: [u8; REPLY] = [0; REPLY];
    serve_keyed::<ForwardSecret>(RX, TX)
}

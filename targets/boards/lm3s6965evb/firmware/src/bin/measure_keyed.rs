//! The measured server under a key, in memory: prints the figures of its calls.
#![no_std]
#![no_main]

use oncilla_lm3s6965evb::semihosting::exit;
use oncilla_lm3s6965evb_firmware::probe::{Aligned, Buffers, KEYED_CALL, KEYED_REPLY, KeyedServer, measure};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: Aligned<KEYED_CALL> = Aligned([0; KEYED_CALL]);
    static mut TX: Aligned<KEYED_REPLY> = Aligned([0; KEYED_REPLY]);
    static mut INCOMING: Aligned<512> = Aligned([0; 512]);
    static mut OUTGOING: Aligned<256> = Aligned([0; 256]);
    let buffers = Buffers { rx: &mut RX.0, tx: &mut TX.0, incoming: &mut INCOMING.0, outgoing: &mut OUTGOING.0 };
    match cortex_m::Peripherals::take() {
        Some(peripherals) => measure(KeyedServer, buffers, peripherals.SYST),
        None => exit(false),
    }
}

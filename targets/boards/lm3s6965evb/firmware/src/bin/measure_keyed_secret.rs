//! The measured server under a key, with the forward secret suite, in memory: prints the figures of its calls.
#![no_std]
#![no_main]

use oncilla::keys::ForwardSecret;
use oncilla_lm3s6965evb::semihosting::exit;
use oncilla_lm3s6965evb_firmware::probe::{Aligned, Buffers, KeyedServer, keyed_call, keyed_reply, measure};
use panic_never as _;

const CALL: usize = keyed_call::<ForwardSecret>();
const REPLY: usize = keyed_reply::<ForwardSecret>();

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: Aligned<CALL> = Aligned([0; CALL]);
    static mut TX: Aligned<REPLY> = Aligned([0; REPLY]);
    static mut INCOMING: Aligned<512> = Aligned([0; 512]);
    static mut OUTGOING: Aligned<256> = Aligned([0; 256]);
    let buffers = Buffers { rx: &mut RX.0, tx: &mut TX.0, incoming: &mut INCOMING.0, outgoing: &mut OUTGOING.0 };
    match cortex_m::Peripherals::take() {
        Some(peripherals) => measure(KeyedServer::<ForwardSecret, CALL, REPLY>::new(), buffers, peripherals.SYST),
        None => exit(false),
    }
}

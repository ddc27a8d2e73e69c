//! The measured server of protobuf messages with COBS and CRC-32, in memory: prints the figures of its calls.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla_lm3s6965evb::semihosting::exit;
use oncilla_lm3s6965evb_firmware::probe::{Aligned, Buffers, ProtobufServer, measure};
use oncilla_three::three;
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: Aligned<{ Cobs::buffer(three::CALL_MAX) }> = Aligned([0; Cobs::buffer(three::CALL_MAX)]);
    static mut TX: Aligned<{ Cobs::buffer(three::REPLY_MAX) }> = Aligned([0; Cobs::buffer(three::REPLY_MAX)]);
    static mut INCOMING: Aligned<128> = Aligned([0; 128]);
    static mut OUTGOING: Aligned<128> = Aligned([0; 128]);
    let buffers = Buffers { rx: &mut RX.0, tx: &mut TX.0, incoming: &mut INCOMING.0, outgoing: &mut OUTGOING.0 };
    match cortex_m::Peripherals::take() {
        Some(peripherals) => measure(ProtobufServer::<Cobs>::new(), buffers, peripherals.SYST),
        None => exit(false),
    }
}

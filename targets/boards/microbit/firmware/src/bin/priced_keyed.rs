//! The same server under a key, with the light suite.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla::{Forever, Link, Stream};
use oncilla_firmware_tests::priced::{KEYED, Nothing, TABLE, accepts};
use oncilla_microbit::{Uart, boot_number};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; KEYED[0]] = [0; KEYED[0]];
    static mut TX: [u8; KEYED[1]] = [0; KEYED[1]];
    let stream = Stream::<Cobs, _>::new(Uart::start(), Forever);
    let mut link = Link::with_keys(stream, &mut RX[..], &mut TX[..], accepts(boot_number()));
    loop {
        // The UART never fails or ends.
        let _ = link.serve(&TABLE, &mut Nothing);
    }
}

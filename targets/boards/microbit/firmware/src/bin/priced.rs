//! A small server on the serial port, whose size is measured.
#![no_std]
#![no_main]

use oncilla::framing::Serial;
use oncilla::{Forever, Link, Stream};
use oncilla_firmware_tests::priced::{Nothing, PLAIN, TABLE};
use oncilla_microbit::{Uart, boot_number};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; PLAIN[0]] = [0; PLAIN[0]];
    static mut TX: [u8; PLAIN[1]] = [0; PLAIN[1]];
    let stream = Stream::<Serial, _>::new(Uart::start(), Forever);
    let mut link = Link::with_boot_number(stream, &mut RX[..], &mut TX[..], boot_number());
    loop {
        // The UART never fails or ends.
        let _ = link.serve(&TABLE, &mut Nothing);
    }
}

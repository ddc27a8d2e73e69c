//! A small server on the serial port, whose size is measured.
#![no_std]
#![no_main]

use oncilla::framing::Serial;
use oncilla::{Forever, Link, Stream};
use oncilla_firmware_tests::priced::{Nothing, PLAIN, TABLE};
use oncilla_uno::{Usart, boot_number};
use panic_never as _;
use static_cell::ConstStaticCell;

#[expect(unsafe_code, reason = "avr-libc's start-up code calls it by this name")]
// SAFETY: nothing else has this name, and it has the signature that the code expects.
#[unsafe(no_mangle)]
extern "C" fn main() -> u16 {
    static RX: ConstStaticCell<[u8; PLAIN[0]]> = ConstStaticCell::new([0; PLAIN[0]]);
    static TX: ConstStaticCell<[u8; PLAIN[1]]> = ConstStaticCell::new([0; PLAIN[1]]);
    // `None` is returned only the second time, and this is the first.
    let (Some(rx), Some(tx)) = (RX.try_take(), TX.try_take()) else { return 1 };
    let stream = Stream::<Serial, _>::new(Usart::start(), Forever);
    let mut link = Link::with_boot_number(stream, &mut rx[..], &mut tx[..], boot_number());
    loop {
        // The UART never fails or ends.
        let _ = link.serve(&TABLE, &mut Nothing);
    }
}

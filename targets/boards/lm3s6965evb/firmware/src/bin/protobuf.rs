//! A server of protobuf messages on a serial line: serves `examples/protobuf` over UART1, asleep while there are no calls.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla::{Forever, Link, Stream, Table};
use oncilla_lm3s6965evb::Uart;
use oncilla_three::{Device, three};
use panic_never as _;

/// The table, in flash.
static TABLE: Table<Device> = oncilla::table![three::program()];

/// Bytes of the largest call and reply, framed. A host of a later version may send fields that this firmware does not
/// know: 32 bytes are for them.
const CALL: usize = Cobs::buffer(three::CALL_MAX + 32);
const REPLY: usize = Cobs::buffer(TABLE.reply_max());

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; CALL] = [0; CALL];
    static mut TX: [u8; REPLY] = [0; REPLY];

    let stream = Stream::<Cobs, _>::new(Uart::start(), Forever);
    let mut link = Link::new(stream, &mut RX[..], &mut TX[..]);
    loop {
        // This UART never fails or ends. If another one does, it is served again.
        let _ = link.serve(&TABLE, &mut Device);
    }
}

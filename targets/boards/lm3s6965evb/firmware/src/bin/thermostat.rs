//! A thermostat on a serial line: serves calls over UART1, asleep while there are none.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla::{Forever, Link, Stream, Table};
use oncilla_lm3s6965evb::Uart;
use oncilla_thermostat::{Device, thermostat};
use panic_never as _;

/// The table, in flash.
static TABLE: Table<Device> = oncilla::table![thermostat::program()];

/// Bytes of the largest call and reply, framed.
const CALL: usize = Cobs::buffer(thermostat::CALL_MAX);
const REPLY: usize = Cobs::buffer(TABLE.reply_max());

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; CALL] = [0; CALL];
    static mut TX: [u8; REPLY] = [0; REPLY];

    let mut device = Device::default();
    let stream = Stream::<Cobs, _>::new(Uart::start(), Forever);
    let mut link = Link::new(stream, &mut RX[..], &mut TX[..]);
    loop {
        // This UART never fails or ends. If another one does, it is served again. `REPLY` holds every reply of the table.
        let _ = link.serve(&TABLE, &mut device);
    }
}

//! Serves the thermometer on UART0.
#![no_std]
#![no_main]

mod uart;

use interface::{Fault, thermometer};
use oncilla::framing::Cobs;
use oncilla::{Forever, Link, Stream, Table};
use panic_halt as _;
use uart::Uart;

/// A thermometer whose sensors are made up.
struct Device {
    offsets: [i32; 2],
}

impl thermometer::Service for Device {
    fn model(&mut self) -> &str {
        "lm3s6965evb in QEMU"
    }

    fn read(&mut self, channel: u32) -> Result<i32, Fault> {
        let offset = self.offsets.get(channel as usize).ok_or(Fault::NoSuchChannel)?;
        Ok(offset.saturating_add(21_500))
    }

    fn calibrate(&mut self, channel: u32, offset: i32) -> Result<(), Fault> {
        *self.offsets.get_mut(channel as usize).ok_or(Fault::NoSuchChannel)? = offset;
        Ok(())
    }
}

/// The programs that this board serves.
static TABLE: Table<Device> = oncilla::table![thermometer::program()];

/// The sizes of the buffers: of the largest call and of the largest reply, with framing.
const CALL: usize = Cobs::buffer(thermometer::CALL_MAX);
const REPLY: usize = Cobs::buffer(thermometer::REPLY_MAX);

// With a smaller transmit buffer `serve` returns `BufferTooSmall` at once, and the board never replies.
const _: () = assert!(REPLY >= Cobs::buffer(TABLE.reply_max()), "REPLY is too small for the replies of TABLE");

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut RX: [u8; CALL] = [0; CALL];
    static mut TX: [u8; REPLY] = [0; REPLY];

    let mut device = Device { offsets: [0; 2] };
    // For another board: replace `Uart::start()` by a UART that implements `Read` and `Write` of embedded-io 0.7.
    let stream = Stream::<Cobs, _>::new(Uart::start(), Forever);
    let mut link = Link::new(stream, &mut RX[..], &mut TX[..]);
    loop {
        // `serve` returns the errors of the UART. This UART has none. With another, count them, and serve again.
        // `BufferTooSmall` cannot happen here, because of the assertion on `REPLY`.
        let _ = link.serve(&TABLE, &mut device);
    }
}

//! Serves a thermometer on SERCOM0.
#![no_std]
#![no_main]

use atsamd_hal::clock::GenericClockController;
use atsamd_hal::gpio::Pins;
use atsamd_hal::pac;
use atsamd_hal::sercom::{Sercom0, uart};
use atsamd_hal::time::Hertz;
use oncilla::framing::Cobs;
use oncilla::{Forever, Link, Stream, Table};
use oncilla_hal::{Blocking, Nb};
use panic_halt as _;

oncilla::program! {
    /// Measures temperatures.
    pub mod thermometer = 0x2000_0001, version 1 {
        /// Returns the name of the board.
        fn model() -> &str [..32] = 1;
        /// Returns the temperature of a channel, in thousandths of a degree Celsius.
        fn read(channel: u32) -> i32 = 2;
    }
}

struct Device;

impl thermometer::Service for Device {
    fn model(&mut self) -> &str {
        "samd21"
    }

    fn read(&mut self, channel: u32) -> i32 {
        // Replace it by a sensor.
        if channel == 0 { 21_500 } else { i32::MIN }
    }
}

static TABLE: Table<Device> = oncilla::table![thermometer::program()];

const CALL: usize = Cobs::buffer(thermometer::CALL_MAX);
const REPLY: usize = Cobs::buffer(thermometer::REPLY_MAX);
const _: () = assert!(REPLY >= Cobs::buffer(TABLE.reply_max()), "REPLY is too small for the replies of TABLE");

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut chip = pac::Peripherals::take().unwrap();
    let mut clocks =
        GenericClockController::with_internal_32kosc(chip.gclk, &mut chip.pm, &mut chip.sysctrl, &mut chip.nvmctrl);
    let gclk0 = clocks.gclk0();
    let clock = clocks.sercom0_core(&gclk0).unwrap();
    let pins = Pins::new(chip.port);
    let pads = uart::Pads::<Sercom0>::default().rx(pins.pa09).tx(pins.pa08);
    let uart = uart::Config::new(&chip.pm, chip.sercom0, pads, clock.freq())
        .baud(Hertz::from_raw(115_200), uart::BaudMode::Fractional(uart::Oversampling::Bits16))
        .enable();

    let stream = Stream::<Cobs, _>::new(Blocking::new(Nb(uart)), Forever);
    let mut link = Link::with_buffers(stream, [0; CALL], [0; REPLY]);
    loop {
        // Errors of the UART are noise, which the link survives. `BufferTooSmall` cannot happen, by the assertion on `REPLY`.
        let _ = link.serve(&TABLE, &mut Device);
    }
}

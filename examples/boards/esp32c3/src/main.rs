//! Serves a thermometer on UART0.
#![no_std]
#![no_main]

use esp_hal::time::Instant;
use esp_hal::uart::{Config, Uart};
use oncilla::framing::Cobs;
use oncilla::{Link, Table};
use oncilla_hal::{Counter, Line, Ready};
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
        "esp32c3"
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

// What the boot loader of ESP-IDF reads.
esp_bootloader_esp_idf::esp_app_desc!();

#[esp_hal::main]
fn main() -> ! {
    let chip = esp_hal::init(esp_hal::Config::default());
    // 115 200 baud, 8 bits, no parity.
    let uart = Uart::new(chip.UART0, Config::default()).unwrap().with_tx(chip.GPIO21).with_rx(chip.GPIO20);

    let clock = Counter::new(1_000_000, || Instant::now().duration_since_epoch().as_micros() as u32);
    let line = Line::<Cobs, _, _>::new(Ready(uart), clock);
    let mut link = Link::with_buffers(line, [0; CALL], [0; REPLY]);
    loop {
        // Errors of the UART are noise, which the link survives. `BufferTooSmall` cannot happen, by the assertion on `REPLY`.
        let _ = link.serve(&TABLE, &mut Device);
    }
}

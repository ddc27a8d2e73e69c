//! Serves a thermometer on UART0.
#![no_std]
#![no_main]

use oncilla::framing::Cobs;
use oncilla::{Link, Stream, Table};
use oncilla_hal::Counter;
use panic_halt as _;
use rp2040_hal::clocks::init_clocks_and_plls;
use rp2040_hal::fugit::RateExtU32;
use rp2040_hal::uart::{DataBits, StopBits, UartConfig, UartPeripheral};
use rp2040_hal::{Clock, Sio, Timer, Watchdog, gpio::Pins, pac};

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
        "rp2040"
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

/// The second stage of the boot loader, for the flash chip of the Pico.
// SAFETY: `memory.x` reserves the section for it, and nothing else is placed there.
#[unsafe(link_section = ".boot2")]
#[used]
static BOOT2: [u8; 256] = rp2040_boot2::BOOT_LOADER_W25Q080;

/// The frequency of the crystal on the Pico, in hertz.
const CRYSTAL: u32 = 12_000_000;

#[rp2040_hal::entry]
fn main() -> ! {
    let mut chip = pac::Peripherals::take().unwrap();
    let mut watchdog = Watchdog::new(chip.WATCHDOG);
    let clocks = init_clocks_and_plls(
        CRYSTAL,
        chip.XOSC,
        chip.CLOCKS,
        chip.PLL_SYS,
        chip.PLL_USB,
        &mut chip.RESETS,
        &mut watchdog,
    )
    .ok()
    .unwrap();
    let sio = Sio::new(chip.SIO);
    let pins = Pins::new(chip.IO_BANK0, chip.PADS_BANK0, sio.gpio_bank0, &mut chip.RESETS);
    let timer = Timer::new(chip.TIMER, &mut chip.RESETS, &clocks);
    let config = UartConfig::new(115_200.Hz(), DataBits::Eight, None, StopBits::One);
    let uart = UartPeripheral::new(
        chip.UART0,
        (pins.gpio0.into_function(), pins.gpio1.into_function()),
        &mut chip.RESETS,
    )
    .enable(config, clocks.peripheral_clock.freq())
    .unwrap();

    let clock = Counter::new(1_000_000, || timer.get_counter_low());
    let stream = Stream::<Cobs, _, _>::new(uart, clock);
    let mut link = Link::with_buffers(stream, [0; CALL], [0; REPLY]);
    loop {
        // Errors of the UART are noise, which the link survives. `BufferTooSmall` cannot happen, by the assertion on `REPLY`.
        let _ = link.serve(&TABLE, &mut Device);
    }
}

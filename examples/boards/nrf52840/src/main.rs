//! Serves a thermometer on UARTE0.
#![no_std]
#![no_main]

use nrf52840_hal::gpio::{Level, p0};
use nrf52840_hal::uarte::{Baudrate, Parity, Pins, Uarte};
use nrf52840_hal::{Clocks, Timer, pac};
use oncilla::framing::Cobs;
use oncilla::{Link, Table};
use oncilla_hal::{Counter, Halves, Line, Nb02, Ready};
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
        "nrf52840"
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
    // The UART moves bytes by DMA, which reads and writes RAM only.
    static mut SEND: [u8; 64] = [0; 64];
    static mut RECEIVE: [u8; 1] = [0; 1];

    let chip = pac::Peripherals::take().unwrap();
    // The internal oscillator is too inexact for a UART.
    Clocks::new(chip.CLOCK).enable_ext_hfosc();
    let port = p0::Parts::new(chip.P0);
    let pins = Pins {
        txd: port.p0_06.into_push_pull_output(Level::High).degrade(),
        rxd: port.p0_08.into_floating_input().degrade(),
        cts: None,
        rts: None,
    };
    let uart = Uarte::new(chip.UARTE0, pins, Parity::EXCLUDED, Baudrate::BAUD115200);
    let (transmitter, receiver) = uart.split(SEND, RECEIVE).unwrap();
    // It counts microseconds, and wraps after 71 minutes.
    let mut timer = Timer::periodic(chip.TIMER0);
    timer.start(u32::MAX);

    let port = Halves(Ready(receiver), Nb02(transmitter));
    let line = Line::<Cobs, _, _>::new(port, Counter::new(1_000_000, move || timer.read()));
    let mut link = Link::with_buffers(line, [0; CALL], [0; REPLY]);
    loop {
        // Errors of the UART are noise, which the link survives. `BufferTooSmall` cannot happen, by the assertion on `REPLY`.
        let _ = link.serve(&TABLE, &mut Device);
    }
}

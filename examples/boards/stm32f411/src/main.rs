//! Serves a thermometer on USART2.
#![no_std]
#![no_main]

use core::cell::RefCell;

use cortex_m::peripheral::{DWT, NVIC};
use oncilla::framing::Cobs;
use oncilla::{Link, Table};
use oncilla_hal::{Counter, Halves, Line, Nb, Ring};
use panic_halt as _;
use stm32f4xx_hal::interrupt;
use stm32f4xx_hal::{pac, prelude::*, rcc, serial};

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
        "stm32f411"
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

/// Bytes that the interrupt received: 22 ms at 115 200 baud.
static RECEIVED: Ring<256> = Ring::new();

/// The receiving half, which the interrupt uses.
static RECEIVER: cortex_m::interrupt::Mutex<RefCell<Option<serial::Rx<pac::USART2>>>> =
    cortex_m::interrupt::Mutex::new(RefCell::new(None));

/// The frequency of the processor, in hertz.
const HZ: u32 = 84_000_000;

#[interrupt]
fn USART2() {
    cortex_m::interrupt::free(|section| {
        let mut receiver = RECEIVER.borrow(section).borrow_mut();
        let Some(receiver) = receiver.as_mut() else { return };
        loop {
            match receiver.read() {
                Ok(byte) => _ = RECEIVED.push(byte),
                Err(stm32f4xx_hal::nb::Error::WouldBlock) => break,
                // An overrun, or a damaged byte: reading has cleared it.
                Err(stm32f4xx_hal::nb::Error::Other(_)) => RECEIVED.lose(),
            }
        }
    });
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let chip = pac::Peripherals::take().unwrap();
    let mut core = cortex_m::Peripherals::take().unwrap();
    let mut rcc = chip.RCC.freeze(rcc::Config::hsi().sysclk(HZ.Hz()));
    let port = chip.GPIOA.split(&mut rcc);
    let config = serial::Config::default().baudrate(115_200.bps());
    let uart: serial::Serial<pac::USART2> = chip.USART2.serial((port.pa2, port.pa3), config, &mut rcc).unwrap();
    let (transmitter, mut receiver) = uart.split();
    receiver.listen();
    cortex_m::interrupt::free(|section| RECEIVER.borrow(section).replace(Some(receiver)));
    // SAFETY: no critical section depends on this interrupt being masked.
    unsafe { NVIC::unmask(pac::Interrupt::USART2) };
    core.DCB.enable_trace();
    core.DWT.enable_cycle_counter();

    let port = Halves(&RECEIVED, Nb(transmitter));
    // The counter wraps every 51 s; a server that waits reads it all the time.
    let line = Line::<Cobs, _, _>::new(port, Counter::new(HZ, DWT::cycle_count));
    let mut link = Link::with_buffers(line, [0; CALL], [0; REPLY]);
    loop {
        // Errors of the UART are noise, which the link survives. `BufferTooSmall` cannot happen, by the assertion on `REPLY`.
        let _ = link.serve(&TABLE, &mut Device);
    }
}

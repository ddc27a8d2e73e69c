//! A multimeter on VXI-11, which PyVISA and other clients find and control. It sleeps while there is nothing to do.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

use cortex_m::peripheral::SCB;
use oncilla_ethernet_firmware::{InstrumentMemory, MAC, panicked, serve_instrument};
use oncilla_lm3s6965evb::ethernet::{Clock, Ethernet};
use oncilla_lm3s6965evb::{Log, semihosting::exit};

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut MEMORY: InstrumentMemory = InstrumentMemory::new();

    // `None` is returned only the second time, and this is the first.
    let Some(peripherals) = cortex_m::Peripherals::take() else { exit(false) };
    let clock = Clock::start(peripherals.SYST);
    serve_instrument(Ethernet::start(MAC), clock, MEMORY, Log);
    // Not reached: the device is an Ethernet device.
    exit(false)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    panicked(info, Log);
    SCB::sys_reset()
}

//! A client: repeatedly calls a program of the host over UDP and TCP, and writes the outcome to UART0.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

use cortex_m::peripheral::SCB;
use oncilla_ethernet_firmware::{CallMemory, MAC, call, panicked};
use oncilla_lm3s6965evb::ethernet::{Clock, Ethernet};
use oncilla_lm3s6965evb::{Log, semihosting::exit};

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut MEMORY: CallMemory = CallMemory::new();

    // `None` is returned only the second time, and this is the first.
    let Some(peripherals) = cortex_m::Peripherals::take() else { exit(false) };
    let clock = Clock::start(peripherals.SYST);
    call(Ethernet::start(MAC), clock, MEMORY, Log);
    // Not reached: the device is an Ethernet device.
    exit(false)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    panicked(info, Log);
    SCB::sys_reset()
}

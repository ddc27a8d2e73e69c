//! The portable test suite on TCP and UDP, which `rpcinfo` finds. It sleeps while there are no calls.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

use cortex_m::peripheral::SCB;
use oncilla_ethernet_firmware::{MAC, ServeMemory, panicked, serve};
use oncilla_lm3s6965evb::ethernet::{Clock, Ethernet};
use oncilla_lm3s6965evb::{Log, semihosting::exit};

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut MEMORY: ServeMemory = ServeMemory::new();

    // `None` is returned only the second time, and this is the first.
    let Some(peripherals) = cortex_m::Peripherals::take() else { exit(false) };
    let clock = Clock::start(peripherals.SYST);
    serve(Ethernet::start(MAC), clock, MEMORY, Log);
    // Not reached: the device is an Ethernet device.
    exit(false)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    panicked(info, Log);
    SCB::sys_reset()
}

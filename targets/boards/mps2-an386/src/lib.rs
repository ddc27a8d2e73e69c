//! Board support for Arm's MPS2 with the image AN386, as QEMU models it.
//!
//! It has a Cortex-M4 with a floating-point unit, and a LAN9118 for Ethernet ([`ethernet`]). UART1 carries calls
//! ([`Uart`]), UART0 carries text for people ([`Log`]).
//!
//! Nothing here can panic: firmware without a network is linked with `panic-never`.
#![cfg(target_os = "none")]
#![no_std]

pub mod ethernet;
mod log;
mod uart;
mod wake;

pub use log::Log;
pub use oncilla_bare::boot_number;
pub use oncilla_cortex_m::semihosting;
pub use uart::{Clock, Uart};

/// Ticks of the processor clock per second.
const CLOCK_HZ: u32 = 25_000_000;

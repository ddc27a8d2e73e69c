//! Board support for `lm3s6965evb`, a Cortex-M3 board, as QEMU models it.
//!
//! UART1 carries calls ([`Uart`]), UART0 carries text for people ([`Log`]). Firmware with one UART prints beside its
//! calls ([`Link::print`](oncilla::Link::print)), as `hostcalls` does.
//!
//! QEMU ignores clock gates, pins and baud rates, so they are not set here. For the real board, set them before
//! [`Uart::start`].
//!
//! Nothing here can panic: all firmware is linked with `panic-never`.
#![cfg(target_os = "none")]
#![no_std]

#[cfg(feature = "clock")]
mod clock;
#[cfg(feature = "ethernet")]
pub mod ethernet;
mod instructions;
mod log;
mod uart;

#[cfg(feature = "clock")]
pub use clock::Clock;
pub use instructions::InstructionCounter;
pub use log::Log;
pub use oncilla_bare::{Kept, Print, boot_number, kept};
pub use oncilla_cortex_m::{semihosting, stack};
pub use uart::Uart;

// Linked for its interrupt vector table, so that firmware need not name this crate.
use lm3s6965 as _;

/// Ticks of the processor clock per second after reset, in QEMU.
const CLOCK_HZ: u32 = 12_500_000;

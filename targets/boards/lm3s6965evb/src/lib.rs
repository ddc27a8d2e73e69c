//! Board support for `lm3s6965evb`, a Cortex-M3 board, as QEMU models it.
//!
//! UART1 carries calls ([`Uart`]), UART0 carries text for people ([`Log`]). Firmware with one UART prints beside its
//! calls ([`Link::print`](oncilla::Link::print)), as `hostcalls` does.
//! The model ignores clock gates, pins and baud rates, and they are left alone here: for the real board, set them
//! before [`Uart::start`].
//!
//! Nothing here can panic: every firmware is linked with `panic-never`.
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

// Linked for its interrupt vector table; a firmware which names this crate need not name that one.
use lm3s6965 as _;

/// Ticks of the processor clock in a second, as QEMU has it after reset.
const CLOCK_HZ: u32 = 12_500_000;

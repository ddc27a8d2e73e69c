//! Board support for the BBC micro:bit of the first edition: an nRF51822 with a Cortex-M0, 256 KiB of flash and 16 KiB of RAM.
//!
//! Its one UART, which the board's USB connector shows to a host as a serial port, carries calls ([`Uart`]). The chip has no
//! SysTick: [`Clock`] counts with TIMER0.
//!
//! Interrupts have no handlers: one that is pending ends the sleep, and that is all they are for.
//!
//! Nothing here can panic: every firmware is linked with `panic-never`.
#![cfg(target_os = "none")]
#![no_std]

mod clock;
mod sleep;
mod uart;

pub use clock::Clock;
pub use oncilla_bare::boot_number;
pub use uart::Uart;

//! Board support for the first BBC micro:bit: an nRF51822 (Cortex-M0) with 256 KiB of flash and 16 KiB of RAM.
//!
//! Its only UART carries calls ([`Uart`]); to a host, it is a serial port on the USB connector. The chip has no
//! SysTick, so [`Clock`] uses TIMER0.
//!
//! Interrupts have no handlers: a pending interrupt only ends the sleep.
//!
//! Nothing here can panic: all firmware is linked with `panic-never`.
#![cfg(target_os = "none")]
#![no_std]

mod clock;
mod sleep;
mod uart;

pub use clock::Clock;
pub use oncilla_bare::boot_number;
pub use uart::Uart;

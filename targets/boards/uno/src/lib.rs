//! Board support for the Arduino Uno: an ATmega328P with 32 KiB of flash and 2 KiB of RAM, which also holds constants.
//!
//! Its only UART carries calls ([`Usart`]); to a host, it is a serial port on the USB connector. There is no clock
//! here, so links wait for ever ([`Forever`](oncilla::Forever)). avr-libc starts the firmware.
//!
//! It is built by a released compiler with unstable features (`RUSTC_BOOTSTRAP=1`), because `core` for this processor
//! must be built from source.
//!
//! Nothing here can panic: all firmware is linked with `panic-never`.
#![cfg(target_os = "none")]
#![no_std]
#![feature(abi_avr_interrupt, asm_experimental_arch)]

mod boot;
mod usart;

pub use boot::boot_number;
pub use usart::Usart;

//! Board support for the Arduino Uno: an ATmega328P with 32 KiB of flash and 2 KiB of RAM, in which constants are, too.
//!
//! Its one UART, which the USB connector shows to a host as a serial port, carries calls ([`Usart`]). There is no clock here:
//! links wait for ever ([`Forever`](oncilla::Forever)). avr-libc starts the firmware.
//!
//! It is built by a released compiler with features that are for nightly ones (`RUSTC_BOOTSTRAP=1`): there is no other that
//! builds `core` for this processor.
//!
//! Nothing here can panic: every firmware is linked with `panic-never`.
#![cfg(target_os = "none")]
#![no_std]
#![feature(abi_avr_interrupt, asm_experimental_arch)]

mod boot;
mod usart;

pub use boot::boot_number;
pub use usart::Usart;

//! Board support for QEMU's Arm `virt` machine, with a 32-bit or 64-bit processor.
//!
//! The UART, a PL011, carries calls. Interrupts are enabled at their sources but stay masked in the processor: each
//! ends `wfi`, and none needs a handler.
//!
//! Nothing here can panic: all firmware is linked with `panic-never`.
#![cfg(target_os = "none")]
#![no_std]

#[cfg_attr(target_arch = "arm", path = "aarch32.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod processor;

mod counter;
mod interrupts;
mod uart;

pub use counter::GenericTimer;
pub use oncilla_bare::{Bytes, Clock, boot_number};
pub use uart::Uart0;

#[cfg(target_arch = "aarch64")]
#[doc(hidden)]
pub use aarch64_rt;

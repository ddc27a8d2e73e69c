//! Board support for QEMU's RISC-V `virt` machine, with one RV32IMAC hart in machine mode.
//!
//! The UART carries calls. Interrupts are enabled at their sources but stay masked in the hart: each ends `wfi`, and
//! none needs a handler.
//!
//! Nothing here can panic: all firmware is linked with `panic-never`.
#![cfg(target_os = "none")]
#![no_std]

mod counter;
mod fault;
mod uart;

pub use counter::Mtime;
pub use oncilla_bare::{Bytes, Clock, boot_number};
pub use uart::Ns16550;

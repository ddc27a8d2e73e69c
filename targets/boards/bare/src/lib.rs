//! Shared code of Oncilla's bare-metal boards.
//!
//! A board has a clock, a driver for its UART ([`Uart`], which [`Bytes`] makes a stream of) or its network, and a
//! `main`. Nothing here can panic: firmware is linked with `panic-never`.
#![no_std]

mod block;
mod counter;
#[cfg(not(target_arch = "avr"))] // Released compilers do not support AVR assembly.
mod kept;
mod pl011;
mod print;
mod ring;
#[cfg(all(feature = "semihosting", target_os = "none"))]
pub mod semihosting;
mod uart;

pub use block::Block;
pub use counter::{Clock, Counter};
#[cfg(not(target_arch = "avr"))]
pub use kept::{Kept, boot_number};
pub use pl011::Pl011;
pub use print::Print;
pub use ring::Ring;
pub use uart::{Bytes, Uart};

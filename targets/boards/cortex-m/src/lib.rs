//! Shared code of Oncilla's Cortex-M boards. Nothing here can panic.
#![cfg(target_os = "none")]
#![no_std]

#[cfg(feature = "clock")]
mod clock;
pub mod semihosting;
mod sleep;
pub mod stack;

#[cfg(feature = "clock")]
pub use clock::Clock;
pub use sleep::{Sleep, sleep_unless, sleep_until};

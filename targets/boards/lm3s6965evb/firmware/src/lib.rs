//! Shared code of the measured programs and of the firmware with keys for `lm3s6965evb`.
#![cfg(target_os = "none")]
#![no_std]

mod carried;
#[cfg(feature = "keyed")]
pub mod keyed;
pub mod probe;

//! The interfaces by which test firmware and the machine that tests it call each other.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "keys")]
pub mod keyed;
pub mod priced;
pub mod soak;
pub mod watch;

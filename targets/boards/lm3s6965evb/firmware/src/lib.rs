//! Shared code of the measured programs for `lm3s6965evb`.
#![cfg(target_os = "none")]
#![no_std]

mod carried;
pub mod probe;

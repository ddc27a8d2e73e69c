//! A SCPI multimeter in fixed memory, which firmware and hosts serve.
//!
//! - [`scpi`] is the parser and the exchange of messages. Copy it for another instrument.
//! - [`Meter`] is the multimeter.
//! - [`Multimeter`] is a multimeter on VXI-11: a meter, and an exchange for each link.
#![no_std]
#![forbid(unsafe_code)]

mod meter;
mod multimeter;
pub mod scpi;

pub use meter::{IDENTITY, Input, Meter, Simulated};
pub use multimeter::Multimeter;

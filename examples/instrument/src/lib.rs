//! A SCPI multimeter in fixed memory, which firmware and hosts serve.
//!
//! [`scpi`] is the parser and the exchange of messages; copy it for another instrument. [`Meter`] is the multimeter.
#![no_std]
#![forbid(unsafe_code)]

mod meter;
pub mod scpi;

pub use meter::{IDENTITY, Input, Meter, Simulated};

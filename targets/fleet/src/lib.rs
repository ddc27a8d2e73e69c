#![doc = include_str!("../README.md")]
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `tls` | yes | connections to brokers inside TLS, `mqtts://`; ring compiles C and assembly |
#![forbid(unsafe_code)]

mod address;
mod calls;
mod device;
mod directory;
mod error;
mod fleet;
mod group;
pub mod mqtt;
mod one_call;
mod pending;
#[doc = include_str!("protocol.md")]
pub mod protocol {}
mod queue;
mod random;
pub mod wire;

pub use address::{Address, Place};
pub use calls::{Interrupt, TIMEOUT};
pub use device::{AnyDevice, Device};
pub use error::Error;
pub use fleet::{Event, Fleet, Settings};
pub use group::{Group, Outcomes};
pub use one_call::OneCall;
pub use queue::{Queue, Ticket};

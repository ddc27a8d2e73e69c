//! A SCPI parser and the exchange of messages, in fixed memory: SCPI-99 over IEEE 488.2.
//!
//! A [`Device`] has a constant table of [`Command`]s. An [`Exchange`] takes messages, runs the commands in them and
//! keeps their responses; each controller of a device has one. It follows IEEE 488.2 §6.

mod buffer;
mod command;
pub mod common;
mod error;
mod exchange;
mod header;
mod parameters;
mod reply;
mod status;
mod syntax;

pub use command::{Command, Device, Ran, Step, Unit};
pub use error::{Error, Errors};
pub use exchange::{Exchange, INPUT, RESPONSE_MAX};
pub use header::is_word;
pub use parameters::{Bounds, Parameter, Parameters};
pub use reply::{NUMBER_MAX, Reply};
pub use status::{ERRORS, Register, Request, Status, event, summary};

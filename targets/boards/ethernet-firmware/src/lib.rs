//! Shared code of the firmware of boards with Ethernet: [`serve`], [`serve_instrument`] and
//! [`call`]. A board adds its driver and clock.
#![no_std]
#![forbid(unsafe_code)]

mod call;
mod instrument;
#[cfg(feature = "keys")]
mod keyed;
mod panicked;
mod serve;
mod site;

pub use call::{CallMemory, call};
pub use instrument::{InstrumentMemory, serve_instrument};
#[cfg(feature = "keys")]
pub use keyed::{KeyedLink, KeyedMemory, serve_keyed};
pub use panicked::panicked;
pub use serve::{Machine, ServeMemory, serve};
pub use site::MAC;

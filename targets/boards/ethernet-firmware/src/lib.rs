//! Shared code of the firmware of boards with Ethernet: [`serve`] and [`call`]. A board adds its driver and clock.
#![no_std]
#![forbid(unsafe_code)]

mod call;
#[cfg(feature = "keys")]
mod keyed;
mod panicked;
mod serve;
mod site;

pub use call::{CallMemory, call};
#[cfg(feature = "keys")]
pub use keyed::{KeyedLink, KeyedMemory, serve_keyed};
pub use panicked::panicked;
pub use serve::{Machine, ServeMemory, serve};
pub use site::MAC;

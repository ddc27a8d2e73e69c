//! What the firmware of all boards with Ethernet shares: [`serve`] and [`call`]. A board brings the driver and the clock.
#![no_std]
#![forbid(unsafe_code)]

mod call;
mod panicked;
mod serve;
mod site;

pub use call::{CallMemory, call};
pub use panicked::panicked;
pub use serve::{Machine, ServeMemory, serve};
pub use site::MAC;

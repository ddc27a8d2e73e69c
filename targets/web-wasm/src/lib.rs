//! The client of the page as WebAssembly: it calls a device whose serial port JavaScript reads and writes.
//!
//! The protocol is that of the library `oncilla`: [`Device`] drives [`CallsInFlight`](oncilla::CallsInFlight) over a
//! [`Wire`], a carrier in memory. Nothing here waits. JavaScript passes in what the port has received and the time, and
//! passes on what is to be sent. `page/serial.js` is that JavaScript. `cargo xtask web --folder DIR` makes the folder.

mod connect;
mod device;
mod events;
#[cfg(target_family = "wasm")]
mod exports;
mod failure;
mod flight;
mod keys;
mod one_call;
mod options;
mod wire;

pub use device::Device;
pub use keys::Keys;
pub use options::Options;
pub use wire::{Line, Wire};

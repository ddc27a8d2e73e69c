//! The shim on this system.

mod examples;
mod failures;
mod peers;
mod serial;
mod several;

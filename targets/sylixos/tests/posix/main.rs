//! The shim on this system.

mod examples;
mod failures;
mod misuse;
mod peers;
mod serial;
mod several;

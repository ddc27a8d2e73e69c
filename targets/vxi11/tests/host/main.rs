//! The server and the client on a host, with each other.

mod bounds;
mod calls;
mod habits;
mod leaving;
mod meter;
#[cfg(target_os = "linux")]
#[path = "../../../../tests/support/namespace.rs"]
mod namespace;
mod odd;
mod raw;
mod waits;

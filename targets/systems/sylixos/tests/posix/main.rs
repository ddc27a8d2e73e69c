//! Tests of the shim on this system.

mod examples;
mod failures;
mod hostile;
mod keyed;
mod misuse;
mod peers;
mod serial;
mod several;

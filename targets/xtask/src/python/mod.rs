//! The Python package: its wheels, its tests, its figures.

mod environment;
mod peers;
mod tests;
pub mod wheel;

pub use tests::test;

//! The Python package: its wheels, its tests, its figures.

pub mod environment;
pub mod figures;
mod peers;
mod tests;
pub mod wheel;
pub mod windows;

pub use tests::test;

//! The client of the page and a device, joined in memory, with a clock that the tests set.

mod bench;
mod calls;
mod keyed;
mod lines;

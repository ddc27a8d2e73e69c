//! The commands: each has its options and what it does.

pub mod call;
pub mod completions;
pub mod config;
pub mod describe;
pub mod list;
pub mod man;
pub mod ping;

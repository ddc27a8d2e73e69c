//! The commands, each with its options.

pub mod again;
pub mod bench;
pub mod bridge;
pub mod call;
pub mod check;
pub mod compile;
pub mod completions;
pub mod config;
pub mod decode;
pub mod describe;
pub mod encode;
mod failures;
pub mod fleet;
pub mod gateway;
pub mod key;
pub mod list;
pub mod log;
pub mod man;
pub mod ping;
pub mod serve;
pub mod shell;
pub mod sniff;
mod symbol;
pub mod watch;
pub mod web;

pub use failures::Failures;

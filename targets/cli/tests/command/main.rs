//! The command `oncilla`, run as a user runs it.

mod call;
mod ping;
mod support;

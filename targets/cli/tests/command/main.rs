//! The command `oncilla`, run as a user runs it.

mod again;
mod call;
mod check;
mod ping;
mod support;
mod values;

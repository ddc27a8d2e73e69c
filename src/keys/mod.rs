//! Keyed links: every message is sealed under a key that two peers share.

mod key;
mod suite;

pub use key::{Key, KeyId};
pub use suite::{About, Direction, Label, Side, Suite, TAG};

/// The bytes of the protocol and its rules.
#[doc = include_str!("protocol.md")]
pub mod protocol {}

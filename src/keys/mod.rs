//! Keyed links: every message is sealed under a key that two peers share.

mod bytes;
mod key;
mod light;
mod suite;

pub use key::{Key, KeyId};
pub use light::{Light, LightKeys, LightOpening};
pub use suite::{About, Accepted, Agreed, Carrier, Direction, Label, Seat, Side, Suite, TAG};

/// The bytes of the protocol and its rules.
#[doc = include_str!("protocol.md")]
pub mod protocol {}

//! Keyed links: every message is sealed under a key that two peers share.

mod accepts;
mod both;
mod bytes;
mod ends;
#[cfg(feature = "forward-secret")]
mod forward_secret;
mod framing;
mod key;
mod keyring;
mod kinds;
mod light;
mod line;
mod mark;
mod opens;
mod sealed;
mod session;
mod sizes;
mod suite;

pub use accepts::Accepts;
pub use both::Both;
#[doc(hidden)]
pub use ends::{Content, Greeted, To};
pub use ends::{Ends, Plain};
#[cfg(feature = "forward-secret")]
pub use forward_secret::{ForwardSecret, ForwardSecretKeys, ForwardSecretOpening, SecretStart};
pub use key::{Key, KeyId};
pub use keyring::Keyring;
pub(crate) use kinds::{LOG, TEXT};
pub use light::{Light, LightKeys, LightOpening};
pub use opens::Opens;
pub use sealed::Sealed;
pub use sizes::{sealed_call, sealed_call_by, sealed_reply, sealed_reply_by};
pub use suite::{About, Accepted, Agreed, Carrier, Direction, Label, Seat, Side, Suite, TAG};

/// The bytes of the protocol and its rules.
#[doc = include_str!("protocol.md")]
pub mod protocol {}

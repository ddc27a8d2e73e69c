//! Bytes that sealing adds to messages.

use super::session::HEAD;
use super::{Suite, TAG};

/// Bytes that sealing adds to a message: the head, the kind and the tag.
pub(super) const SEALED: usize = HEAD + 1 + TAG;

/// Returns the size of a sealed call of at most `call` bytes.
///
/// With the suite [`Light`](super::Light), it is 65 bytes more than `call`. It includes the bytes by which the first
/// call opens a session. The transmit buffer of a client and the receive buffer of a server have this size plus that of
/// the framing: `Cobs::buffer(keys::sealed_call(thermostat::CALL_MAX))`. An endpoint needs it for both buffers.
#[must_use]
pub const fn sealed_call(call: usize) -> usize {
    sealed_call_by::<super::Light>(call)
}

/// Returns the size of a sealed reply of at most `reply` bytes: 22 bytes more.
///
/// The receive buffer of a client and the transmit buffer of a server have this size plus that of the framing.
#[must_use]
pub const fn sealed_reply(reply: usize) -> usize {
    sealed_reply_by::<super::Light>(reply)
}

/// Returns the size of a sealed call in a suite. See [`sealed_call`].
#[must_use]
pub const fn sealed_call_by<S: Suite>(call: usize) -> usize {
    call + SEALED + S::OPEN
}

/// Returns the size of a sealed reply in a suite. See [`sealed_reply`].
#[must_use]
pub const fn sealed_reply_by<S: Suite>(reply: usize) -> usize {
    let sealed = reply + SEALED;
    // The acceptor sends a CHALLENGE from the same buffer.
    if sealed < S::CHALLENGE { S::CHALLENGE } else { sealed }
}

//! Buffers, sized by what is served.

use oncilla::framing::Serial;

use crate::{TABLE, host_1, suite_1, suite_3};

/// Bytes of the largest call, with a credential of 32 bytes and before framing.
pub const CALL_MAX: usize = largest(&[
    suite_1::CALL_MAX,
    suite_3::CALL_MAX,
    #[cfg(feature = "types")]
    crate::types_1::CALL_MAX,
    #[cfg(feature = "bulk")]
    crate::bulk_1::CALL_MAX,
    #[cfg(feature = "callbacks")]
    crate::callbacks_1::CALL_MAX,
    #[cfg(feature = "text")]
    crate::text_1::CALL_MAX,
    #[cfg(feature = "postcard")]
    crate::compact::CALL_MAX,
]) + CREDENTIAL_ROOM;

/// Bytes of the largest reply, before framing.
pub const REPLY_MAX: usize = TABLE.reply_max();

/// Bytes of the credential that the checks send, an AUTH_SYS with a short machine name.
const CREDENTIAL_ROOM: usize = 32;

/// Bytes of the buffers of a line, which also carries the calls of the board.
const RX: usize = Serial::buffer(largest(&[CALL_MAX, calling(host_1::REPLY_MAX)]));
const TX: usize = Serial::buffer(largest(&[REPLY_MAX, calling(host_1::CALL_MAX)]));

/// Bytes of a message of the board's own calls, if it makes any.
const fn calling(size: usize) -> usize {
    if cfg!(feature = "callbacks") { size } else { 0 }
}

const fn largest(sizes: &[usize]) -> usize {
    match sizes {
        [first, rest @ ..] if *first >= largest(rest) => *first,
        [_, rest @ ..] => largest(rest),
        [] => 0,
    }
}

/// The buffers that [`serve_line`](crate::serve_line) needs, for a `static`: zeros, which take no flash. Its own variables take
/// some 500 bytes of stack, replies that are remembered among them.
pub struct Memory {
    pub(crate) rx: [u8; RX],
    pub(crate) tx: [u8; TX],
}

impl Memory {
    /// Empty.
    #[must_use]
    pub const fn new() -> Self {
        Self { rx: [0; RX], tx: [0; TX] }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

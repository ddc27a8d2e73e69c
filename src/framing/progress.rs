//! What a receiver finds in the received bytes.

/// The result of [`Framing::next`](super::Framing::next).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// No whole message yet: more bytes are needed.
    More,
    /// A whole message, at these bytes of the buffer.
    Message {
        /// Index of its first byte in the buffer.
        start: usize,
        /// Bytes of the message.
        length: usize,
    },
    /// A message that the buffer cannot hold. At most 28 bytes of its beginning are kept, enough to refuse a call.
    Oversize {
        /// Index of the kept beginning in the buffer.
        start: usize,
        /// Bytes of the kept beginning.
        length: usize,
        /// Bytes of the whole message, or `u32::MAX` if more.
        size: u32,
    },
    /// Text between messages: the log of the peer on the same line.
    Text {
        /// Index of the first byte of the text in the buffer.
        start: usize,
        /// Bytes of the text.
        length: usize,
    },
    /// Dropped bytes that are no message: line noise, a damaged message, or the output of a program without this
    /// framing.
    ///
    /// Some bytes may have been changed to zero, or moved by one. If they exceed the buffer, only the last of them are
    /// here.
    Dropped {
        /// Index of the first dropped byte in the buffer.
        start: usize,
        /// Number of the dropped bytes.
        length: usize,
    },
}

//! What a frame of a keyed link contains.

use crate::message::Form;

/// What a frame of a keyed link contains, with the index of its first byte in the frame and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsealed {
    /// Nothing for the link: a handshake, or a frame that does not verify and is dropped.
    Nothing,
    /// A call or a reply.
    Message(usize, usize, Form),
    /// A piece of binary log.
    Log(usize, usize),
    /// A piece of text.
    Text(usize, usize),
    /// A hello. The answer of this size is in the transmit buffer.
    Answer(usize),
    /// A frame that does not verify, where the link must end.
    Refused,
}

//! What the two ends of a serial link tell each other.

use super::{put_words, word};

/// The first byte, beside the flags: the kind of the short form.
const HELLO: u8 = super::short::HELLO;

/// The other end should say hello too: this one does not know whether its own was heard.
const WANTED: u8 = 1;

/// A hello: three words behind the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    /// Whether an answer is wanted.
    pub wanted: bool,
    /// The sender's boot number.
    pub boot: u32,
    /// The boot number of the other end as the sender knows it; 0 when it does not.
    pub heard: u32,
    /// Bytes of the largest message that the sender can receive.
    pub largest: u32,
}

impl Hello {
    /// Reads one; `None` when the message is something else. What newer versions add behind is passed over.
    #[inline]
    pub(crate) fn parse(message: &[u8]) -> Option<Self> {
        let (first, rest) = message.split_first()?;
        if first & !WANTED != HELLO {
            return None;
        }
        let words = rest.first_chunk::<12>()?;
        Some(Self { wanted: first & WANTED != 0, boot: word(words, 0), heard: word(words, 1), largest: word(words, 2) })
    }

    /// Writes it at the start of `room`; gives its bytes.
    #[inline]
    pub(crate) fn write(self, room: &mut [u8]) -> Option<usize> {
        let (first, rest) = room.split_first_mut()?;
        *first = HELLO | u8::from(self.wanted);
        Some(put_words([self.boot, self.heard, self.largest], rest)?.wrapping_add(1))
    }
}

//! What the two ends of a serial link tell each other.

use super::{put_words, word};

/// The first byte, beside the flags: the kind of the short form.
const HELLO: u8 = super::short::HELLO;

/// The bits of the first byte that are flags. Those that are not below are for newer versions, and passed over.
const FLAGS: u8 = 0x1f;

/// The peer should say hello too: this end does not know whether its own was heard.
const WANTED: u8 = 1;

/// The second number is a boot number: the sender has heard a hello. Without this flag no number could mean that none
/// was heard, and 0 is what a counter in flash begins with.
const HEARD: u8 = 2;

/// A hello: three words behind the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    /// Whether an answer is wanted.
    pub wanted: bool,
    /// The sender's boot number.
    pub boot: u32,
    /// The boot number of the peer as the sender knows it.
    pub heard: Option<u32>,
    /// Bytes of the largest message that the sender can receive.
    pub largest: u32,
}

impl Hello {
    /// Reads one; `None` when the message is something else. What newer versions add behind is passed over.
    #[inline]
    pub(crate) fn parse(message: &[u8]) -> Option<Self> {
        let (first, rest) = message.split_first()?;
        if first & !FLAGS != HELLO {
            return None;
        }
        let words = rest.first_chunk::<12>()?;
        let heard = (first & HEARD != 0).then_some(word(words, 1));
        Some(Self { wanted: first & WANTED != 0, boot: word(words, 0), heard, largest: word(words, 2) })
    }

    /// Writes it at the start of `room`; returns its bytes.
    #[inline]
    pub(crate) fn write(self, room: &mut [u8]) -> Option<usize> {
        let (first, rest) = room.split_first_mut()?;
        let flags = if self.heard.is_some() { HEARD } else { 0 } | u8::from(self.wanted);
        *first = HELLO | flags;
        Some(put_words([self.boot, self.heard.unwrap_or(0), self.largest], rest)?.wrapping_add(1))
    }
}

//! The hello, by which a peer introduces itself on a serial link.

use super::{put_words, word};

/// The first byte without its flags: the kind of message in the short form.
const HELLO: u8 = super::short::HELLO;

/// The bits of the first byte that are flags.
///
/// Unknown flags are ignored, for newer versions.
const FLAGS: u8 = 0x1f;

/// The flag for a wanted answer.
///
/// The sender does not know whether the peer received its hello.
const WANTED: u8 = 1;

/// The flag for a received hello.
///
/// With it, the second number is the boot number of the peer. The flag is needed because every number is a valid boot
/// number; a counter in flash starts with 0.
const HEARD: u8 = 2;

/// A hello: the first byte and three words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    /// Whether the sender wants an answer.
    pub wanted: bool,
    /// The sender's boot number.
    pub boot: u32,
    /// The boot number of the receiver, if the sender has received its hello.
    pub heard: Option<u32>,
    /// The size in bytes of the largest message that the sender can receive.
    pub largest: u32,
}

impl Hello {
    /// Parses a hello, or returns `None` for another message.
    ///
    /// Bytes after the three words are ignored, for newer versions.
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

    /// Writes the hello at the start of `room`, and returns its size in bytes.
    #[inline]
    pub(crate) fn write(self, room: &mut [u8]) -> Option<usize> {
        let (first, rest) = room.split_first_mut()?;
        let flags = if self.heard.is_some() { HEARD } else { 0 } | u8::from(self.wanted);
        *first = HELLO | flags;
        Some(put_words([self.boot, self.heard.unwrap_or(0), self.largest], rest)?.wrapping_add(1))
    }
}

//! COBS with a CRC-32, messages in two forms, and a handshake: all that a serial line can do.

use super::cobs::Cobs;
use super::crc::{RESIDUE, SHORT_CHANGE, SHORT_MARK};
use super::handshake::Handshake;
use super::{Framing, Progress};
use crate::message::Form;

/// [`Cobs`] that also takes messages with short headers ([`Form::Short`]), and sends them to a peer that
/// takes them too, which it learns by a handshake ([`Link::with_boot_number`](crate::Link::with_boot_number)).
///
/// A message in the full form is framed as [`Cobs`] does it, so that the peer may be that. Others have a check value
/// that differs, by exclusive or, and cost no byte to tell apart:
///
/// | message | differs by |
/// |---|---|
/// | call or reply in the full form, between ends of which one has not introduced itself | 0 |
/// | hello, log | 0x5348_4f52 |
/// | call or reply in the full form, between ends that have | `a ^ M(b)` |
/// | the same in the short form | `a ^ M(b) ^ 0x5348_4f52` |
///
/// `a` is the sender's boot number, `b` the receiver's, and `M` what four steps of the CRC-32 with a zero byte make
/// of a register: `x = x >> 8 ^ table[x & 255]`, four times.
#[derive(Debug, Default)]
pub struct Serial {
    cobs: Cobs,
    short: bool,
    from_peer: bool,
    handshake: Handshake,
}

impl Serial {
    /// For a link that says hello.
    #[inline]
    pub(crate) fn introduced(boot: u32) -> Self {
        Self { handshake: Handshake::new(boot), ..Self::default() }
    }

    #[inline]
    fn find<const BESIDE: bool>(&mut self, buffer: &mut [u8]) -> Progress {
        // Variables of their own, so that the compiler may keep the rest in registers.
        let (mut short, mut from_peer) = (false, false);
        let full = RESIDUE ^ self.handshake.expected();
        let found = self.cobs.find::<BESIDE>(buffer, full, |register| {
            let change = register ^ full;
            short = change == SHORT_CHANGE;
            from_peer = change == 0 || short;
            // Hellos and logs; and from an end that has not met this one.
            let plain = register ^ RESIDUE;
            short |= plain == SHORT_CHANGE;
            from_peer || short || plain == 0
        });
        (self.short, self.from_peer) = (short, from_peer);
        found
    }

    /// Bytes of buffer for messages of at most `message` bytes: 7 more, and one for each 253.
    #[must_use]
    pub const fn buffer(message: usize) -> usize {
        Cobs::buffer(message)
    }

    /// Frames that were dropped so far: bytes between two zeros that were no message. Text counts too, unless it is
    /// looked for ([`next_of_all`](Framing::next_of_all)).
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.cobs.dropped()
    }
}

impl Framing for Serial {
    const RESYNCHRONIZES: bool = true;
    const NOISY: bool = true;
    const SHORT: bool = true;
    const BUFFER_MIN: usize = Cobs::BUFFER_MIN;

    #[inline]
    fn next(&mut self, buffer: &mut [u8]) -> Progress {
        self.find::<false>(buffer)
    }

    #[inline]
    fn next_of_all(&mut self, buffer: &mut [u8]) -> Progress {
        self.find::<true>(buffer)
    }

    #[inline]
    fn form(&self) -> Form {
        if self.short { Form::Short } else { Form::Full }
    }

    #[inline]
    fn window<'b>(&mut self, buffer: &'b mut [u8]) -> &'b mut [u8] {
        self.cobs.window(buffer)
    }

    #[inline]
    fn filled(&mut self, length: usize) {
        self.cobs.filled(length);
    }

    #[inline]
    fn is_amid(&self) -> bool {
        self.cobs.is_amid()
    }

    #[inline]
    fn room(buffer: &mut [u8]) -> &mut [u8] {
        Cobs::room(buffer)
    }

    #[inline]
    fn seal(buffer: &mut [u8], length: usize) -> Option<&[u8]> {
        Cobs::seal(buffer, length)
    }

    #[inline]
    fn seal_marked(buffer: &mut [u8], length: usize, mark: u32) -> Option<&[u8]> {
        Cobs::seal_marked(buffer, length, mark)
    }

    #[inline]
    fn mark(&self, form: Form) -> u32 {
        self.handshake.mark() ^ if form == Form::Short { SHORT_MARK } else { 0 }
    }

    #[inline]
    fn is_from_peer(&self) -> bool {
        self.from_peer
    }

    #[inline]
    fn handshake(&mut self) -> Option<&mut Handshake> {
        Some(&mut self.handshake)
    }
}

//! COBS with a CRC-32, two forms of messages and a handshake: everything a serial line supports.

use super::cobs::{Cobs, CobsWith};
use super::crc::{RESIDUE, SHORT_CHANGE, SHORT_MARK};
use super::handshake::Handshake;
use super::{Crc32, Framing, Progress, SmallTable};
use crate::message::Form;

/// [`Cobs`] with short headers and a handshake: for serial lines between two Oncilla peers.
///
/// A link on this framing accepts messages in the short form ([`Form::Short`]), and sends them to a peer that accepts
/// them too. It learns this from a handshake: see [`Link::with_boot_number`](crate::Link::with_boot_number).
///
/// Messages in the full form have the frames of [`Cobs`], so the peer may use `Cobs`. Other messages have a check value
/// that differs by exclusive or, and so cost no additional byte:
///
/// | message | the check value differs by |
/// |---|---|
/// | call or reply in the full form, without a session | 0 |
/// | hello, log | 0x5348_4f52 |
/// | call or reply in the full form, in a session | `a ^ M(b)` |
/// | call or reply in the short form, in a session | `a ^ M(b) ^ 0x5348_4f52` |
///
/// `a` is the boot number of the sender and `b` that of the receiver. `M` is four steps of the CRC-32 with a zero byte:
/// `x = x >> 8 ^ table[x & 255]`, four times.
///
/// # Example
/// A link that introduces itself with a boot number, which the firmware changes at each start:
///
/// ```
/// use embedded_io::{Read, Write};
/// use oncilla::framing::Serial;
/// use oncilla::{Forever, Link, Stream};
///
/// fn link<U: Read + Write>(uart: U, boot: u32) -> Link<Stream<Serial, U>, [u8; Serial::buffer(256)]> {
///     let (rx, tx) = ([0; Serial::buffer(256)], [0; Serial::buffer(256)]);
///     Link::with_boot_number(Stream::new(uart, Forever), rx, tx, boot)
/// }
/// ```
pub type Serial = SerialWith<SmallTable>;

/// [`Serial`] whose CRC-32 another table or the microcontroller computes. See [`CobsWith`].
#[derive(Debug)]
pub struct SerialWith<C> {
    cobs: CobsWith<C>,
    short: bool,
    from_peer: bool,
    handshake: Handshake,
}

impl<C> Default for SerialWith<C> {
    #[inline]
    fn default() -> Self {
        Self { cobs: CobsWith::default(), short: false, from_peer: false, handshake: Handshake::default() }
    }
}

impl<C: Crc32> SerialWith<C> {
    /// Creates the framing of a link that sends hellos.
    #[inline]
    pub(crate) fn introduced(boot: u32) -> Self {
        Self { handshake: Handshake::new(boot), ..Self::default() }
    }

    #[inline]
    fn find<const BESIDE: bool>(&mut self, buffer: &mut [u8]) -> Progress {
        // Separate variables, so that the compiler may keep the rest in registers.
        let (mut short, mut from_peer) = (false, false);
        let full = RESIDUE ^ self.handshake.expected();
        let found = self.cobs.find::<BESIDE>(buffer, full, |register| {
            let change = register ^ full;
            short = change == SHORT_CHANGE;
            from_peer = change == 0 || short;
            // Hellos and logs, and messages from a side without a session.
            let plain = register ^ RESIDUE;
            short |= plain == SHORT_CHANGE;
            from_peer || short || plain == 0
        });
        (self.short, self.from_peer) = (short, from_peer);
        found
    }
}

impl<C> SerialWith<C> {
    /// Returns the buffer size for messages of at most `message` bytes: 7 bytes more, and one for each 253.
    #[must_use]
    pub const fn buffer(message: usize) -> usize {
        Cobs::buffer(message)
    }

    /// Returns the number of dropped frames: bytes between two zeros that are no valid message.
    ///
    /// Pieces of text are counted too, unless the caller asks for them ([`next_of_all`](Framing::next_of_all)). The
    /// counter stops at `u32::MAX`.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.cobs.dropped()
    }
}

impl<C: Crc32> Framing for SerialWith<C> {
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
    fn capacity(buffer: usize) -> usize {
        CobsWith::<C>::capacity(buffer)
    }

    #[inline]
    fn room(buffer: &mut [u8]) -> &mut [u8] {
        CobsWith::<C>::room(buffer)
    }

    #[inline]
    fn seal(buffer: &mut [u8], length: usize) -> Option<&[u8]> {
        CobsWith::<C>::seal(buffer, length)
    }

    #[inline]
    fn seal_marked(buffer: &mut [u8], length: usize, mark: u32) -> Option<&[u8]> {
        CobsWith::<C>::seal_marked(buffer, length, mark)
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

//! COBS with a CRC-32, messages in two forms, and a handshake: all that a serial line can do.

use super::cobs::Cobs;
use super::crc::{RESIDUE, SHORT_MARK, SHORT_RESIDUE};
use super::{Framing, Progress};
use crate::handshake::Handshake;
use crate::message::Form;

/// [`Cobs`] that also takes messages with short headers ([`Form::Short`]), and sends them to an end that
/// takes them too, which it learns by a handshake ([`Link::with_boot_number`](crate::Link::with_boot_number)).
///
/// A message in the full form is framed as [`Cobs`] does it, so that the other end may be that. One in the short form
/// has a check value that differs by a constant (0x5348_4f52, exclusive or), and costs no byte to tell apart.
#[derive(Debug, Default)]
pub struct Serial {
    cobs: Cobs,
    short: bool,
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
        // A variable of its own, so that the compiler may keep the rest in registers.
        let mut short = false;
        let found = self.cobs.find::<BESIDE>(buffer, |register| {
            short = register == SHORT_RESIDUE;
            short || register == RESIDUE
        });
        self.short = short;
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
    fn seal_in(form: Form, buffer: &mut [u8], length: usize) -> Option<&[u8]> {
        let mark = if form == Form::Short { SHORT_MARK } else { 0 };
        Cobs::seal_marked(buffer, length, mark)
    }

    #[inline]
    fn handshake(&mut self) -> Option<&mut Handshake> {
        Some(&mut self.handshake)
    }
}

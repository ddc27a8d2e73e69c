//! How messages are cut out of what a carrier delivers.

use core::cell::Cell;

use crate::message::Form;

mod cobs;
mod crc;
mod datagram;
pub(crate) mod handshake;
mod record;
mod record_ahead;
mod serial;
mod stuffing;
#[cfg(test)]
mod work;

pub use cobs::{Cobs, TEXT, TEXT_MAX};
pub use crc::crc32;
pub(crate) use crc::{SHORT_MARK, zeros};
pub use datagram::Datagram;
pub use handshake::Handshake;
pub(crate) use handshake::News;
pub use record::Record;
pub use record_ahead::RecordAhead;
pub use serial::Serial;

/// Cuts messages out of received bytes, and wraps those to be sent. It knows nothing of their
/// meaning and does no input or output:
///
/// 1. [`next`](Self::next) looks for a whole message in what has come;
/// 2. when it wants more, bytes are put in the [`window`](Self::window) and counted by
///    [`filled`](Self::filled), and then it looks again.
///
/// The buffer is the caller's and must be the same from call to call, unchanged save for a message
/// that was found.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a framing",
    label = "this does not cut messages out of bytes",
    note = "use one of `oncilla::framing`: `Record` or `RecordAhead` for connections, `Cobs` or `Serial` for serial lines, `Datagram`"
)]
pub trait Framing: Default {
    /// Whether a new message is found after any disorder, so that a message that was sent only in
    /// part does no harm to those after it.
    const RESYNCHRONIZES: bool;

    /// Whether errors of receiving may be noise on a line
    /// ([`Transport::is_noise`](crate::Transport::is_noise)).
    const NOISY: bool = false;

    /// Whether what is received at once is one message, which may be [`Oversize`](crate::Received::Oversize).
    const DATAGRAMS: bool = false;

    /// Whether messages may be in the short form here ([`Form::Short`]).
    const SHORT: bool = false;

    /// The smallest buffer that can receive at all.
    const BUFFER_MIN: usize;

    /// Looks for the next message. One that it returned before is given up.
    fn next(&mut self, buffer: &mut [u8]) -> Progress;

    /// The same, and tells of what is between messages where the framing knows of such:
    /// [`Progress::Text`] and [`Progress::Dropped`], which [`next`](Self::next) passes over.
    #[inline]
    fn next_of_all(&mut self, buffer: &mut [u8]) -> Progress {
        self.next(buffer)
    }

    /// In which form the message is that was found last.
    #[inline]
    fn form(&self) -> Form {
        Form::Full
    }

    /// Where the bytes that come next belong. It is never empty after [`Progress::More`], when the
    /// buffer has at least [`BUFFER_MIN`](Self::BUFFER_MIN) bytes.
    fn window<'b>(&mut self, buffer: &'b mut [u8]) -> &'b mut [u8];

    /// Says that `length` bytes were put at the start of the window.
    fn filled(&mut self, length: usize);

    /// Whether the beginning of a message has come and its end has not.
    fn is_amid(&self) -> bool;

    /// The part of a buffer in which a message that will be sent is written.
    fn room(buffer: &mut [u8]) -> &mut [u8];

    /// Wraps the message of `length` bytes at the start of [`room`](Self::room); returns what is to
    /// be sent. `None` when the message is longer than the room.
    fn seal(buffer: &mut [u8], length: usize) -> Option<&[u8]>;

    /// The same with a check value that differs by `mark` (exclusive or). Where there is no check value, or only one
    /// kind of message, the mark is left out.
    #[inline]
    fn seal_marked(buffer: &mut [u8], length: usize, mark: u32) -> Option<&[u8]> {
        let _ = mark;
        Self::seal(buffer, length)
    }

    /// The mark of a call or reply in `form` to the peer.
    #[inline]
    fn mark(&self, form: Form) -> u32 {
        let _ = form;
        0
    }

    /// Whether the message that was found last has the peer's mark, or a plain one as long as there is no other.
    #[inline]
    fn is_from_peer(&self) -> bool {
        true
    }

    /// What the two ends of the link have told each other, where they do.
    #[inline]
    fn handshake(&mut self) -> Option<&mut Handshake> {
        None
    }
}

/// What [`Framing::next`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// No whole message yet.
    More,
    /// A message is at these bytes of the buffer.
    Message {
        /// Where it begins.
        start: usize,
        /// Its bytes.
        length: usize,
    },
    /// A message that the buffer cannot hold has passed by. Its beginning was kept, enough to know
    /// what it was: up to 28 bytes.
    Oversize {
        /// Where its beginning is.
        start: usize,
        /// How many bytes of it were kept.
        length: usize,
        /// How many bytes it had, or `u32::MAX` if more.
        size: u32,
    },
    /// Text between the messages: what the other end logs on the same line.
    Text {
        /// Where it begins.
        start: usize,
        /// Its bytes.
        length: usize,
    },
    /// Bytes that are no message, and are given up: line noise, a damaged message, or what something that knows
    /// nothing of messages has printed. Some may have been changed to zeros; of more than the buffer holds, only the end
    /// is there.
    Dropped {
        /// Where they begin.
        start: usize,
        /// How many.
        length: usize,
    },
}

/// Moves `length` bytes from `from` down to `to`; the two places may overlap.
///
/// Not inlined: it is rarely needed, in several places.
#[inline(never)]
fn move_down(cells: &[Cell<u8>], from: usize, to: usize, length: usize) {
    #[cfg(test)]
    work::count(length);
    let part = |start: usize| cells.get(start..)?.get(..length);
    let (Some(sources), Some(targets)) = (part(from), part(to)) else { return };
    for (target, source) in targets.iter().zip(sources) {
        target.set(source.get());
    }
}

//! How messages are cut out of what a carrier delivers.

use core::cell::Cell;

mod cobs;
mod crc;
mod datagram;
mod record;
mod record_ahead;

pub use cobs::Cobs;
pub use crc::crc32;
pub use datagram::Datagram;
pub use record::Record;
pub use record_ahead::RecordAhead;

/// Cuts messages out of received bytes, and wraps those to be sent. It knows nothing of their
/// meaning and does no input or output:
///
/// 1. [`next`](Self::next) looks for a whole message in what has come;
/// 2. when it wants more, bytes are put in the [`window`](Self::window) and counted by
///    [`filled`](Self::filled), and then it looks again.
///
/// The buffer is the caller's and must be the same from call to call, unchanged save for a message
/// that was found.
pub trait Framing: Default {
    /// Whether a new message is found after any disorder, so that a message that was sent only in
    /// part does no harm to those after it.
    const RESYNCHRONIZES: bool;

    /// The smallest buffer that can receive at all.
    const BUFFER_MIN: usize;

    /// Looks for the next message. One that it returned before is given up.
    fn next(&mut self, buffer: &mut [u8]) -> Progress;

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
}

/// Moves `length` bytes from `from` down to `to`; the two places may overlap.
///
/// Not inlined: it is rarely needed, in several places.
#[inline(never)]
fn move_down(cells: &[Cell<u8>], from: usize, to: usize, length: usize) {
    let part = |start: usize| cells.get(start..)?.get(..length);
    let (Some(sources), Some(targets)) = (part(from), part(to)) else { return };
    for (target, source) in targets.iter().zip(sources) {
        target.set(source.get());
    }
}

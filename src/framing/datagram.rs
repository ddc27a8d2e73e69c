//! Carriers that keep messages apart by themselves, such as UDP.

use super::{Framing, Progress};

/// No framing: what is received at once is one message.
#[derive(Debug, Default)]
pub struct Datagram {
    length: usize,
}

impl Datagram {
    /// Bytes of buffer for messages of at most `message` bytes.
    #[must_use]
    pub const fn buffer(message: usize) -> usize {
        message
    }
}

impl Framing for Datagram {
    const RESYNCHRONIZES: bool = true;
    const DATAGRAMS: bool = true;
    const BUFFER_MIN: usize = 1;

    fn next(&mut self, _: &mut [u8]) -> Progress {
        match core::mem::take(&mut self.length) {
            0 => Progress::More,
            length => Progress::Message { start: 0, length },
        }
    }

    fn window<'b>(&mut self, buffer: &'b mut [u8]) -> &'b mut [u8] {
        buffer
    }

    fn filled(&mut self, length: usize) {
        self.length = length;
    }

    fn is_amid(&self) -> bool {
        false
    }

    fn room(buffer: &mut [u8]) -> &mut [u8] {
        buffer
    }

    fn seal(buffer: &mut [u8], length: usize) -> Option<&[u8]> {
        buffer.get(..length)
    }
}

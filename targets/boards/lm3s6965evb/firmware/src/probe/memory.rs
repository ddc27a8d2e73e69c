//! A stream in memory.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, ReadReady, Write};
use oncilla::{Clock, Time};

/// A stream that returns `unread`, then `incoming` so many times as there are `calls`, and keeps the last written
/// frame.
pub struct Memory<'b> {
    pub incoming: &'b [u8],
    pub unread: &'b [u8],
    pub calls: u32,
    pub outgoing: &'b mut [u8],
    pub written: usize,
}

impl ErrorType for Memory<'_> {
    type Error = Infallible;
}

impl Read for Memory<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        if self.unread.is_empty() {
            match self.calls.checked_sub(1) {
                Some(calls) => (self.calls, self.unread) = (calls, self.incoming),
                None => return Ok(0),
            }
        }
        self.unread.read(into)
    }
}

impl Write for Memory<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        if let Some(place) = self.outgoing.get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
            self.written = bytes.len();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl ReadReady for Memory<'_> {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(true)
    }
}

/// A clock that does not advance.
pub struct Still;

impl Clock for Still {
    fn now(&mut self) -> Time {
        Time::ZERO
    }
}

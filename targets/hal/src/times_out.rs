//! Readers that end by a time-out.

use embedded_io::{Error, ErrorKind, Read};

use crate::Receive;

/// A `Read` of embedded-io 0.7 without `ReadReady`, which waits for a fixed time, as a port.
///
/// Its driver has a timer of its own and returns an error of the kind [`TimedOut`](ErrorKind::TimedOut), or 0, when no byte
/// came in time. Deadlines are kept to that time: set it to a few milliseconds. A driver that waits for ever cannot keep a
/// deadline: fill a [`Ring`](crate::Ring) by its interrupt instead.
#[derive(Clone, Copy, Debug)]
pub struct TimesOut<R>(
    /// The reader.
    pub R,
);

impl<R: Read> Receive for TimesOut<R> {
    type Error = R::Error;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, R::Error> {
        match self.0.read(into) {
            Err(error) if error.kind() == ErrorKind::TimedOut => Ok(0),
            taken => taken,
        }
    }
}

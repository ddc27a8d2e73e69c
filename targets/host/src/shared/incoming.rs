//! The receiving half of a connection.

use std::io;

use oncilla::framing::{Framing, Progress, RecordAhead};
use oncilla::{Received, Time};

use super::wire::{Held, Wire};
use crate::connect::boxed;
use crate::waiting::Waiting;

/// What arrives on a connection, in one buffer.
#[derive(Debug)]
pub(super) struct Incoming {
    framing: RecordAhead,
    buffer: Box<[u8]>,
    waiting: Waiting,
    held: Held,
}

/// A reply, or the beginning of one that the buffer cannot hold.
pub(super) struct Arrived<'b> {
    pub xid: u32,
    pub message: &'b [u8],
    /// The size of the whole reply, if the buffer cannot hold it.
    pub oversize: Option<u32>,
}

impl Incoming {
    /// Creates a buffer of `size` bytes, or of the smallest size with which messages can be received.
    pub(super) fn new(size: usize, waiting: Waiting, held: Held) -> Self {
        let buffer = boxed(size.max(RecordAhead::BUFFER_MIN));
        Self { framing: RecordAhead::default(), buffer, waiting, held }
    }

    /// Passes all whole replies in the buffer to `take`. Returns the number of whole messages.
    pub(super) fn messages(&mut self, mut take: impl FnMut(Arrived<'_>)) -> u32 {
        let mut count = 0;
        loop {
            let (start, length, oversize) = match self.framing.next(&mut self.buffer) {
                Progress::Message { start, length } => (start, length, None),
                Progress::Oversize { start, length, size } => (start, length, Some(size)),
                // Record marking has nothing beside messages.
                Progress::More | Progress::Text { .. } | Progress::Dropped { .. } => return count,
            };
            count += 1;
            let message = self.buffer.get(start..).and_then(|rest| rest.get(..length)).unwrap_or_default();
            if let Some(xid) = xid_of_reply(message) {
                take(Arrived { xid, message, oversize });
            }
        }
    }

    /// Waits for bytes until `deadline`.
    pub(super) fn receive(&mut self, wire: &Wire, deadline: Time) -> io::Result<Received> {
        let Self { framing, buffer, waiting, held } = self;
        let window = framing.window(buffer);
        let length = waiting.receive(&wire.socket, deadline, |flags| wire.receive(held, window, flags))?;
        Ok(match length {
            None => Received::TimeUp,
            Some(0) => Received::End,
            Some(length) => {
                framing.filled(length);
                Received::Bytes(length)
            }
        })
    }
}

/// Returns the xid of a message that is a reply (RFC 5531 §9).
fn xid_of_reply(message: &[u8]) -> Option<u32> {
    const REPLY: [u8; 4] = [0, 0, 0, 1];
    let (xid, rest) = message.split_first_chunk()?;
    rest.starts_with(&REPLY).then(|| u32::from_be_bytes(*xid))
}

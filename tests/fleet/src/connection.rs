//! A connection of a simulated device: records in, replies out, without blocking.

use std::io::{self, Read, Write};

use mio::net::TcpStream;
use oncilla::{Table, answer};

use crate::meter::Meter;

/// The largest call that a device takes: the largest of `meter.x` with large credentials.
const CALL_MAX: usize = 2048;

/// The bit of a record mark that states that the fragment is the last one (RFC 5531 §11).
const LAST: u32 = 1 << 31;

/// Whether a connection goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Open,
    Closed,
}

/// A connection and what arrived of its next call.
pub struct Connection {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Connection {
    pub const fn new(stream: TcpStream) -> Self {
        Self { stream, bytes: Vec::new() }
    }

    /// Answers all calls that have arrived.
    ///
    /// What is shorter than the buffer was all, unless the peer has closed the connection behind it.
    pub fn serve(&mut self, table: &Table<Meter>, meter: &mut Meter, closed: bool) -> State {
        let mut chunk = [0; 4096];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return State::Closed,
                Ok(length) => {
                    self.bytes.extend(&chunk[..length]);
                    if self.answer(table, meter).is_err() {
                        return State::Closed;
                    }
                    if length < chunk.len() && !closed {
                        return State::Open;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return State::Open,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return State::Closed,
            }
        }
    }

    /// Answers the whole records. Gateways send each call as one fragment; another client is an error.
    fn answer(&mut self, table: &Table<Meter>, meter: &mut Meter) -> io::Result<()> {
        let mut start = 0;
        let mut replies = Vec::new();
        while let Some(mark) = self.bytes[start..].first_chunk().copied().map(u32::from_be_bytes) {
            let length = (mark & !LAST) as usize;
            if mark & LAST == 0 || length > CALL_MAX {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let Some(call) = self.bytes.get(start + 4..start + 4 + length) else { break };
            meter.come(call);
            let mut reply = [0; 512];
            if let Some(length) = answer(table, meter, call, &mut reply[4..]) {
                let mark = u32::try_from(length).unwrap_or(u32::MAX) | LAST;
                reply[..4].copy_from_slice(&mark.to_be_bytes());
                replies.extend(&reply[..4 + length]);
            }
            start += 4 + length;
        }
        self.bytes.drain(..start);
        // Replies are small, and the client reads them: a socket that takes no more belongs to a client that hangs.
        self.stream.write_all(&replies)
    }
}

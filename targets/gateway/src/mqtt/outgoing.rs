//! Bytes for the socket: one thread sends them without the lock of the connection, others only add to them.

use std::io::{self, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// What the socket has not taken.
#[derive(Debug, Default)]
pub struct Outgoing {
    bytes: Vec<u8>,
    /// How many bytes a thread is sending, which are not in `bytes`.
    sending: usize,
    /// Whether the socket takes nothing until it is writable.
    full: bool,
    /// Whether the socket became writable while a thread was sending.
    again: bool,
    /// How many acknowledgements `bytes` has.
    acknowledgements: usize,
    /// Until when the bytes may wait, if they are acknowledgements only.
    wait: Option<Instant>,
}

/// How many acknowledgements are sent at once. A broker may have 20 publications on the way, as mosquitto does by default.
const ACKNOWLEDGEMENTS: usize = 8;

/// How long acknowledgements wait for a publication that takes them along.
const WAIT: Duration = Duration::from_millis(5);

/// What a thread has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The number of bytes.
    pub length: usize,
    /// Whether the socket takes no more now.
    pub full: bool,
}

impl Outgoing {
    /// Adds bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.wait = None;
    }

    /// Adds an acknowledgement.
    pub fn push_acknowledgement(&mut self, bytes: &[u8], now: Instant) {
        if self.bytes.is_empty() {
            (self.acknowledgements, self.wait) = (0, Some(now + WAIT));
        }
        self.bytes.extend_from_slice(bytes);
        self.acknowledgements += 1;
        if self.acknowledgements >= ACKNOWLEDGEMENTS {
            self.wait = None;
        }
    }

    /// Returns until when what is to be sent can wait, if it can: the next publication takes it along.
    pub const fn can_wait(&self) -> Option<Instant> {
        self.wait
    }

    /// Returns how many bytes the socket has not taken.
    pub const fn len(&self) -> usize {
        self.bytes.len() + self.sending
    }

    /// Takes what is to be sent, unless another thread sends, or the socket takes nothing. [`sent`](Self::sent) must
    /// follow.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        if self.sending > 0 || self.full || self.bytes.is_empty() {
            return None;
        }
        self.sending = self.bytes.len();
        self.wait = None;
        Some(std::mem::take(&mut self.bytes))
    }

    /// What was taken has been sent, or a part of it.
    pub fn sent(&mut self, mut taken: Vec<u8>, sent: Sent) {
        self.sending = 0;
        taken.drain(..sent.length.min(taken.len()));
        // The buffer is used again.
        if taken.is_empty() && !self.bytes.is_empty() {
            return self.set_full(sent.full);
        }
        taken.append(&mut self.bytes);
        self.bytes = taken;
        self.set_full(sent.full);
    }

    const fn set_full(&mut self, full: bool) {
        self.full = full && !self.again;
        self.again = false;
    }

    /// The socket has become writable.
    pub const fn writable(&mut self) {
        self.full = false;
        self.again = self.sending > 0;
    }
}

/// Sends what a socket takes now.
pub fn send(mut socket: &TcpStream, bytes: &[u8]) -> io::Result<Sent> {
    let mut length = 0;
    while let Some(rest) = bytes.get(length..).filter(|rest| !rest.is_empty()) {
        match socket.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Sent { length, full: true }),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    oncilla_fleet::mqtt::acknowledge_at_once(socket);
    Ok(Sent { length, full: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_acknowledgements_wait_for_what_takes_them_along() {
        let (mut out, now) = (Outgoing::default(), Instant::now());
        out.push_acknowledgement(b"a", now);
        out.push_acknowledgement(b"b", now + WAIT);
        assert_eq!(out.can_wait(), Some(now + WAIT));
        out.push(b"publication");
        assert_eq!(out.can_wait(), None);
        let taken = out.take().unwrap();
        assert_eq!(taken, b"abpublication");
        out.sent(taken, Sent { length: 13, full: false });
        (1..ACKNOWLEDGEMENTS).for_each(|_| out.push_acknowledgement(b"c", now));
        assert!(out.can_wait().is_some());
        out.push_acknowledgement(b"c", now);
        assert_eq!(out.can_wait(), None);
    }

    #[test]
    fn one_sends_and_what_others_add_meanwhile_follows() {
        let mut out = Outgoing::default();
        out.push(b"abc");
        let taken = out.take().unwrap();
        out.push(b"def");
        assert_eq!((out.take(), out.len()), (None, 6));
        // The socket took a part, and no more until it is writable.
        out.sent(taken, Sent { length: 1, full: true });
        assert_eq!((out.take(), out.len()), (None, 5));
        out.writable();
        let taken = out.take().unwrap();
        assert_eq!(taken, b"bcdef");
        // It becomes writable before the thread that it refused has said so.
        out.writable();
        out.sent(taken, Sent { length: 2, full: true });
        assert_eq!(out.take().unwrap(), b"def");
        out.sent(b"def".to_vec(), Sent { length: 3, full: false });
        assert_eq!((out.take(), out.len()), (None, 0));
    }
}

//! A connected socket as a transport.

use std::io::{self, ErrorKind, Read, Write};
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use oncilla::framing::{Framing, RecordAhead};
use oncilla::{Received, Time, Transport};

/// A connected socket, TCP, UDP or Unix, whose messages are framed by `F`: record marking unless said
/// otherwise. [`Cobs`](oncilla::framing::Cobs) speaks to firmware whose serial line QEMU offers as a
/// Unix socket, [`Datagram`](oncilla::framing::Datagram) is for UDP.
///
/// Made from any such socket of std by [`From`]. It blocks at most until the deadline that it is
/// given, to the precision of the system's timer (a few milliseconds). A message leaves in one system
/// call, and one that has come whole is received in one; time-outs cost none as long as calls have
/// about the same time.
#[derive(Debug)]
pub struct Socket<F = RecordAhead> {
    socket: socket2::Socket,
    /// The clock counts from here.
    start: Instant,
    reading: Patience,
    writing: Patience,
    nonblocking: bool,
    /// Receiving nothing is a message of no bytes, not the end.
    datagrams: bool,
    framing: PhantomData<F>,
}

impl<F: Framing, S: Into<socket2::Socket>> From<S> for Socket<F> {
    /// Takes over a connected socket, in whatever mode it is.
    fn from(socket: S) -> Self {
        let socket = socket.into();
        Self {
            // Should this fail, so does the first wait, which reports it.
            nonblocking: socket.nonblocking().unwrap_or_default(),
            datagrams: socket.r#type().is_ok_and(|kind| kind == socket2::Type::DGRAM),
            socket,
            start: Instant::now(),
            reading: Patience::Unknown,
            writing: Patience::Unknown,
            framing: PhantomData,
        }
    }
}

impl<F> Socket<F> {
    /// The socket itself, for its addresses and options. Its time-outs and mode are this transport's.
    pub const fn socket(&self) -> &socket2::Socket {
        &self.socket
    }

    fn left(&self, deadline: Time) -> Option<Duration> {
        (deadline != Time::NEVER).then(|| deadline.since(self.time()))
    }

    fn time(&self) -> Time {
        Time::ZERO.after(self.start.elapsed())
    }

    /// A deadline that has passed still lets one look, which the system has no time-out for.
    fn set_nonblocking(&mut self, nonblocking: bool) -> io::Result<()> {
        if self.nonblocking != nonblocking {
            self.socket.set_nonblocking(nonblocking)?;
            self.nonblocking = nonblocking;
        }
        Ok(())
    }

    fn prepare_receive(&mut self, deadline: Time) -> io::Result<()> {
        let patience = Patience::within(self.left(deadline));
        self.set_nonblocking(patience == Patience::None)?;
        if patience.is_new(&mut self.reading) {
            self.socket.set_read_timeout(patience.limit())?;
        }
        Ok(())
    }

    fn prepare_send(&mut self, deadline: Time) -> io::Result<()> {
        let patience = Patience::within(self.left(deadline));
        self.set_nonblocking(patience == Patience::None)?;
        if patience.is_new(&mut self.writing) {
            self.socket.set_write_timeout(patience.limit())?;
        }
        Ok(())
    }
}

impl<F: Framing> Transport for Socket<F> {
    type Error = io::Error;
    type Framing = F;

    fn now(&mut self) -> Time {
        self.time()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        loop {
            self.prepare_receive(deadline)?;
            match self.socket.read(into) {
                Ok(0) if !self.datagrams => return Ok(Received::End),
                Ok(0) => {}
                Ok(length) => return Ok(Received::Bytes(length)),
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error),
            }
            if self.time() >= deadline {
                return Ok(Received::TimeUp);
            }
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        let mut sent = 0;
        let mut refused = false;
        loop {
            self.prepare_send(deadline)?;
            match self.socket.write(&frame[sent..]) {
                Ok(length) => sent += length,
                Err(error) if is_pause(&error) => {}
                // An earlier datagram met nobody; this one has not been sent yet.
                Err(error) if self.datagrams && is_refusal(&error) && !refused => {
                    refused = true;
                    continue;
                }
                Err(error) => return Err(error),
            }
            if sent >= frame.len() || self.time() >= deadline {
                return Ok(sent);
            }
        }
    }
}

/// Whether a system call ended without doing anything, for lack of time or because of a signal.
fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// Whether the system passes on the news that nobody receives datagrams at the other end.
fn is_refusal(error: &io::Error) -> bool {
    error.kind() == ErrorKind::ConnectionRefused
}

/// How long one system call may wait.
///
/// What is left until a deadline is different every time, and setting a time-out is a system call. So
/// the time-out is what is left, rounded down to three binary digits: calls that all have five
/// seconds share one time-out, and the rest is waited for when the rounded time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Patience {
    /// Before anything was set.
    Unknown,
    None,
    Limited(Duration),
    Endless,
}

impl Patience {
    fn within(left: Option<Duration>) -> Self {
        let Some(left) = left else { return Self::Endless };
        match u64::try_from(left.as_micros()).unwrap_or(u64::MAX) {
            0 => Self::None,
            micros => {
                let shift = micros.ilog2().saturating_sub(2);
                Self::Limited(Duration::from_micros(micros >> shift << shift))
            }
        }
    }

    /// Whether the socket must be told, which has `current` set. Not waiting is no time-out.
    fn is_new(self, current: &mut Self) -> bool {
        self != Self::None && std::mem::replace(current, self) != self
    }

    fn limit(self) -> Option<Duration> {
        match self {
            Self::Limited(limit) => Some(limit),
            Self::Unknown | Self::None | Self::Endless => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(micros: u64) -> Option<u128> {
        Patience::within(Some(Duration::from_micros(micros))).limit().map(|limit| limit.as_micros())
    }

    #[test]
    fn calls_that_have_the_same_time_share_a_time_out() {
        assert_eq!(limit(4_999_990), limit(4_999_300));
        assert_ne!(limit(5_000_000), limit(1_000_000));
    }

    #[test]
    fn a_time_out_is_never_longer_than_what_is_left_nor_zero() {
        for micros in [1, 2, 3, 7, 8, 9, 1_000, 4_999_999, u64::MAX] {
            let limit = limit(micros).unwrap();
            assert!(limit > 0 && limit <= u128::from(micros), "{micros} {limit}");
        }
    }

    #[test]
    fn a_time_out_is_set_only_when_it_changes() {
        let second = Patience::within(Some(Duration::from_secs(1)));
        let mut current = Patience::Unknown;
        assert!(second.is_new(&mut current));
        assert!(!second.is_new(&mut current));
        assert!(!Patience::None.is_new(&mut current));
        assert!(!second.is_new(&mut current));
        assert!(Patience::Endless.is_new(&mut current));
    }
}

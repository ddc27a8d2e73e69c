//! What a carrier of bytes or datagrams must do.

use core::net::SocketAddr;

use crate::framing::Framing;
use crate::time::Time;

/// Bytes and a clock: the one thing that a port to another system provides.
///
/// The transport owns the clock because it is the one who waits. Deadlines are instants of that
/// clock, so that waiting again after a stranger's message does not begin anew.
pub trait Transport {
    /// What can go wrong below, such as a serial line's framing error or an operating system's error.
    type Error;

    /// How messages are cut out of what is received.
    type Framing: Framing;

    /// The present instant.
    fn now(&mut self) -> Time;

    /// Where what was received last came from, on a carrier with many peers. A server's `authorize` sees
    /// it, and a replay cache tells peers apart by it. `None` by default: there is one, at the other end.
    fn peer(&self) -> Option<SocketAddr> {
        None
    }

    /// Waits for bytes until `deadline`, at least once looking whether some are there, and puts them
    /// at the start of `into`, which is never empty. It does not wait for `into` to be full.
    ///
    /// # Errors
    /// The transport's own. The bytes that came before the error are not lost: they were returned
    /// earlier or are returned later.
    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error>;

    /// Hands over `frame`, in one piece where the carrier takes it so, waiting until `deadline` at
    /// most. Returns how many of its bytes were taken: fewer than all when time was up or the
    /// carrier takes no more.
    ///
    /// # Errors
    /// The transport's own.
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error>;
}

impl<T: Transport> Transport for &mut T {
    type Error = T::Error;
    type Framing = T::Framing;

    fn now(&mut self) -> Time {
        T::now(self)
    }

    fn peer(&self) -> Option<SocketAddr> {
        T::peer(self)
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error> {
        T::receive(self, into, deadline)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error> {
        T::send(self, frame, deadline)
    }
}

/// What waiting for bytes came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// So many bytes came, at least one.
    Bytes(usize),
    /// The deadline passed.
    TimeUp,
    /// The other end closed; nothing will come any more.
    End,
}

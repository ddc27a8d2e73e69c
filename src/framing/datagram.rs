//! Carriers that keep message boundaries themselves, such as UDP.

use super::{Framing, Progress};

/// No framing: each receive operation returns one message, as on UDP.
///
/// # Example
/// A UDP socket as a transport (without a time-out for brevity):
///
/// ```
/// use oncilla::framing::Datagram;
/// use oncilla::{Received, Time, Transport};
/// use std::io;
/// use std::net::{SocketAddr, UdpSocket};
///
/// struct Udp {
///     socket: UdpSocket,
///     peer: Option<SocketAddr>,
/// }
///
/// impl Transport for Udp {
///     type Error = io::Error;
///     type Framing = Datagram;
///
///     fn now(&mut self) -> Time {
///         Time::ZERO
///     }
///
///     fn peer(&self) -> Option<SocketAddr> {
///         self.peer
///     }
///
///     fn receive(&mut self, into: &mut [u8], _: Time) -> io::Result<Received> {
///         let (length, peer) = self.socket.recv_from(into)?;
///         self.peer = Some(peer);
///         Ok(Received::Bytes(length))
///     }
///
///     fn send(&mut self, frame: &[u8], _: Time) -> io::Result<usize> {
///         match self.peer {
///             Some(peer) => self.socket.send_to(frame, peer),
///             None => Ok(0),
///         }
///     }
/// }
/// # fn main() -> io::Result<()> {
/// # let socket = UdpSocket::bind("127.0.0.1:0")?;
/// # let to = socket.local_addr()?;
/// # UdpSocket::bind("127.0.0.1:0")?.send_to(b"hello", to)?;
/// # let mut udp = Udp { socket, peer: None };
/// # assert!(matches!(udp.receive(&mut [0; 64], Time::NEVER), Ok(Received::Bytes(5))));
/// # assert!(udp.peer().is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Datagram {
    length: usize,
}

impl Datagram {
    /// Returns the buffer size for messages of at most `message` bytes: the same number.
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

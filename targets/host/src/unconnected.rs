//! A UDP client that is not particular about the port of who replies.

use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use nix::sys::socket::{MsgFlags, SockaddrStorage, recvmsg};
use oncilla::framing::Datagram;
use oncilla::{Received, Time, Transport};

use crate::datagrams::{canonical, socket_address};
use crate::patience::{Clock, Patience};
use crate::socket::is_pause;

/// A UDP socket that calls one address and takes replies from any port of that machine, where
/// [`Socket`](crate::Socket) takes them from the port it called alone. rpcbind needs it: it gives the
/// results of indirect calls from another port than its own.
///
/// Nobody tells it that no one is there: such a call ends in its time-out.
#[derive(Debug)]
pub struct Unconnected {
    socket: UdpSocket,
    to: SocketAddr,
    clock: Clock,
    /// The time-out that is set.
    reading: Option<Patience>,
}

impl Unconnected {
    pub(crate) fn new(socket: UdpSocket, to: SocketAddr) -> Self {
        Self { socket, to, clock: Clock::new(), reading: None }
    }

    /// The socket itself, for its address and options. Its time-outs and mode are this transport's.
    #[must_use]
    pub const fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// Receives one datagram; `None` when it is a stranger's.
    fn receive_one(&self, into: &mut [u8], flags: MsgFlags) -> io::Result<Option<usize>> {
        let mut parts = [IoSliceMut::new(into)];
        let message = recvmsg::<SockaddrStorage>(self.socket.as_raw_fd(), &mut parts, None, flags)?;
        let from = message.address.as_ref().and_then(socket_address);
        let expected = from.is_some_and(|from| from.ip() == canonical(self.to).ip());
        Ok(Some(message.bytes).filter(|length| expected && *length > 0))
    }
}

impl Transport for Unconnected {
    type Error = io::Error;
    type Framing = Datagram;

    fn now(&mut self) -> Time {
        self.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        loop {
            let patience = self.clock.patience(deadline);
            if let Some(timeout) = patience.change(&mut self.reading) {
                self.socket.set_read_timeout(timeout)?;
            }
            let flags = if patience == Patience::None { MsgFlags::MSG_DONTWAIT } else { MsgFlags::empty() };
            match self.receive_one(into, flags) {
                Ok(Some(length)) => return Ok(Received::Bytes(length)),
                Ok(None) => {}
                Err(error) if is_pause(&error) => {
                    if patience == Patience::None {
                        return Ok(Received::TimeUp);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn send(&mut self, frame: &[u8], _: Time) -> io::Result<usize> {
        self.socket.send_to(frame, self.to)
    }
}

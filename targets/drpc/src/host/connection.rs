//! A connection of a server.

use std::io::{self, ErrorKind};
use std::time::Instant;
use std::vec::Vec;

use nix::poll::PollFlags;
use socket2::Socket;

use super::packets::{Packets, Receiver, Refused, prepare, receive};
use super::server::Limits;
use crate::wire::NOT_UNDERSTOOD;
use crate::{Response, Status};

/// The largest number of packets that are read before a connection is closed.
const UNREAD_MAX: u32 = 1000;

/// A connection: it reads a call, or delivers the response to the call before.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) socket: Socket,
    packets: Packets,
    receiver: Receiver,
    /// The response that the client has yet to make room for.
    output: Vec<u8>,
    /// The number of its packets that were sent.
    sent: u32,
    /// When the last packet was received or sent.
    active: Instant,
}

impl Connection {
    pub(super) fn new(socket: Socket, packets: Packets, limit: usize) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        prepare(&socket);
        let receiver = Receiver::new(packets, limit);
        Ok(Self { socket, packets, receiver, output: Vec::new(), sent: 0, active: Instant::now() })
    }

    /// Returns whether a response is being delivered. Until it is, no call is read.
    pub(super) const fn delivers(&self) -> bool {
        !self.output.is_empty()
    }

    /// Reads what the client has sent, so that the system does not discard the responses on their way when the
    /// connection is closed. Returns `false`: the connection does not stay open.
    pub(super) fn leave(&self, room: &mut [u8]) -> bool {
        // A client that sends faster than this loses responses.
        let unread = (0..UNREAD_MAX).take_while(|_| receive(&self.socket, room).is_ok_and(|packet| !packet.is_empty()));
        unread.for_each(drop);
        false
    }

    /// Returns what to wait for.
    pub(super) const fn interest(&self) -> PollFlags {
        if self.delivers() { PollFlags::POLLOUT } else { PollFlags::POLLIN }
    }

    /// Returns when the connection is closed unless something happens on it.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        if self.delivers() || self.receiver.is_within() {
            self.active.checked_add(limits.message_timeout)
        } else {
            self.active.checked_add(limits.idle_timeout?)
        }
    }

    /// Does what the connection is ready for: delivers, or receives a packet and perhaps has `answer` answer the message.
    ///
    /// `answer` returns the bytes of the response. Returns whether the connection stays open.
    pub(super) fn proceed(
        &mut self,
        room: &mut [u8],
        response: &mut [u8],
        answer: impl FnOnce(&[u8], &mut [u8]) -> Option<usize>,
    ) -> bool {
        if self.delivers() {
            return self.deliver();
        }
        let packet = match receive(&self.socket, room) {
            Ok([]) => return false,
            Ok(packet) => packet,
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        };
        self.active = Instant::now();
        let (length, stays) = match self.receiver.take(packet) {
            Ok(None) => return true,
            Ok(Some(message)) => (answer(message, response), true),
            Err(refused) => {
                let not_a_call = Response { sequence: NOT_UNDERSTOOD, status: Status::CALL_NOT_UNDERSTOOD, body: &[] };
                (not_a_call.write(response), matches!(refused, Refused::TooLarge(_)))
            }
        };
        let response = length.and_then(|length| response.get(..length)).unwrap_or_default();
        self.sent = 0;
        self.active = Instant::now();
        match self.packets.send_from(&self.socket, response, &mut self.sent) {
            Ok(()) => stays || self.leave(room),
            Err(error) if error.kind() == ErrorKind::WouldBlock && stays => {
                self.output = response.to_vec();
                true
            }
            Err(_) => false,
        }
    }

    fn deliver(&mut self) -> bool {
        let before = self.sent;
        let result = self.packets.send_from(&self.socket, &self.output, &mut self.sent);
        if self.sent > before {
            self.active = Instant::now();
        }
        match result {
            Ok(()) => {
                self.output = Vec::new();
                true
            }
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        }
    }
}

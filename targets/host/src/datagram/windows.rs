//! Datagrams by `recvfrom` and `sendto`, with a buffer that none exceeds.
//!
//! Winsock does not report the size and the sender of a datagram that it cuts.

use std::io;
use std::net::SocketAddr;
use std::os::windows::io::AsSocket;

use rustix::net::{RecvFlags, SendFlags, recvfrom, sendto};

use super::{Taken, canonical};
use crate::waiting::Flags;

/// The size of the largest datagram in bytes, and more.
const LARGEST: usize = 1 << 16;

/// Receives datagrams.
#[derive(Debug)]
pub(crate) struct Inbox {
    buffer: Box<[u8]>,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Self { buffer: vec![0; LARGEST].into() }
    }

    /// Receives one datagram from a socket.
    pub(crate) fn take(&mut self, socket: &impl AsSocket, into: &mut [u8], flags: Flags) -> io::Result<Taken> {
        let (size, from) = self.receive(socket, into, flags)?;
        Ok(Taken { size, from: from.map(canonical) })
    }

    /// Receives one datagram from a connected socket.
    pub(crate) fn take_from_peer(
        &mut self,
        socket: &impl AsSocket,
        into: &mut [u8],
        flags: Flags,
    ) -> io::Result<Taken> {
        self.take(socket, into, flags)
    }

    fn receive(
        &mut self,
        socket: &impl AsSocket,
        into: &mut [u8],
        (): Flags,
    ) -> io::Result<(usize, Option<SocketAddr>)> {
        let (_, size, from) = recvfrom(socket, &mut *self.buffer, RecvFlags::empty())?;
        let kept = size.min(into.len());
        if let (Some(into), Some(datagram)) = (into.get_mut(..kept), self.buffer.get(..kept)) {
            into.copy_from_slice(datagram);
        }
        Ok((size, from.and_then(|from| SocketAddr::try_from(from).ok())))
    }
}

/// Receives datagrams from any peer, and replies to the last.
#[derive(Debug)]
pub(crate) struct LastCaller {
    inbox: Inbox,
    last: Caller,
    /// The last caller whose datagram was verified under a key.
    verified: Option<Caller>,
}

/// The sender of a datagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    client: Option<SocketAddr>,
}

impl LastCaller {
    /// Prepares for a bound socket.
    pub(crate) fn on(_: &impl AsSocket, _: SocketAddr) -> io::Result<Self> {
        Ok(Self { inbox: Inbox::new(), last: Caller { client: None }, verified: None })
    }

    /// Keeps the last caller if its datagram was verified, and returns to the one that was kept if not.
    pub(crate) fn settle(&mut self, verified: bool) {
        if verified {
            self.verified = Some(self.last);
        } else if let Some(verified) = self.verified {
            self.last = verified;
        }
    }

    /// Returns the last caller.
    pub(crate) const fn last(&self) -> Caller {
        self.last
    }

    /// Receives one datagram and stores its sender.
    pub(crate) fn take(&mut self, socket: &impl AsSocket, into: &mut [u8], flags: Flags) -> io::Result<Taken> {
        let (size, from) = self.inbox.receive(socket, into, flags)?;
        self.last = Caller { client: from };
        Ok(Taken { size, from: self.last.address() })
    }
}

impl Caller {
    /// Returns the address of the caller.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.client.map(canonical)
    }

    /// Sends one datagram to the caller. If that fails, the datagram is lost.
    pub(crate) fn reply(&self, socket: &impl AsSocket, frame: &[u8]) {
        if let Some(client) = &self.client {
            let _ = sendto(socket, frame, SendFlags::empty(), client);
        }
    }
}

//! Calls that come as datagrams.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg, setsockopt, sockopt,
};
use oncilla::framing::{Datagram, Framing};
use oncilla::{Table, answer};

use super::source::State;

/// Bytes of the largest message that a datagram can carry, over IPv4.
pub(super) const MESSAGE_MAX: usize = 65_507;

/// Datagrams received before others have their turn.
const STEPS: usize = 16;

/// Bytes of a call that tell whom a refusal goes to: up to the credential.
const BEGINNING: usize = 24;

/// A socket on which datagrams come in.
#[derive(Debug)]
pub(super) struct Datagrams {
    socket: UdpSocket,
    address: SocketAddr,
    /// For the address that a datagram was sent to. Empty when it can only be the socket's own.
    control: Vec<u8>,
    pub(super) state: State,
}

/// The buffers that all datagrams share, since each is answered before the next is received.
#[derive(Debug)]
pub(super) struct Buffers {
    rx: Box<[u8]>,
    tx: Box<[u8]>,
}

impl Buffers {
    /// For calls and replies of at most so many bytes, as far as datagrams can carry them.
    pub(super) fn new(call: usize, reply: usize) -> Self {
        let buffer = |message: usize| vec![0; Datagram::buffer(message.min(MESSAGE_MAX))].into_boxed_slice();
        Self { rx: buffer(call), tx: buffer(reply) }
    }
}

/// A call that came.
struct Received {
    length: usize,
    /// Not all of it found room.
    truncated: bool,
    client: Option<SockaddrStorage>,
    called: Called,
}

/// The address that was called, from which the reply must leave: a client on UDP does not take it
/// from another.
#[derive(Clone, Copy)]
enum Called {
    /// The only one there is, or one that cannot be sent from, such as a multicast group.
    Own,
    V4(nix::libc::in_pktinfo),
    V6(nix::libc::in6_pktinfo),
}

impl Datagrams {
    pub(super) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let mut control = Vec::new();
        if address.ip().is_unspecified() {
            match address {
                SocketAddr::V4(_) => setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?,
                SocketAddr::V6(_) => setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?,
            }
            // An IPv6 socket tells both of a datagram that came over IPv4.
            control = nix::cmsg_space!(nix::libc::in_pktinfo, nix::libc::in6_pktinfo);
        }
        Ok(Self { socket, address, control, state: State::Quiet })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers what has come, for a while.
    pub(super) fn turn<S>(&mut self, buffers: &mut Buffers, table: &Table<S>, state: &mut S) {
        for _ in 0..STEPS {
            match self.receive(&mut buffers.rx) {
                Ok(received) => {
                    self.state = State::Ready;
                    self.answer(&received, buffers, table, state);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.state = State::Quiet;
                    return;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => {
                    self.state = State::Paused;
                    return;
                }
            }
        }
    }

    fn answer<S>(&self, received: &Received, buffers: &mut Buffers, table: &Table<S>, state: &mut S) {
        // Of a call that is too large the beginning is kept, which is refused with GARBAGE_ARGS.
        let length = if received.truncated { BEGINNING.min(received.length) } else { received.length };
        let message = buffers.rx.get(..length).unwrap_or_default();
        let Some(length) = answer(table, state, message, Datagram::room(&mut buffers.tx)) else { return };
        let Some(frame) = Datagram::seal(&mut buffers.tx, length) else { return };
        // A reply that cannot be sent is as good as lost on the way, and clients on UDP know that.
        let _ = self.send(frame, received);
    }

    fn receive(&mut self, into: &mut [u8]) -> io::Result<Received> {
        let mut parts = [IoSliceMut::new(into)];
        let control = Some(&mut *self.control).filter(|control| !control.is_empty());
        let message = recvmsg::<SockaddrStorage>(self.socket.as_raw_fd(), &mut parts, control, MsgFlags::empty())?;
        let mut called = Called::Own;
        for control in message.cmsgs().into_iter().flatten() {
            match control {
                ControlMessageOwned::Ipv4PacketInfo(info) => called = Called::V4(info),
                ControlMessageOwned::Ipv6PacketInfo(info) => called = Called::V6(info),
                _ => {}
            }
        }
        let truncated = message.flags.contains(MsgFlags::MSG_TRUNC);
        Ok(Received { length: message.bytes, truncated, client: message.address, called })
    }

    fn send(&self, frame: &[u8], received: &Received) -> nix::Result<usize> {
        let send = |control: &[ControlMessage<'_>]| {
            let parts = [IoSlice::new(frame)];
            sendmsg(self.socket.as_raw_fd(), &parts, control, MsgFlags::empty(), received.client.as_ref())
        };
        match received.called {
            Called::V4(mut info) => {
                // The system finds the interface, as it does for every other datagram.
                info.ipi_ifindex = 0;
                send(&[ControlMessage::Ipv4PacketInfo(&info)])
            }
            Called::V6(info) if info.ipi6_addr.s6_addr[0] != 0xff => send(&[ControlMessage::Ipv6PacketInfo(&info)]),
            Called::V6(_) | Called::Own => send(&[]),
        }
    }
}

impl AsFd for Datagrams {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

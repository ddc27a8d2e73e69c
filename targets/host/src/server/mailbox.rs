//! A UDP socket of a server: answers calls that arrive as datagrams, never blocks.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Instant;

use mio::event::Source;
use mio::net::UdpSocket;
use oncilla::framing::{Datagram, Framing};
use oncilla::{SharedReplayMemory, Table};

use super::hooks::{Dropped, Hooks, Origin};
use super::replies::SlowCalls;
use super::state::State;
use crate::datagram::{LastCaller, is_passing};
use crate::waiting::NOW;
use crate::{Datagrams, Error};

/// The largest message that a datagram can carry, in bytes, over IPv4.
pub(super) const MESSAGE_MAX: usize = 65_507;

/// Datagrams that are answered in a turn.
const STEPS: usize = 16;

/// A UDP socket, and the slow calls that arrived on it.
#[derive(Debug)]
pub(super) struct Mailbox {
    socket: UdpSocket,
    address: SocketAddr,
    caller: LastCaller,
    slow: SlowCalls,
    pub(super) state: State,
}

/// The buffers and the replay cache that all UDP sockets of a server share.
///
/// One pair of buffers is enough, because each datagram is answered before the next is received.
pub(super) struct Buffers<'a> {
    rx: Box<[u8]>,
    tx: Box<[u8]>,
    replies: Option<&'a mut SharedReplayMemory<Box<[u8]>>>,
    hooks: Arc<Hooks>,
}

impl<'a> Buffers<'a> {
    /// Allocates buffers for calls of at most `call` bytes and replies of at most `reply` bytes, limited to what a
    /// datagram can carry.
    pub(super) fn new(
        call: usize,
        reply: usize,
        replies: Option<&'a mut SharedReplayMemory<Box<[u8]>>>,
        hooks: Arc<Hooks>,
    ) -> Self {
        let buffer = |message: usize| vec![0; Datagram::buffer(message.min(MESSAGE_MAX))].into_boxed_slice();
        Self { rx: buffer(call), tx: buffer(reply), replies, hooks }
    }
}

impl Mailbox {
    /// Binds a socket to the first resolved address that can be bound.
    pub(super) fn bind(address: impl ToSocketAddrs + fmt::Debug) -> Result<Self, Error> {
        Self::new(Datagrams::bind(address)?).map_err(Error::Watch)
    }

    /// Receives calls on a socket that is bound already.
    #[cfg(all(feature = "systemd", target_os = "linux"))]
    pub(super) fn from_socket(socket: std::net::UdpSocket) -> io::Result<Self> {
        Self::new(Datagrams::on(socket)?)
    }

    fn new(datagrams: Datagrams) -> io::Result<Self> {
        let (socket, address, caller) = datagrams.into_parts();
        socket.set_nonblocking(true)?;
        let (slow, state) = (SlowCalls::default(), State::Quiet);
        Ok(Self { socket: UdpSocket::from_std(socket), address, caller, slow, state })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the socket to watch.
    pub(super) const fn source(&mut self) -> &mut dyn Source {
        &mut self.socket
    }

    /// Answers a limited number of datagrams that have arrived, only while `goes_on` returns true.
    pub(super) fn turn<S>(
        &mut self,
        buffers: &mut Buffers<'_>,
        table: &Table<S>,
        state: &mut S,
        goes_on: impl Fn() -> bool,
    ) {
        for _ in 0..STEPS {
            if !goes_on() {
                return;
            }
            let Self { socket, caller, .. } = self;
            match socket.try_io(|| caller.take(&*socket, &mut buffers.rx, NOW)) {
                Ok(taken) => {
                    self.state = State::Ready;
                    self.answer(taken.answerable(buffers.rx.len()), buffers, table, state);
                }
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => {}
                    // The system reports that an earlier reply reached no program.
                    _ if is_passing(&error) => {}
                    ErrorKind::WouldBlock => {
                        self.slow.clear();
                        self.state = State::Quiet;
                        return;
                    }
                    _ => {
                        self.state = State::Paused;
                        return;
                    }
                },
            }
        }
    }

    fn answer<S>(&mut self, length: usize, buffers: &mut Buffers<'_>, table: &Table<S>, state: &mut S) {
        let Buffers { rx, tx, replies, hooks } = buffers;
        let message = rx.get(..length).unwrap_or_default();
        let Some(peer) = self.caller.address() else { return };
        let origin = Origin::Udp(peer);
        if !hooks.admits(origin) {
            return hooks.dropped(origin, Dropped::NotAllowed);
        }
        let room = Datagram::room(tx);
        let length = match replies {
            None => hooks.answer(&mut (), origin, table, state, message, room),
            // The call was retransmitted while its procedure ran. The reply has been sent since.
            Some(_) if self.slow.contains(Some(peer), message) => {
                return hooks.dropped(origin, Dropped::InProgress);
            }
            Some(replies) => {
                let began = Instant::now();
                let length = hooks.answer(*replies, origin, table, state, message, room);
                self.slow.answered(Some(peer), message, began);
                length
            }
        };
        let Some(length) = length else { return };
        if let Some(frame) = Datagram::seal(&mut buffers.tx, length) {
            self.caller.reply(&self.socket, frame);
        }
    }
}

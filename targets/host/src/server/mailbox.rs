//! A UDP socket of a server: answers calls that arrive as datagrams, never blocks.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Instant;

use mio::event::Source;
use mio::net::UdpSocket;
use oncilla::framing::{Datagram, Framing};

use super::buffers::Buffers;
use super::calls::{Begun, Calls};
use super::executor::Executor;
use super::hooks::{Dropped, Origin};
use super::job::{Destination, Job};
#[cfg(feature = "keys")]
use super::lock::{Lock, PLACES, Unlocked};
use super::replies::SlowCalls;
use super::state::State;
use crate::Datagrams;
use crate::datagram::{LastCaller, is_passing};
use crate::waiting::NOW;

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
    #[cfg(feature = "keys")]
    lock: Option<Box<Lock<Datagram, PLACES>>>,
}

/// The buffers for datagrams that all UDP sockets of a server share: a pair for each call that can run at a time.
#[derive(Debug)]
pub(super) struct Pool(Vec<Buffers>);

impl Pool {
    /// Allocates `pairs` of buffers for calls of at most `call` bytes and replies of at most `reply` bytes, limited to
    /// what a datagram can carry.
    pub(super) fn new(pairs: usize, call: usize, reply: usize) -> Self {
        let buffer = |message: usize| vec![0; Datagram::buffer(message.min(MESSAGE_MAX))];
        Self((0..pairs).map(|_| Buffers { rx: buffer(call), tx: buffer(reply) }).collect())
    }
}

impl Mailbox {
    /// Receives calls on a socket that is bound already.
    pub(super) fn from_socket(socket: std::net::UdpSocket) -> io::Result<Self> {
        let (socket, address, caller) = Datagrams::on(socket)?.into_parts();
        socket.set_nonblocking(true)?;
        let (slow, state) = (SlowCalls::default(), State::Quiet);
        Ok(Self {
            socket: UdpSocket::from_std(socket),
            address,
            caller,
            slow,
            state,
            #[cfg(feature = "keys")]
            lock: None,
        })
    }

    /// Serves clients under keys only, each key with a session of its own. Sessions of before stay.
    #[cfg(feature = "keys")]
    pub(super) fn lock(&mut self, keys: &crate::keys::KeyServer) -> Result<(), crate::keys::KeyError> {
        if self.lock.is_none() {
            self.lock = Some(Box::new(Lock::new(keys)?));
        }
        Ok(())
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the socket to watch.
    pub(super) const fn source(&mut self) -> &mut dyn Source {
        &mut self.socket
    }

    /// Answers a limited number of datagrams that have arrived, only while `goes_on` returns true.
    ///
    /// `index` is the index of this socket among the sources.
    pub(super) fn turn<X: Executor>(
        &mut self,
        index: usize,
        pool: &mut Pool,
        calls: &mut Calls<'_, X>,
        goes_on: impl Fn() -> bool,
    ) {
        for _ in 0..STEPS {
            if !goes_on() || !calls.executor.is_free() {
                return;
            }
            let Some(mut buffers) = pool.0.pop() else { return };
            let Self { socket, caller, .. } = self;
            match socket.try_io(|| caller.take(&*socket, &mut buffers.rx, NOW)) {
                Ok(taken) => {
                    self.state = State::Ready;
                    let length = taken.answerable(buffers.rx.len());
                    self.begin(index, length, buffers, pool, calls);
                }
                Err(error) => {
                    pool.0.push(buffers);
                    match error.kind() {
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
                    }
                }
            }
        }
    }

    /// Begins the call in a datagram of `length` bytes.
    fn begin<X: Executor>(
        &mut self,
        index: usize,
        length: usize,
        mut buffers: Buffers,
        pool: &mut Pool,
        calls: &mut Calls<'_, X>,
    ) {
        let caller = self.caller.last();
        let Some(peer) = caller.address() else { return pool.0.push(buffers) };
        let origin = Origin::Udp(peer);
        if !calls.hooks.admits(origin) {
            calls.hooks.dropped(origin, Dropped::NotAllowed);
            return pool.0.push(buffers);
        }
        let destination = Destination::Datagram { mailbox: index, caller, began: Instant::now() };
        let sender = origin.into();
        let size = buffers.tx.len();
        let room = size - Datagram::room(&mut buffers.tx).len()..size;
        #[cfg(feature = "keys")]
        let (sender, length, room) = match self.unlock(sender, length, &mut buffers, room) {
            Ok(parts) => parts,
            Err(answer) => {
                match answer {
                    Some(0) => calls.hooks.dropped(origin, Dropped::Unverified),
                    Some(length) => caller.reply(&self.socket, buffers.tx.get(..length).unwrap_or_default()),
                    None => {}
                }
                return pool.0.push(buffers);
            }
        };
        let job = Job::new(sender, destination, buffers, 0..length, room);
        if calls.datagrams.is_some() && self.slow.is_repeated(peer, job.message(), X::CONCURRENT) {
            calls.hooks.dropped(origin, Dropped::InProgress);
            pool.0.push(job.buffers);
            return;
        }
        let needs = calls.executor.needs(job.message());
        match calls.begin(job, needs) {
            Begun::Ended(job) => self.end(job, pool, X::CONCURRENT),
            // It arrived on another UDP socket of this server, too, which will answer it.
            Begun::Repeats(job) => {
                self.slow.forget(peer, job.message());
                calls.hooks.dropped(origin, Dropped::InProgress);
                pool.0.push(job.buffers);
            }
            Begun::Runs => {}
        }
    }

    /// Opens the message in the receive buffer, if the server has keys: puts a call in its place.
    ///
    /// Otherwise returns the size of an answer in the transmit buffer, 0 if the message does not verify.
    #[cfg(feature = "keys")]
    fn unlock(
        &mut self,
        mut sender: super::hooks::Sender,
        length: usize,
        Buffers { rx, tx }: &mut Buffers,
        room: std::ops::Range<usize>,
    ) -> Result<(super::hooks::Sender, usize, std::ops::Range<usize>), Option<usize>> {
        let Some(lock) = &mut self.lock else { return Ok((sender, length, room)) };
        let size = rx.len();
        let frame = rx.get_mut(..length).unwrap_or_default();
        match lock.unlock(frame, size, tx) {
            Unlocked::Call(call) => {
                rx.get_mut(..call.len()).ok_or(None)?.copy_from_slice(&call);
                sender.key = lock.sender();
                let (start, end) = lock.room(sender.key, tx);
                Ok((sender, call.len(), start..end))
            }
            Unlocked::Answer(length) => Err(Some(length)),
            Unlocked::Nothing => Err(None),
            Unlocked::Refused => Err(Some(0)),
        }
    }

    /// Sends the reply to a call that has ended, and takes back its buffers.
    pub(super) fn end(&mut self, mut job: Job, pool: &mut Pool, concurrent: bool) {
        if let (Destination::Datagram { caller, began, .. }, Origin::Udp(peer)) = (&job.destination, job.sender.origin)
        {
            self.slow.answered(peer, job.message(), *began, concurrent);
            let tx = &mut job.buffers.tx;
            #[cfg(feature = "keys")]
            let frame = match &mut self.lock {
                Some(lock) => job.reply.and_then(|length| lock.seal(tx, job.sender.key, length)),
                None => job.reply.and_then(|length| Datagram::seal(tx, length)),
            };
            #[cfg(not(feature = "keys"))]
            let frame = job.reply.and_then(|length| Datagram::seal(tx, length));
            if let Some(frame) = frame {
                caller.reply(&self.socket, frame);
            }
        }
        pool.0.push(job.buffers);
    }
}

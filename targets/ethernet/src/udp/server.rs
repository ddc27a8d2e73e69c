//! Calls in datagrams.

use core::time::Duration;

use oncilla::message::CALL_HEADER;
use oncilla::{Clock, Replay, SharedReplay, Table, Time};
use smoltcp::iface::SocketHandle;
use smoltcp::phy::Device;
use smoltcp::socket::udp::UdpMetadata;

use crate::network::address;
use crate::{Network, UdpMemory};

/// Bytes of a call that are kept when it does not fit: a header that is cut short, whatever it is, and so is refused with
/// GARBAGE_ARGS.
const BEGINNING: usize = CALL_HEADER - 4;

/// How long replies may wait for the one before them, whose receiver's address on the wire is asked for once a second.
const STUCK: Duration = Duration::from_secs(3);

/// Serves a port on UDP: anybody's datagrams, each answered to whom it came from, from the address it was sent to.
///
/// A reply that cannot be sent, as nobody has the address or the queue is full, is lost like any other on its way.
///
/// Replies leave in the order in which they were made. While nobody answers for the address of the first, such as a forged one, the others
/// wait behind it; after three seconds all of them are dropped, and with them what has come and was not read. So the replies of
/// up to three seconds can be lost, for which their callers call again.
pub struct UdpServer<'n, 'a, D, C> {
    network: &'n Network<'a, D, C>,
    handle: SocketHandle,
    port: u16,
    rx: &'a mut [u8],
    tx: &'a mut [u8],
    /// Bytes of the replies that wait to be sent.
    queued: usize,
    /// Since when none of them has left.
    stuck: Option<Time>,
}

impl<'n, 'a, D: Device, C: Clock> UdpServer<'n, 'a, D, C> {
    /// Receives on a port. `None` when the port is 0 or the network has no room for a socket.
    pub fn new<const IN: usize, const OUT: usize, const COUNT: usize>(
        network: &'n Network<'a, D, C>,
        port: u16,
        memory: &'a mut UdpMemory<IN, OUT, COUNT>,
    ) -> Option<Self> {
        let (rx, tx, mut socket) = memory.socket();
        socket.bind(port).ok()?;
        let handle = network.add(socket)?;
        Some(Self { network, handle, port, rx, tx, queued: 0, stuck: None })
    }

    /// Answers every call that has come, and never waits. A call that comes again, since its reply or it itself may have
    /// been lost or doubled on the way, is not executed again as long as its reply is in `replay`.
    ///
    /// A call that the receive buffer cannot hold is answered with GARBAGE_ARGS, if the queue could. A procedure whose largest
    /// reply the transmit buffer or one frame (1472 bytes over IPv4) cannot hold is not run and answered with SYSTEM_ERR.
    pub fn serve_once<S, R: SharedReplay>(&mut self, replay: &mut R, table: &Table<S>, state: &mut S) {
        self.serve_with(replay, table, state);
    }

    /// The same without a replay cache: a call that comes again is executed again. For tables whose procedures may all
    /// be executed twice, such as those that only read.
    pub fn serve_without_replay_memory<S>(&mut self, table: &Table<S>, state: &mut S) {
        self.serve_with(&mut (), table, state);
    }

    fn serve_with<S, R: Replay>(&mut self, replay: &mut R, table: &Table<S>, state: &mut S) {
        self.unstick();
        // What comes meanwhile is not in the queue before the next turn, so this ends.
        while let Some((length, sender)) = self.receive() {
            let message = self.rx.get(..length).unwrap_or_default();
            let max = self.network.datagram_max(sender.endpoint).min(self.tx.len());
            let room = self.tx.get_mut(..max).unwrap_or_default();
            // The socket is not held: a procedure may call somebody over the same network.
            let peer = address(sender.endpoint);
            let Some(reply) = replay.answer(None, Some(&peer), table, state, message, room) else { continue };
            if let Some(reply) = self.tx.get(..reply) {
                // A queue that is full of replies, such as to somebody who does not exist, loses this one.
                self.network.udp(self.handle, |socket, _| socket.send_slice(reply, sender));
            }
        }
        self.queued = self.queue();
    }

    /// Bytes of the replies that wait to be sent.
    fn queue(&self) -> usize {
        self.network.udp(self.handle, |socket, _| socket.send_queue()).unwrap_or(0)
    }

    /// Drops the replies that wait when none has left for long.
    fn unstick(&mut self) {
        let (now, queue) = (self.network.now(), self.queue());
        if queue == 0 || queue < self.queued {
            self.stuck = None;
        }
        if queue > 0 && self.stuck.get_or_insert(now).after(STUCK) <= now {
            self.stuck = None;
            self.network.udp(self.handle, |socket, _| {
                socket.close();
                // The port is not 0 and the socket is closed, so this goes well.
                let _ = socket.bind(self.port);
            });
        }
    }

    /// Takes a datagram: how many of its bytes count, and where the reply goes.
    fn receive(&mut self) -> Option<(usize, UdpMetadata)> {
        let Self { network, handle, rx, .. } = self;
        network.udp(*handle, |socket, interface| {
            let (datagram, mut sender) = socket.recv().ok()?;
            let fits = datagram.len() <= rx.len();
            for (place, byte) in rx.iter_mut().zip(datagram) {
                *place = *byte;
            }
            // To a broadcast the reply comes from this machine's own address.
            sender.local_address = sender.local_address.filter(|address| interface.has_ip_addr(*address));
            Some((if fits { datagram.len() } else { BEGINNING.min(rx.len()) }, sender))
        })?
    }
}

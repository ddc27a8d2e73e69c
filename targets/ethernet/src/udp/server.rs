//! A UDP server.

use core::time::Duration;

use oncilla::message::CALL_HEADER;
use oncilla::{Clock, Replay, SharedReplay, Table, Time};
use smoltcp::iface::SocketHandle;
use smoltcp::phy::Device;
use smoltcp::socket::udp::UdpMetadata;

use crate::network::address;
use crate::{Network, UdpMemory};

/// Bytes of a call that are kept when it does not fit.
///
/// They are a truncated header, which is always refused with GARBAGE_ARGS.
const BEGINNING: usize = CALL_HEADER - 4;

/// How long replies may wait for the one before them, whose receiver's Ethernet address is requested once a second.
const STUCK: Duration = Duration::from_secs(3);

/// Serves a port on UDP. Each reply is sent to the caller's address, from the address that was called.
///
/// A reply that cannot be sent, because no machine has the address or the queue is full, is lost.
///
/// Replies are sent in the order in which they were made. If no machine responds at the address of the first, for
/// example a forged one, the others wait behind it. After three seconds all of them are dropped, with the calls that
/// arrived and were not read. So the replies of up to three seconds can be lost; their callers retransmit.
pub struct UdpServer<'n, 'a, D, C> {
    network: &'n Network<'a, D, C>,
    handle: SocketHandle,
    port: u16,
    rx: &'a mut [u8],
    tx: &'a mut [u8],
    /// Bytes of the replies that wait to be sent.
    queued: usize,
    /// Since when no waiting reply has been sent.
    stuck: Option<Time>,
}

impl<'n, 'a, D: Device, C: Clock> UdpServer<'n, 'a, D, C> {
    /// Receives on a port. Returns `None` if the port is 0 or the network has no room for a socket.
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

    /// Answers every call that has arrived, with a replay cache. Never waits.
    ///
    /// A repeated call is not executed again as long as its reply is in `replay`. Calls are repeated because they or
    /// their replies can be lost or duplicated.
    ///
    /// A call that is larger than the receive buffer but fits in the queue is refused with GARBAGE_ARGS. A procedure
    /// whose largest reply is larger than the transmit buffer or one frame (1472 bytes over IPv4) does not run and is
    /// refused with SYSTEM_ERR.
    pub fn serve_once<S, R: SharedReplay>(&mut self, replay: &mut R, table: &Table<S>, state: &mut S) {
        self.serve_with(replay, table, state);
    }

    /// Answers every call that has arrived, without a replay cache. Never waits.
    ///
    /// A repeated call is executed again. Use it for tables whose procedures may all be executed twice, such as those
    /// that only read. Limits are those of [`serve_once`](Self::serve_once).
    pub fn serve_without_replay_memory<S>(&mut self, table: &Table<S>, state: &mut S) {
        self.serve_with(&mut (), table, state);
    }

    fn serve_with<S, R: Replay>(&mut self, replay: &mut R, table: &Table<S>, state: &mut S) {
        self.unstick();
        // Calls that arrive meanwhile enter the queue in the next turn, so this loop ends.
        while let Some((length, sender)) = self.receive() {
            let message = self.rx.get(..length).unwrap_or_default();
            let max = self.network.datagram_max(sender.endpoint).min(self.tx.len());
            let room = self.tx.get_mut(..max).unwrap_or_default();
            // The socket is not borrowed, because a procedure may call a host over the same network.
            let peer = address(sender.endpoint);
            let Some(reply) = replay.answer(None, Some(&peer).into(), table, state, message, room) else { continue };
            if let Some(reply) = self.tx.get(..reply) {
                // If the queue is full, for example of replies to a missing host, this one is lost.
                self.network.udp(self.handle, |socket, _| socket.send_slice(reply, sender));
            }
        }
        self.queued = self.queue();
    }

    /// Returns the bytes of the replies that wait to be sent.
    fn queue(&self) -> usize {
        self.network.udp(self.handle, |socket, _| socket.send_queue()).unwrap_or(0)
    }

    /// Drops the waiting replies if none has been sent for too long.
    fn unstick(&mut self) {
        let (now, queue) = (self.network.now(), self.queue());
        if queue == 0 || queue < self.queued {
            self.stuck = None;
        }
        if queue > 0 && self.stuck.get_or_insert(now).after(STUCK) <= now {
            self.stuck = None;
            self.network.udp(self.handle, |socket, _| {
                socket.close();
                // This succeeds, because the port is not 0 and the socket is closed.
                let _ = socket.bind(self.port);
            });
        }
    }

    /// Receives a datagram: returns how many of its bytes count, and where to send the reply.
    fn receive(&mut self) -> Option<(usize, UdpMetadata)> {
        let Self { network, handle, rx, .. } = self;
        network.udp(*handle, |socket, interface| {
            let (datagram, mut sender) = socket.recv().ok()?;
            let fits = datagram.len() <= rx.len();
            for (place, byte) in rx.iter_mut().zip(datagram) {
                *place = *byte;
            }
            // The reply to a broadcast is sent from this machine's own address.
            sender.local_address = sender.local_address.filter(|address| interface.has_ip_addr(*address));
            Some((if fits { datagram.len() } else { BEGINNING.min(rx.len()) }, sender))
        })?
    }
}

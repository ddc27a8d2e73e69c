//! A TCP server.

use core::net::SocketAddr;
use core::ops::Range;
use core::time::Duration;

use oncilla::framing::{Framing, Progress, Record};
use oncilla::{Clock, Replay, SharedReplay, Table, Time};
use smoltcp::iface::SocketHandle;
use smoltcp::phy::Device;
use smoltcp::socket::tcp::{Socket, State};

use super::{Answer, Responder};
use crate::network::address;
use crate::{Network, TcpMemory};

/// How long to wait until the peer has been notified of the end of its connection.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves a port on TCP: one connection at a time, then the next.
///
/// Create one server for each simultaneous connection to a port. When all are occupied, further clients are refused,
/// unless [`make_room`](Self::make_room) is called.
///
/// A client that stalls in the middle of a call, or does not read its reply, is disconnected after the [message
/// time-out](Self::set_message_timeout). Others are served meanwhile, because each server has its own buffers. A
/// client that has vanished is detected after half a minute. A client that is silent may stay connected, unless there
/// is an [idle time-out](Self::set_idle_timeout).
pub struct TcpServer<'n, 'a, D, C> {
    network: &'n Network<'a, D, C>,
    handle: SocketHandle,
    port: u16,
    rx: &'a mut [u8],
    tx: &'a mut [u8],
    conversation: Conversation,
    message_timeout: Duration,
    idle_timeout: Option<Duration>,
    /// The number of the connection that a responder knows.
    known: Option<u32>,
}

/// The state of the present connection.
#[derive(Default)]
struct Conversation {
    /// Incremented for each connection.
    number: u32,
    framing: Record,
    /// The call in the receive buffer that is answered later.
    later: Option<Range<usize>>,
    /// The part of the transmit buffer that is not sent yet.
    unsent: Range<usize>,
    /// Since when a message has been in progress, or none.
    since: Option<Since>,
    /// By when to listen again if the peer cannot be notified. Set when this side has ended the connection.
    ended: Option<Time>,
}

#[derive(Clone, Copy)]
struct Since {
    busy: bool,
    time: Time,
}

/// Whether a server has a connection.
enum Occupied {
    /// It listens, or will when the last connection has ended.
    No,
    /// It has a connection that has been idle since this instant.
    Idle(Time),
    /// It has a connection with a message in progress.
    Busy,
}

/// What to do next on a connection.
enum Step {
    /// Answer the call at these bytes of the receive buffer.
    Call { start: usize, length: usize },
    /// Wait until something arrives, or until this instant.
    Wait(Time),
}

impl<'n, 'a, D: Device, C: Clock> TcpServer<'n, 'a, D, C> {
    /// Listens on a port.
    ///
    /// Returns `None` if the port is 0 or the network has no room for a socket. It does not compile with an `IN`
    /// below [`Record::BUFFER_MIN`](Framing::BUFFER_MIN), which is too small for any call.
    pub fn new<const IN: usize, const OUT: usize, const WINDOW: usize>(
        network: &'n Network<'a, D, C>,
        port: u16,
        memory: &'a mut TcpMemory<IN, OUT, WINDOW>,
    ) -> Option<Self> {
        const { assert!(IN >= <Record as Framing>::BUFFER_MIN, "the receive buffer is smaller than any call") }
        let (rx, tx, mut socket) = memory.socket();
        super::probe_silent_peers(&mut socket);
        socket.listen(port).ok()?;
        let handle = network.add(socket)?;
        let conversation = Conversation::default();
        let message_timeout = Duration::from_secs(10);
        Some(Self { network, handle, port, rx, tx, conversation, message_timeout, idle_timeout: None, known: None })
    }

    /// Sets how long a message may take, in either direction. Then the connection is ended. The default is ten
    /// seconds.
    pub fn set_message_timeout(&mut self, timeout: Duration) {
        self.message_timeout = timeout;
    }

    /// Sets how long a connection may be without a call. Then it is ended, which makes room for another.
    ///
    /// By default there is no limit.
    pub fn set_idle_timeout(&mut self, timeout: Option<Duration>) {
        self.idle_timeout = timeout;
    }

    /// Ends the connection that has been idle longest if all of `servers` are occupied.
    ///
    /// Then one of them listens for the next client. Without it, silent clients on all servers shut out every other
    /// client. `servers` are those of one port. Call it in each turn, after all of them have served.
    ///
    /// A connection is idle when all its calls are answered, the client has received the replies, and no byte of
    /// another call has arrived. So no call is lost: the client finds its connection reset when it calls again, and
    /// that call was not executed. Of `n` servers, `n` - 1 keep lasting connections. A single server's connection is
    /// not ended.
    pub fn make_room(servers: &mut [Self]) {
        let mut longest: Option<(Time, usize)> = None;
        for (index, server) in servers.iter().enumerate() {
            match server.occupied() {
                Occupied::No => return,
                Occupied::Idle(since) if longest.is_none_or(|(first, _)| since < first) => {
                    longest = Some((since, index))
                }
                Occupied::Idle(_) | Occupied::Busy => {}
            }
        }
        if servers.len() < 2 {
            return;
        }
        if let Some(server) = longest.and_then(|(_, index)| servers.get_mut(index)) {
            server.end();
        }
    }

    fn occupied(&self) -> Occupied {
        let look = |socket: &mut Socket<'_>| match self.conversation.since {
            _ if !socket.is_active() => Occupied::No,
            _ if self.conversation.later.is_some() => Occupied::Busy,
            Some(Since { busy: false, time }) if socket.state() == State::Established && socket.recv_queue() == 0 => {
                Occupied::Idle(time)
            }
            _ => Occupied::Busy,
        };
        self.network.tcp(self.handle, look).unwrap_or(Occupied::Busy)
    }

    fn end(&mut self) {
        let now = self.network.now();
        let Self { network, handle, port, conversation, .. } = self;
        let until = network.tcp(*handle, |socket| {
            socket.abort();
            conversation.begin(socket, *port, now)
        });
        if let Some(Step::Wait(until)) = until {
            network.wake_by(until);
        }
    }

    /// Answers every call that has arrived. Never waits.
    ///
    /// A call that is larger than the receive buffer is refused with GARBAGE_ARGS. A procedure whose largest reply is
    /// larger than the transmit buffer does not run and is refused with SYSTEM_ERR. The buffer needs
    /// [`Table::reply_max`] bytes and 4 for the record mark.
    pub fn serve<S>(&mut self, table: &Table<S>, state: &mut S) {
        self.serve_with(&mut (), table, state);
    }

    /// Answers every call that has arrived, with a replay cache. Never waits.
    ///
    /// A call that is repeated from the same port, perhaps on another connection, is not executed again. Limits are
    /// those of [`serve`](Self::serve).
    pub fn serve_once<S, R: SharedReplay>(&mut self, replay: &mut R, table: &Table<S>, state: &mut S) {
        self.serve_with(replay, table, state);
    }

    fn serve_with<S, R: Replay>(&mut self, replay: &mut R, table: &Table<S>, state: &mut S) {
        self.answer_all(|peer, message, room| {
            let reply = replay.answer(None, peer.as_ref().into(), table, state, message, room);
            reply.map_or(Answer::Silent, Answer::Reply)
        });
    }

    /// Answers every call that has arrived by a [`Responder`], which may answer later. Never waits.
    ///
    /// Use it for procedures that wait, while others are served. Once a server has a responder, pass it in each turn.
    ///
    /// A call that is larger than the receive buffer is passed to the responder with its first bytes only. While a call
    /// is answered later, no further call of its connection is received; a client that ends the connection meanwhile
    /// gets no reply.
    pub fn serve_by(&mut self, responder: &mut impl Responder) {
        self.note_connection(responder);
        self.answer_all(|_, message, room| responder.answer(message, room));
        self.note_connection(responder);
    }

    /// Tells a responder of the beginning and end of connections.
    fn note_connection(&mut self, responder: &mut impl Responder) {
        let peer = |socket: &mut Socket<'_>| (socket.is_active(), socket.remote_endpoint().map(address));
        let (is_active, peer) = self.network.tcp(self.handle, peer).unwrap_or_default();
        let present = is_active.then_some(self.conversation.number);
        if self.known.is_some() && self.known != present {
            responder.closed();
            self.known = None;
        }
        if self.known.is_none() && present.is_some() {
            responder.opened(peer);
            self.known = present;
        }
    }

    fn answer_all(&mut self, mut answer: impl FnMut(Option<SocketAddr>, &[u8], &mut [u8]) -> Answer) {
        let connection = self.conversation.number;
        loop {
            // Read in each round, because a procedure may take long.
            let now = self.network.now();
            let peer = self.network.tcp(self.handle, |socket| socket.remote_endpoint().map(address)).flatten();
            match self.look(now) {
                // The next connection is served in the next turn.
                Step::Call { .. } if self.conversation.number != connection => return self.network.wake_by(now),
                Step::Call { start, length } => {
                    let message = self.rx.get(start..).and_then(|rest| rest.get(..length)).unwrap_or_default();
                    // The socket is not borrowed, because a procedure may call a host over the same network.
                    let length = match answer(peer, message, Record::room(self.tx)) {
                        Answer::Reply(length) => Some(length),
                        Answer::Silent => None,
                        Answer::Later(until) => {
                            self.conversation.later = Some(start..start.wrapping_add(message.len()));
                            return self.network.wake_by(until);
                        }
                    };
                    let frame = length.and_then(|length| Record::seal(self.tx, length));
                    self.conversation.unsent = 0..frame.map_or(0, <[u8]>::len);
                }
                Step::Wait(until) => return self.network.wake_by(until),
            }
        }
    }

    /// Sends and receives as much as possible, until there is a call.
    fn look(&mut self, now: Time) -> Step {
        let Self { network, handle, port, rx, tx, conversation, message_timeout, idle_timeout, .. } = self;
        let look = |socket: &mut Socket<'_>| {
            if !socket.is_open() || socket.state() == State::TimeWait {
                return conversation.begin(socket, *port, now);
            }
            if socket.is_listening() {
                // There is no client that could be idle.
                conversation.since = None;
                return Step::Wait(Time::NEVER);
            }
            if let Some(call) = conversation.later.take() {
                if socket.state() == State::CloseWait {
                    // The client does not wait for the reply.
                    socket.abort();
                    return conversation.begin(socket, *port, now);
                }
                return Step::Call { start: call.start, length: call.len() };
            }
            let step = conversation.exchange(socket, rx, tx);
            if let Some(call) = step {
                conversation.since = None;
                return call;
            }
            let busy = conversation.is_busy(socket);
            let timeout = if busy { Some(*message_timeout) } else { *idle_timeout };
            let since = conversation.since(busy, now);
            let deadline = timeout.map_or(Time::NEVER, |timeout| since.after(timeout));
            if socket.is_active() && deadline <= now {
                socket.abort();
                return conversation.begin(socket, *port, now);
            }
            Step::Wait(deadline)
        };
        // Without a socket there is never anything to do.
        network.tcp(*handle, look).unwrap_or(Step::Wait(Time::NEVER))
    }
}

impl Conversation {
    /// Listens for the next connection once the peer has been notified of the end of the last.
    fn begin(&mut self, socket: &mut Socket<'_>, port: u16, now: Time) -> Step {
        let told_by = *self.ended.get_or_insert(now.after(FAREWELL));
        if socket.state() == State::Closed && socket.remote_endpoint().is_some() && now < told_by {
            return Step::Wait(told_by);
        }
        socket.abort();
        // This succeeds, because the port is not 0 and the socket is closed.
        let _ = socket.listen(port);
        *self = Self { number: self.number.wrapping_add(1), ..Self::default() };
        Step::Wait(Time::NEVER)
    }

    /// Returns whether a message, or the end of the connection, is in progress.
    fn is_busy(&self, socket: &Socket<'_>) -> bool {
        let leaving = !self.unsent.is_empty() || socket.send_queue() > 0 || socket.state() == State::LastAck;
        leaving || self.framing.is_amid()
    }

    /// Returns since when the connection has been `busy`, or not.
    fn since(&mut self, busy: bool, now: Time) -> Time {
        match self.since {
            Some(since) if since.busy == busy => since.time,
            _ => self.since.insert(Since { busy, time: now }).time,
        }
    }

    /// Sends the rest of a reply, then receives, until there is a call or nothing more can be done.
    fn exchange(&mut self, socket: &mut Socket<'_>, rx: &mut [u8], tx: &[u8]) -> Option<Step> {
        loop {
            // No call is received before the last reply was sent, so a client that does not read is not served.
            while let Some(unsent) = tx.get(self.unsent.clone()).filter(|unsent| !unsent.is_empty()) {
                match socket.send_slice(unsent) {
                    Ok(sent) if sent > 0 => self.unsent.start = self.unsent.start.wrapping_add(sent),
                    _ => return None,
                }
            }
            match self.framing.next(rx) {
                // The beginning of a call that is too large was kept, and is refused with GARBAGE_ARGS.
                Progress::Message { start, length } | Progress::Oversize { start, length, .. } => {
                    return Some(Step::Call { start, length });
                }
                Progress::More => {}
                // There is nothing between records.
                Progress::Text { .. } | Progress::Dropped { .. } => continue,
            }
            let window = self.framing.window(rx);
            match socket.recv_slice(window) {
                Ok(received) if received > 0 => self.framing.filled(received),
                _ => {
                    if socket.state() == State::CloseWait {
                        // All calls of the client have been answered.
                        socket.close();
                    }
                    return None;
                }
            }
        }
    }
}

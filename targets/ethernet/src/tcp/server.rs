//! Calls on a connection.

use core::ops::Range;
use core::time::Duration;

use oncilla::framing::{Framing, Progress, Record};
use oncilla::{Clock, Replay, SharedReplay, Table, Time};
use smoltcp::iface::SocketHandle;
use smoltcp::phy::Device;
use smoltcp::socket::tcp::{Socket, State};

use crate::network::address;
use crate::{Network, TcpMemory};

/// How long it may take to tell the other end that its connection was ended.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves a port on TCP: one connection at a time, and when that ends the next. As many servers on one port are as
/// many connections at a time; who comes when all are taken is refused, unless [`make_room`](Self::make_room) is called.
///
/// A client that stalls in the middle of a call, or does not read its reply, is waited for until the
/// [message time-out](Self::set_message_timeout), while others are served: each server has buffers of its own. One that
/// has vanished is noticed after half a minute. One that is there and says nothing may stay, unless there is an
/// [idle time-out](Self::set_idle_timeout).
pub struct TcpServer<'n, 'a, D, C> {
    network: &'n Network<'a, D, C>,
    handle: SocketHandle,
    port: u16,
    rx: &'a mut [u8],
    tx: &'a mut [u8],
    conversation: Conversation,
    message_timeout: Duration,
    idle_timeout: Option<Duration>,
}

/// What is known of the present connection.
#[derive(Default)]
struct Conversation {
    framing: Record,
    /// The part of the transmit buffer that is still to be sent.
    unsent: Range<usize>,
    /// Since when it has been as it is: amid a message, or without one.
    since: Option<Since>,
    /// It was ended from here, and the other end is to be told.
    ended: Option<Time>,
}

#[derive(Clone, Copy)]
struct Since {
    busy: bool,
    time: Time,
}

/// Whether a server has a connection.
enum Occupied {
    /// It listens, or will when the end of the last is over.
    No,
    /// It has one that is idle since this instant.
    Idle(Time),
    /// It has one on which something is under way.
    Busy,
}

/// What a look at the connection came to.
enum Step {
    /// A call is at these bytes of the receive buffer.
    Call { start: usize, length: usize },
    /// Nothing to do until something comes, or until this instant.
    Wait(Time),
}

impl<'n, 'a, D: Device, C: Clock> TcpServer<'n, 'a, D, C> {
    /// Listens on a port. `None` when the port is 0 or the network has no room for a socket. With an `IN` below
    /// [`Record::BUFFER_MIN`](Framing::BUFFER_MIN), which no call would fit in, it does not compile.
    pub fn new<const IN: usize, const OUT: usize, const WINDOW: usize>(
        network: &'n Network<'a, D, C>,
        port: u16,
        memory: &'a mut TcpMemory<IN, OUT, WINDOW>,
    ) -> Option<Self> {
        const { assert!(IN >= <Record as Framing>::BUFFER_MIN, "a receive buffer this small takes no call") }
        let (rx, tx, mut socket) = memory.socket();
        super::expect_signs_of_life(&mut socket);
        socket.listen(port).ok()?;
        let handle = network.add(socket)?;
        let conversation = Conversation::default();
        let message_timeout = Duration::from_secs(10);
        Some(Self { network, handle, port, rx, tx, conversation, message_timeout, idle_timeout: None })
    }

    /// How long a message may be on its way, in or out, ten seconds at first. Then the connection is ended.
    pub fn set_message_timeout(&mut self, timeout: Duration) {
        self.message_timeout = timeout;
    }

    /// How long a connection may be without a call, for ever at first. Then it is ended, which makes room for another.
    pub fn set_idle_timeout(&mut self, timeout: Option<Duration>) {
        self.idle_timeout = timeout;
    }

    /// Ends the connection that has been idle longest when all of `servers`, which serve one port, have one: so that one of
    /// them listens for who comes next. Without it, as many silent clients as there are servers shut everyone else out. To be
    /// called in each turn, after all of them have served.
    ///
    /// A connection is idle when every call on it is answered, the client has received the replies, and no byte of another
    /// call has come; none that came is lost. A client whose connection was ended finds it reset when it calls again, and
    /// that call was not executed. Of `n` servers, `n` - 1 have lasting connections; of one alone nothing is ended.
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

    /// Answers every call that has come, and never waits.
    ///
    /// A call that the receive buffer cannot hold is answered with GARBAGE_ARGS. A procedure whose largest reply the
    /// transmit buffer cannot hold is not run and answered with SYSTEM_ERR: give it [`Table::reply_max`] bytes and a mark.
    pub fn serve<S>(&mut self, table: &Table<S>, state: &mut S) {
        self.serve_with(&mut (), table, state);
    }

    /// The same with a replay cache: a call that comes again from the same port, perhaps on another connection, is not
    /// executed again.
    pub fn serve_once<S, R: SharedReplay>(&mut self, replay: &mut R, table: &Table<S>, state: &mut S) {
        self.serve_with(replay, table, state);
    }

    fn serve_with<S, R: Replay>(&mut self, replay: &mut R, table: &Table<S>, state: &mut S) {
        loop {
            // Anew in each round: a procedure may take long.
            let now = self.network.now();
            let peer = self.network.tcp(self.handle, |socket| socket.remote_endpoint().map(address)).flatten();
            match self.look(now) {
                Step::Call { start, length } => {
                    let message = self.rx.get(start..).and_then(|rest| rest.get(..length)).unwrap_or_default();
                    // The socket is not held: a procedure may call somebody over the same network.
                    let reply = replay.answer(None, peer.as_ref(), table, state, message, Record::room(self.tx));
                    let frame = reply.and_then(|length| Record::seal(self.tx, length));
                    self.conversation.unsent = 0..frame.map_or(0, <[u8]>::len);
                }
                Step::Wait(until) => return self.network.wake_by(until),
            }
        }
    }

    /// Sends and receives what can be, until there is a call.
    fn look(&mut self, now: Time) -> Step {
        let Self { network, handle, port, rx, tx, conversation, message_timeout, idle_timeout } = self;
        let look = |socket: &mut Socket<'_>| {
            if !socket.is_open() || socket.state() == State::TimeWait {
                return conversation.begin(socket, *port, now);
            }
            if socket.is_listening() {
                // Nobody is there who could be idle.
                conversation.since = None;
                return Step::Wait(Time::NEVER);
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
        // Without its socket it never has anything to do.
        network.tcp(*handle, look).unwrap_or(Step::Wait(Time::NEVER))
    }
}

impl Conversation {
    /// Listens for the next connection once the other end has been told of the end of the last.
    fn begin(&mut self, socket: &mut Socket<'_>, port: u16, now: Time) -> Step {
        let told_by = *self.ended.get_or_insert(now.after(FAREWELL));
        if socket.state() == State::Closed && socket.remote_endpoint().is_some() && now < told_by {
            return Step::Wait(told_by);
        }
        socket.abort();
        // The port is not 0 and the socket is closed, so this goes well.
        let _ = socket.listen(port);
        *self = Self::default();
        Step::Wait(Time::NEVER)
    }

    /// Whether a message is on its way, or the end of the connection.
    fn is_busy(&self, socket: &Socket<'_>) -> bool {
        let leaving = !self.unsent.is_empty() || socket.send_queue() > 0 || socket.state() == State::LastAck;
        leaving || self.framing.is_amid()
    }

    /// Since when it has been so.
    fn since(&mut self, busy: bool, now: Time) -> Time {
        match self.since {
            Some(since) if since.busy == busy => since.time,
            _ => self.since.insert(Since { busy, time: now }).time,
        }
    }

    /// Sends what is left of a reply, then receives, until there is a call or nothing more can be done.
    fn exchange(&mut self, socket: &mut Socket<'_>, rx: &mut [u8], tx: &[u8]) -> Option<Step> {
        loop {
            // No call is taken before the reply to the last has left, so who does not read is not served.
            while let Some(unsent) = tx.get(self.unsent.clone()).filter(|unsent| !unsent.is_empty()) {
                match socket.send_slice(unsent) {
                    Ok(sent) if sent > 0 => self.unsent.start = self.unsent.start.wrapping_add(sent),
                    _ => return None,
                }
            }
            match self.framing.next(rx) {
                // Of a call that is too large the beginning was kept, which is refused with GARBAGE_ARGS.
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
                        // All that the client had to say has been answered.
                        socket.close();
                    }
                    return None;
                }
            }
        }
    }
}

//! The server: from the bytes of a call to the bytes of a reply, or to "later".

mod interrupt;
mod links;
mod procedures;
mod turn;

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use heapless::Vec;
use oncilla::message::{CALL_HEADER, REPLY_HEADER};
use oncilla::{Time, answer_by};

use crate::{ErrorCode, Instrument, Link};
use interrupt::Interrupt;
pub use interrupt::InterruptChannel;
use links::{OpenLink, Wait};
pub(crate) use turn::Channel;
use turn::Turn;

/// What a server tells its clients, and how it waits.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    abort_port: u16,
    receive_max: u32,
    poll: Duration,
    links_per_connection: usize,
}

impl Settings {
    /// Creates settings: the TCP port of the abort channel, and the largest number of bytes in one `device_write`.
    ///
    /// The receive buffer of a connection has room for [`call_max`] of that number. The specification demands at least
    /// 1024 (rule B.6.3); common clients also work with less.
    #[must_use]
    pub const fn new(abort_port: u16, receive_max: u32) -> Self {
        Self { abort_port, receive_max, poll: Duration::from_millis(1), links_per_connection: usize::MAX }
    }

    /// Sets how often an instrument is asked again that has not finished yet. The default is each millisecond.
    #[must_use]
    pub const fn poll(self, poll: Duration) -> Self {
        Self { poll, ..self }
    }

    /// Sets the most links of one connection; another is error 9. By default only the server's `LINKS` limits them.
    #[must_use]
    pub const fn links_per_connection(self, links: usize) -> Self {
        Self { links_per_connection: links, ..self }
    }
}

/// Returns the size of the largest call with `data` bytes to write, without framing and credentials.
#[must_use]
pub const fn call_max(data: usize) -> usize {
    CALL_HEADER + 20 + data.next_multiple_of(4)
}

/// Returns the size of a reply with `data` bytes that were read, without framing.
#[must_use]
pub const fn reply_max(data: usize) -> usize {
    REPLY_HEADER + 12 + data.next_multiple_of(4)
}

/// How a call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The reply has this many bytes, at the start of the buffer.
    Reply(usize),
    /// There is no reply.
    Silent,
    /// Not yet. Pass the same call with the same buffers again, by this instant or whenever something has happened.
    Later(Time),
}

/// A server of one instrument, for `LINKS` links on `CONNECTIONS` connections of the core channel.
///
/// It has no sockets: a carrier passes each call with the number of its connection, sends the reply, and asks again
/// when the answer is [`Answer::Later`]. So a call that waits, for data or for a lock, holds up nobody but the
/// connection that it came on. Calls of one connection are passed one after another, in their order (rule B.2.2).
///
/// What a client leaves behind is freed when its connection is [closed](Self::closed) (rule B.4.5).
#[derive(Debug)]
pub struct Server<I, const LINKS: usize, const CONNECTIONS: usize> {
    instrument: I,
    settings: Settings,
    links: [Option<OpenLink>; LINKS],
    connections: [Connection; CONNECTIONS],
    /// The link that has locked the device.
    lock: Option<Link>,
    /// Incremented for each link, so that the number of a link is not used again soon.
    serial: u32,
    /// Whether the instrument requested service when it was asked last.
    wanted: bool,
}

/// The state of a connection of the core channel.
#[derive(Debug, Default)]
struct Connection {
    /// The address of the client, unless the carrier does not know it.
    peer: Option<SocketAddr>,
    /// The call that was not done yet.
    wait: Option<Wait>,
    interrupt: Option<Interrupt>,
}

impl<I: Instrument, const LINKS: usize, const CONNECTIONS: usize> Server<I, LINKS, CONNECTIONS> {
    /// Creates a server without links.
    #[must_use]
    pub const fn new(instrument: I, settings: Settings) -> Self {
        const { assert!(LINKS > 0 && LINKS <= 256, "a server has 1 to 256 links") }
        Self {
            instrument,
            settings,
            links: [const { None }; LINKS],
            connections: [const { Connection { peer: None, wait: None, interrupt: None } }; CONNECTIONS],
            lock: None,
            serial: 0,
            wanted: false,
        }
    }

    /// Returns the instrument.
    pub const fn instrument(&mut self) -> &mut I {
        &mut self.instrument
    }

    /// Returns the number of open links.
    #[must_use]
    pub fn open_links(&self) -> usize {
        self.links.iter().flatten().count()
    }

    /// Notes that a client has connected to the core channel. `connection` is below `CONNECTIONS`.
    ///
    /// Aborting and service requests are bound to the address of the client. Without an address, any client may abort,
    /// and there are no service requests.
    pub fn opened(&mut self, connection: usize, peer: Option<SocketAddr>) {
        self.closed(connection);
        if let Some(connection) = self.connections.get_mut(connection) {
            connection.peer = peer;
        }
    }

    /// Notes that a connection has ended: frees its links, its lock and its interrupt channel, and drops its call.
    pub fn closed(&mut self, connection: usize) {
        let Some(gone) = self.connections.get_mut(connection) else { return };
        let wait = core::mem::take(gone).wait;
        if let Some(link) = wait.and_then(|wait| wait.in_progress()) {
            self.instrument.given_up(link, ErrorCode::ABORTED);
        }
        for place in 0..LINKS {
            if self.links.get(place).is_some_and(|link| link.as_ref().is_some_and(|link| link.is_on(connection))) {
                self.close_link(place);
            }
        }
    }

    /// Answers a call on a connection of the core channel.
    ///
    /// `reply` has at least 64 bytes. Its size limits how much one `device_read` returns ([`reply_max`]).
    pub fn call(&mut self, now: Time, connection: usize, call: &[u8], reply: &mut [u8]) -> Answer {
        let until = self.settings.poll;
        match self.turn(now, Channel::Core(connection), call, reply) {
            (_, Some(deadline)) => Answer::Later(deadline.min(now.after(until))),
            (length, None) => {
                if let Some(connection) = self.connections.get_mut(connection) {
                    connection.wait = None;
                }
                length.map_or(Answer::Silent, Answer::Reply)
            }
        }
    }

    /// Answers a call on the abort channel; returns the size of the reply.
    ///
    /// `peer` is the address of the client. It may abort calls of links that were opened from the same address. Then
    /// ask all calls again that were to be answered later.
    pub fn abort(&mut self, now: Time, peer: Option<IpAddr>, call: &[u8], reply: &mut [u8]) -> Option<usize> {
        self.turn(now, Channel::Abort(peer), call, reply).0
    }

    fn turn(&mut self, now: Time, channel: Channel, call: &[u8], reply: &mut [u8]) -> (Option<usize>, Option<Time>) {
        self.instrument.tick(now);
        let mut turn = Turn { server: self, channel, now, until: None };
        let (length, _) = answer_by(&mut (), None, &mut turn, call, reply);
        let until = turn.until;
        self.note_service();
        (length, until)
    }

    /// Executes a call that was parsed already. Returns how it ended, or until when it waits.
    #[cfg(feature = "host")]
    pub(crate) fn execute(
        &mut self,
        now: Time,
        channel: Channel,
        call: &oncilla::message::Call<'_>,
        results: &mut [u8],
    ) -> (oncilla::Handled, Option<Time>) {
        use oncilla::Handler;
        self.instrument.tick(now);
        let mut turn = Turn { server: self, channel, now, until: None };
        let handled = turn.handle(call, results);
        let until = turn.until.map(|deadline| deadline.min(now.after(self.settings.poll)));
        self.note_service();
        if let (Channel::Core(connection), None) = (channel, until)
            && let Some(connection) = self.connections.get_mut(connection)
        {
            connection.wait = None;
        }
        (handled, until)
    }

    /// Lets the time-outs of the call that waits on a connection end now.
    #[cfg(feature = "host")]
    pub(crate) fn end_wait(&mut self, now: Time, connection: usize) {
        let connection = self.connections.get_mut(connection);
        if let Some(wait) = connection.and_then(|connection| connection.wait.as_mut()) {
            wait.lock_until = now;
            wait.io_until = wait.io_until.and(Some(now));
        }
    }

    /// Lets the instrument do what is due, and notes whether it requests service. Call it in each turn.
    pub fn tick(&mut self, now: Time) {
        self.instrument.tick(now);
        self.note_service();
    }
}

/// The handle that a service request returns to the client.
type Handle = Vec<u8, 40>;

//! The memory of an instrument.

use oncilla::framing::{Datagram, Record};
use oncilla_ethernet::{Sockets, TcpMemory, UdpMemory};
use oncilla_vxi11::{call_max, reply_max};

use super::{DIRECTORY, channels::Server};

/// Simultaneous connections to the core channel.
pub const CONNECTIONS: usize = 4;

/// Links of all clients.
pub const LINKS: usize = 6;

/// Bytes of the largest write and of the largest response to one read. Rule B.6.3 requires 1024.
pub const WRITE_MAX: usize = 1024;

/// Bytes of a credential of AUTH_SYS with a long name, which some clients send.
const CREDENTIAL: usize = 128;

const CALL: usize = Record::buffer(call_max(WRITE_MAX) + CREDENTIAL);
const REPLY: usize = Record::buffer(reply_max(WRITE_MAX));

/// Bytes of the largest call of an abort channel, which has one word, and of the room that the server needs to reply.
const ABORT: usize = Record::buffer(call_max(0) + CREDENTIAL);
const ABORTED: usize = Record::buffer(64);

/// Bytes of the largest call to the port mapper and of its reply.
const FIND: usize = 256;
const FOUND: usize = DIRECTORY.reply_max();

/// Bytes of the largest service request.
pub const REQUEST: usize = 88;

/// Bytes that smoltcp keeps of a connection, in each direction.
const WINDOW: usize = 512;
const SMALL_WINDOW: usize = 256;

/// Datagrams that can wait.
const QUEUE: usize = 2;

/// The sockets: a service request channel for each connection, two abort channels, and the port mapper.
const SOCKETS: usize = 2 * CONNECTIONS + 2 + 2 + 1 + 1;

/// The memory of an instrument, for a `static`.
pub struct InstrumentMemory {
    pub(super) sockets: Sockets<'static, SOCKETS>,
    pub(super) core: [TcpMemory<CALL, REPLY, WINDOW>; CONNECTIONS],
    pub(super) aborts: [TcpMemory<ABORT, ABORTED, SMALL_WINDOW>; 2],
    pub(super) finders: [TcpMemory<{ Record::buffer(FIND) }, { Record::buffer(FOUND) }, SMALL_WINDOW>; 2],
    pub(super) finds: UdpMemory<{ Datagram::buffer(FIND) }, { Datagram::buffer(FOUND) }, QUEUE>,
    pub(super) requests: [TcpMemory<0, 0, SMALL_WINDOW>; CONNECTIONS],
    pub(super) datagrams: UdpMemory<64, REQUEST, QUEUE>,
    pub(super) server: Late,
}

/// The server, which is made at run time. It is zero before, so that the memory takes no flash.
#[repr(u8)]
#[expect(clippy::large_enum_variant, reason = "it is one value, in a static")]
pub enum Late {
    // Without `repr(u8)` the compiler would represent `Not` by a value of the server that is not zero.
    Not = 0,
    Made(Server) = 1,
}

impl Late {
    pub fn make(&mut self, server: Server) -> Option<&mut Server> {
        *self = Self::Made(server);
        match self {
            Self::Made(server) => Some(server),
            Self::Not => None,
        }
    }
}

impl InstrumentMemory {
    /// Creates empty memory.
    #[expect(clippy::new_without_default, reason = "memory is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            sockets: Sockets::new(),
            core: [const { TcpMemory::new() }; CONNECTIONS],
            aborts: [const { TcpMemory::new() }; 2],
            finders: [const { TcpMemory::new() }; 2],
            finds: UdpMemory::new(),
            requests: [const { TcpMemory::new() }; CONNECTIONS],
            datagrams: UdpMemory::new(),
            server: Late::Not,
        }
    }
}

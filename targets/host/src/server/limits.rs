//! The limits of a server.

use std::time::Duration;

use super::Server;
use crate::Error;

/// The bytes of the largest replay cache.
const REPLAY_BYTES: usize = 1 << 30;

/// The limits that a server is made with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) connections: usize,
    pub(super) call_max: usize,
    pub(super) reply_max: usize,
    /// Bytes by which the buffers of all connections together may grow.
    pub(super) memory: usize,
    pub(super) message_timeout: Duration,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) stop_limit: Duration,
    /// The number of replies that the replay cache for UDP holds.
    pub(super) datagram_replies: usize,
    /// The number of replies that the replay cache for connections holds.
    pub(super) connection_replies: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            call_max: 1 << 16,
            reply_max: usize::MAX,
            memory: usize::MAX,
            message_timeout: Duration::from_secs(10),
            idle_timeout: None,
            stop_limit: Duration::from_secs(1),
            datagram_replies: 64,
            connection_replies: 0,
        }
    }
}

impl Limits {
    /// Refuses sizes whose memory no machine has. A replay cache stores replies of at most `remembered` bytes.
    pub(super) fn check(&self, remembered: usize) -> Result<(), Error> {
        let sizes = [
            ("connections", self.connections, 1 << 20),
            ("call_max", self.call_max, 1 << 30),
            ("replay_memory", self.datagram_replies, 1 << 20),
            ("connection_replay_memory", self.connection_replies, REPLAY_BYTES / remembered.max(1 << 10)),
        ];
        match sizes.into_iter().find(|&(_, size, largest)| size > largest) {
            Some((what, size, largest)) => Err(Error::Size { what, size, largest }),
            None => Ok(()),
        }
    }
}

impl Server {
    /// Serves at most `limit` connections at a time, on all addresses together. The default is 64.
    ///
    /// The process needs one file more than that. When all slots are taken, a new connection replaces another one, which
    /// is closed. The first of these that exists gives way:
    ///
    /// 1. If strangers have an eighth of the slots, or one of fewer than 16: the stranger that has waited longest. A
    ///    stranger is a connection on which no whole call has arrived yet. Parts of messages do not count. Where TLS is
    ///    required, calls in the clear do not count either, but a client certificate does.
    /// 2. The connection that has been idle longest: all calls received on it are answered, the client has read the
    ///    replies, and no byte of another call has arrived.
    /// 3. The stranger that has waited longest.
    /// 4. The connection whose client has sent a call, or read a reply, for the longest time, if that is more than a tenth
    ///    of the [message time-out](Self::message_timeout).
    ///
    /// So strangers that send parts of messages keep nobody out, and leave most slots to clients that call. No call that
    /// was received is lost. When the client of the closed connection calls again, its call fails with
    /// [`CallError::Closed`](oncilla::CallError::Closed) or a reset, and was not executed. When no connection can give
    /// way, the new one is closed.
    #[must_use]
    pub const fn connections(mut self, limit: usize) -> Self {
        self.limits.connections = limit;
        self
    }

    /// Accepts calls of at most `bytes` bytes, without credentials and framing. The default is 65 536.
    ///
    /// Use the largest `CALL_MAX` of the programs served. A longer call is refused with GARBAGE_ARGS.
    #[must_use]
    pub const fn call_max(mut self, bytes: usize) -> Self {
        self.limits.call_max = bytes;
        self
    }

    /// Sends replies of at most `bytes` bytes, without framing. The default is the largest reply of the table.
    ///
    /// A procedure whose largest reply is longer is not executed: its calls are refused with SYSTEM_ERR. Values below 32,
    /// the size of the largest refusal, count as 32.
    #[must_use]
    pub const fn reply_max(mut self, bytes: usize) -> Self {
        self.limits.reply_max = bytes;
        self
    }

    /// Limits the growth of the buffers of all connections together, in bytes.
    ///
    /// The 2 KiB that each idle connection takes do not count. By default only each connection is limited: `call_max` and
    /// `reply_max`, times the number of [connections](Self::connections). When the memory is used up, the grown buffers of
    /// idle connections shrink. If that is not enough, a call that does not fit is refused with SYSTEM_ERR and not
    /// executed.
    #[must_use]
    pub const fn buffer_memory(mut self, bytes: usize) -> Self {
        self.limits.memory = bytes;
        self
    }

    /// Closes a connection on which one message takes longer than `timeout`. The default is ten seconds.
    ///
    /// The time of a call is from its first byte to its last. The time of a reply is until the client has read it.
    /// Between messages, connections stay open until the [idle time-out](Self::idle_timeout). TCP keep-alive probes an
    /// idle connection every minute; if the client's machine is gone, the connection is closed.
    #[must_use]
    pub const fn message_timeout(mut self, timeout: Duration) -> Self {
        self.limits.message_timeout = timeout;
        self
    }

    /// Closes a connection that has no call for longer than `timeout`. The default `None` sets no limit.
    ///
    /// The time is measured from the beginning of the connection or from its last reply. Without a limit, an idle
    /// connection is closed only when [another client needs its slot](Self::connections).
    #[must_use]
    pub const fn idle_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.limits.idle_timeout = timeout;
        self
    }

    /// Remembers at most `replies` replies on UDP in a replay cache. The default is 64.
    ///
    /// Each reply takes [`Table::remembered_max`](oncilla::Table::remembered_max) + 48 bytes, limited to a datagram.
    ///
    /// A call that a client retransmits is answered from the cache and not executed again. NULL and procedures marked
    /// idempotent are not remembered. Each IP address has a share of the slots
    /// ([`SharedReplayCache`](oncilla::SharedReplayCache)). Use at least as many slots as calls can be in flight at
    /// once, from all clients together.
    #[must_use]
    pub const fn replay_memory(mut self, replies: usize) -> Self {
        self.limits.datagram_replies = replies;
        self
    }

    /// Remembers no replies on UDP. For programs whose procedures may all be executed twice.
    ///
    /// Without a replay cache, a call that a client retransmits is executed again. A client retransmits when a datagram
    /// was lost, or when the procedure takes longer than the client waits.
    #[must_use]
    pub const fn without_replay_memory(self) -> Self {
        self.replay_memory(0)
    }

    /// Remembers at most `replies` replies on connections in a replay cache. The default is 0: none.
    ///
    /// For clients that lose their connection in a call, connect again and repeat the call: with the same xid and the
    /// same bytes, from the same IP address and any port. The call is answered from the cache and not executed again.
    /// If it still runs in a [worker](Self::serve_with_workers), it is answered when that has ended. NULL and
    /// procedures marked idempotent are not remembered.
    ///
    /// Each IP address has a share of the slots; all clients on Unix sockets are one address. Each reply takes at most
    /// [`Table::remembered_max`](oncilla::Table::remembered_max) + 48 bytes, and all together 1 GiB. Use at least as
    /// many slots as clients can call at once, and not many more: each call searches the slots one after another.
    ///
    /// ```
    /// # oncilla::program! { pub mod door = 0x2000_0001, version 1 { fn open() -> u32 = 1; } }
    /// # struct Door;
    /// # impl door::Service for Door { fn open(&mut self) -> u32 { 7 } }
    /// # static TABLE: oncilla::Table<Door> = oncilla::table![door::program()];
    /// // 256 replies of at most 32 bytes take 20 kB.
    /// let server = oncilla_host::Server::new()?.tcp("127.0.0.1:0")?.connection_replay_memory(256);
    /// assert_eq!(256 * (TABLE.remembered_max() + 48), 20_480);
    /// # Ok::<(), oncilla_host::Error>(())
    /// ```
    #[must_use]
    pub const fn connection_replay_memory(mut self, replies: usize) -> Self {
        self.limits.connection_replies = replies;
        self
    }

    /// Sets the time that a stop may take in addition to the running procedures. The default is one second.
    ///
    /// See [`serve`](Self::serve). [`Stopper::stop_within`](crate::Stopper::stop_within) sets another for one stop.
    #[must_use]
    pub const fn stop_limit(mut self, limit: Duration) -> Self {
        self.limits.stop_limit = limit;
        self
    }
}

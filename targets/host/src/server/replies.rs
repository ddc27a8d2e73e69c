//! What is remembered of the calls on UDP.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use oncilla::{SharedReplayMemory, Table};

/// As many as such a memory can have.
const REPLIES_MAX: usize = 65_534;

/// Procedures that run at least as long are slow: no client may repeat its calls more often.
const SLOW: Duration = Duration::from_millis(1);

/// Calls of slow procedures that are known at a time.
const SLOW_CALLS: usize = 256;

/// How long they are known at most. A client whose reply was lost must not wait for ever because others call without a pause.
const KNOWN: Duration = Duration::from_secs(1);

/// The replay cache, made when a table is served first. It stays when serving ends, for what comes again later.
pub(super) struct Replies(Option<SharedReplayMemory<Box<[u8]>>>);

impl Replies {
    pub(super) const NONE: Self = Self(None);

    /// The memory of so many replies to a table, at most as large as a datagram; `None` when there are to be none.
    pub(super) fn of<S>(
        &mut self,
        replies: usize,
        table: &Table<S>,
        message_max: usize,
    ) -> Option<&mut SharedReplayMemory<Box<[u8]>>> {
        let (replies, reply_max) = (replies.min(REPLIES_MAX), table.remembered_max().min(message_max));
        if self.0.as_ref().is_none_or(|memory| (memory.slots(), memory.reply_max()) != (replies, reply_max)) {
            let bytes = replies * (reply_max + SharedReplayMemory::HEAD);
            self.0 = SharedReplayMemory::new(vec![0; bytes].into(), reply_max, key());
        }
        self.0.as_mut()
    }
}

impl fmt::Debug for Replies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Replies").field(&self.0.as_ref().map(SharedReplayMemory::slots)).finish()
    }
}

/// A number that no peer can guess: the standard library's hashers have keys of the system's random numbers.
fn key() -> [u8; 16] {
    let [low, high] = [(); 2].map(|()| RandomState::new().hash_one(0u8).to_ne_bytes());
    let mut key = [0; 16];
    key[..8].copy_from_slice(&low);
    key[8..].copy_from_slice(&high);
    key
}

/// The calls on one socket whose procedures took long, to know what was repeated while they ran: it waits in the socket, and
/// the reply that has been sent answers it. Procedures that are idempotent are not remembered otherwise.
#[derive(Debug, Default)]
pub(super) struct SlowCalls {
    calls: VecDeque<(u64, Instant)>,
    hashes: RandomState,
}

impl SlowCalls {
    /// Whether it is one of them, come again.
    pub(super) fn contains(&self, peer: Option<SocketAddr>, message: &[u8]) -> bool {
        if self.calls.is_empty() {
            return false;
        }
        let call = self.hashes.hash_one((peer, message));
        self.calls.iter().any(|(known, replied)| *known == call && replied.elapsed() < KNOWN)
    }

    /// A call was answered that came at `began`.
    pub(super) fn answered(&mut self, peer: Option<SocketAddr>, message: &[u8], began: Instant) {
        let now = Instant::now();
        if now.duration_since(began) < SLOW {
            return;
        }
        if self.calls.len() == SLOW_CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back((self.hashes.hash_one((peer, message)), now));
    }

    /// All that was repeated has been received.
    pub(super) fn clear(&mut self) {
        self.calls.clear();
    }
}

//! The replay caches of a server, and the calls of slow procedures.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use oncilla::SharedReplayMemory;

use super::programs::Programs;

/// The largest number of slots of a replay cache.
const REPLIES_MAX: usize = 65_534;

/// A procedure that runs at least this long is slow. No client may retransmit calls more often than this.
const SLOW: Duration = Duration::from_millis(1);

/// The number of calls of slow procedures that are remembered at a time.
const SLOW_CALLS: usize = 256;

/// How long a call of a slow procedure is remembered at most.
///
/// A client whose reply was lost must be answered in the end, also when other clients call without pause.
const KNOWN: Duration = Duration::from_secs(1);

/// The replay cache. It is allocated when a table is served first, and stays when serving ends, for retransmitted calls
/// that arrive later.
pub(super) struct Replies(Option<SharedReplayMemory<Box<[u8]>>>);

impl Replies {
    pub(super) const NONE: Self = Self(None);

    /// Returns the cache for `replies` replies of `programs`, each of at most `message_max` bytes. `None` when `replies`
    /// is 0.
    pub(super) fn of(
        &mut self,
        replies: usize,
        programs: &impl Programs,
        message_max: usize,
    ) -> Option<&mut SharedReplayMemory<Box<[u8]>>> {
        let (replies, reply_max) = (replies.min(REPLIES_MAX), programs.remembered_max().min(message_max));
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

/// Returns a number that no peer can guess: the standard library seeds its hashers from the system's random numbers.
fn key() -> [u8; 16] {
    let [low, high] = [(); 2].map(|()| RandomState::new().hash_one(0u8).to_ne_bytes());
    let mut key = [0; 16];
    key[..8].copy_from_slice(&low);
    key[8..].copy_from_slice(&high);
    key
}

/// The calls on one socket that run in other threads, or whose procedures ran long.
///
/// A call that is retransmitted while its procedure runs is dropped: the reply that has been sent since, or that will
/// be, answers it. This also holds for idempotent procedures, which the replay cache does not remember.
#[derive(Debug, Default)]
pub(super) struct SlowCalls {
    /// Calls of this thread that have been answered. Copies that arrived meanwhile wait in the socket.
    calls: VecDeque<(u64, Instant)>,
    /// Calls that run in other threads. As many at most as there are workers.
    running: Vec<u64>,
    hashes: RandomState,
}

impl SlowCalls {
    /// Returns whether `message` repeats one of these calls. If procedures run in other threads, records it.
    #[inline]
    pub(super) fn is_repeated(&mut self, peer: SocketAddr, message: &[u8], concurrent: bool) -> bool {
        if self.calls.is_empty() && !concurrent {
            return false;
        }
        let call = self.hashes.hash_one((peer, message));
        if concurrent {
            let runs = self.running.contains(&call);
            if !runs {
                self.running.push(call);
            }
            return runs;
        }
        self.calls.iter().any(|(known, replied)| *known == call && replied.elapsed() < KNOWN)
    }

    /// Records that a call has been answered, which arrived at `began`.
    #[inline]
    pub(super) fn answered(&mut self, peer: SocketAddr, message: &[u8], began: Instant, concurrent: bool) {
        if concurrent {
            return self.forget(peer, message);
        }
        let now = Instant::now();
        if now.duration_since(began) < SLOW {
            return;
        }
        if self.calls.len() == SLOW_CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back((self.hashes.hash_one((peer, message)), now));
    }

    /// Forgets a call that runs no longer in another thread, or never did.
    pub(super) fn forget(&mut self, peer: SocketAddr, message: &[u8]) {
        let call = self.hashes.hash_one((peer, message));
        self.running.retain(|running| *running != call);
    }

    /// Forgets the calls that were answered: all retransmitted copies have been received.
    pub(super) fn clear(&mut self) {
        self.calls.clear();
    }
}

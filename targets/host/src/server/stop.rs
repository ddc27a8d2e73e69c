//! Stops a server from another thread.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mio::{Registry, Token, Waker};

/// Stops a [`Server`](crate::Server) from any thread. Made by [`Server::stopper`](crate::Server::stopper).
#[derive(Clone, Debug)]
pub struct Stopper {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    asked: AtomicBool,
    /// The limit of [`Stopper::stop_within`].
    within: Mutex<Option<Duration>>,
    waker: Waker,
}

impl Stopper {
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        let waker = Waker::new(registry, token)?;
        Ok(Self { shared: Arc::new(Shared { asked: AtomicBool::new(false), within: Mutex::new(None), waker }) })
    }

    /// Makes [`Server::serve`](crate::Server::serve) return, within its [limit](crate::Server::stop_limit). Returns at
    /// once.
    ///
    /// Calls that were received are answered, and new connections are not accepted. Before `serve` is called, it makes
    /// the next `serve` return at once.
    pub fn stop(&self) {
        self.shared.asked.store(true, Ordering::Release);
        self.wake();
    }

    /// Makes [`Server::serve`](crate::Server::serve) return within `limit`. Returns at once.
    ///
    /// As [`stop`](Self::stop), with another limit. When the server is stopping already, the limit of the first stop
    /// holds.
    pub fn stop_within(&self, limit: Duration) {
        *self.shared.within.lock().unwrap_or_else(PoisonError::into_inner) = Some(limit);
        self.stop();
    }

    /// Makes the event loop look for a request to stop, and for calls that have ended.
    pub(super) fn wake(&self) {
        // Waking fails only when the system has no memory for it. Then the server finds the flag when the next message
        // wakes it.
        let _ = self.shared.waker.wake();
    }

    /// Returns the limit of the last [`stop_within`](Self::stop_within), and forgets it.
    pub(super) fn take_limit(&self) -> Option<Duration> {
        self.shared.within.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Returns whether a stop was requested. The server checks this between calls, so that it begins no further call.
    #[inline]
    pub(super) fn is_asked(&self) -> bool {
        self.shared.asked.load(Ordering::Acquire)
    }

    /// Returns whether a stop was requested, and forgets it.
    pub(super) fn take(&self) -> bool {
        self.shared.asked.swap(false, Ordering::Acquire)
    }
}

//! Stops a server from another thread.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mio::{Registry, Token, Waker};

/// Stops a [`Server`](crate::Server) from any thread. Made by [`Server::stopper`](crate::Server::stopper).
#[derive(Clone, Debug)]
pub struct Stopper {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    asked: AtomicBool,
    waker: Waker,
}

impl Stopper {
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        let waker = Waker::new(registry, token)?;
        Ok(Self { shared: Arc::new(Shared { asked: AtomicBool::new(false), waker }) })
    }

    /// Makes [`Server::serve`](crate::Server::serve) return, within the time stated there. Returns at once.
    ///
    /// Before `serve` is called, it makes the next `serve` return at once.
    pub fn stop(&self) {
        self.shared.asked.store(true, Ordering::Release);
        self.wake();
    }

    /// Makes the event loop look for a request to stop.
    pub(super) fn wake(&self) {
        // Waking fails only when the system has no memory for it. Then the server finds the flag when the next message
        // wakes it.
        let _ = self.shared.waker.wake();
    }

    /// Returns whether a stop was requested. The server checks this between calls, so that it begins no further call.
    pub(super) fn is_asked(&self) -> bool {
        self.shared.asked.load(Ordering::Acquire)
    }

    /// Returns whether a stop was requested, and forgets it.
    pub(super) fn take(&self) -> bool {
        self.shared.asked.swap(false, Ordering::Acquire)
    }
}

//! Stopping a server from outside its thread.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mio::{Registry, Token, Waker};

/// Stops a [`Server`](crate::Server), from any thread.
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

    /// Lets [`Server::serve`](crate::Server::serve) end, in the time that is said there. Returns at once. Before `serve` begins it makes it end at once; after it ended, so it does the next.
    pub fn stop(&self) {
        self.shared.asked.store(true, Ordering::Release);
        // Waking fails only when the system has no memory for it, and then the server sees the flag
        // when the next message wakes it.
        let _ = self.shared.waker.wake();
    }

    /// Whether a stop was asked for. Between calls, so that none is begun after it that need not be.
    pub(super) fn is_asked(&self) -> bool {
        self.shared.asked.load(Ordering::Acquire)
    }

    /// Whether a stop was asked for, which is then forgotten.
    pub(super) fn take(&self) -> bool {
        self.shared.asked.swap(false, Ordering::Acquire)
    }
}

//! Stopping a server.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stops a [`Server`](crate::Server) from any thread. It can be cloned.
#[derive(Clone, Debug)]
pub struct Stopper {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// For the server while it is busy.
    stopped: AtomicBool,
    /// For the server while it waits: once this end is shut down, the other is readable.
    end: UnixStream,
}

impl Stopper {
    /// Ends [`serve`](crate::Server::serve) in order: the present call is executed and answered, responses that a client
    /// has yet to read are delivered until their time-out, and no more calls are read. A server cannot be started again.
    pub fn stop(&self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // It fails only if the server was dropped or stopped before.
        let _ = self.shared.end.shutdown(Shutdown::Both);
    }
}

/// The server's end.
#[derive(Debug)]
pub(super) struct Stop {
    stopper: Stopper,
    watched: UnixStream,
}

impl Stop {
    pub(super) fn new() -> io::Result<Self> {
        let (end, watched) = UnixStream::pair()?;
        let shared = Shared { stopped: AtomicBool::new(false), end };
        Ok(Self { stopper: Stopper { shared: Arc::new(shared) }, watched })
    }

    pub(super) fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopper.shared.stopped.load(Ordering::SeqCst)
    }

    /// Returns what is readable once the server is stopped.
    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.watched.as_fd()
    }
}

//! Stopping a server by a signal.

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// The signals that ask a process to end, each of which puts a byte into a pipe.
#[derive(Debug)]
pub(super) struct Signals {
    pipe: UnixStream,
    /// A signal came that nobody has taken notice of yet.
    pending: Arc<AtomicBool>,
    registered: Vec<SigId>,
}

impl Signals {
    pub(super) fn watch(registry: &Registry, token: Token) -> io::Result<Self> {
        let (pipe, far) = UnixStream::pair()?;
        pipe.set_nonblocking(true)?;
        registry.register(&mut SourceFd(&pipe.as_raw_fd()), token, Interest::READABLE)?;
        let mut signals = Self { pipe, pending: Arc::default(), registered: Vec::new() };
        for signal in [SIGINT, SIGTERM] {
            // A second one while a procedure does not end: what the signal does by itself. This must
            // come first, to see what the others have not set yet.
            signals.registered.push(flag::register_conditional_default(signal, Arc::clone(&signals.pending))?);
            signals.registered.push(flag::register(signal, Arc::clone(&signals.pending))?);
            signals.registered.push(low_level::pipe::register(signal, far.try_clone()?)?);
        }
        Ok(signals)
    }

    /// Whether a signal came that was not taken.
    pub(super) fn is_pending(&self) -> bool {
        self.pending.load(Ordering::Acquire)
    }

    /// Whether a signal came.
    pub(super) fn take(&mut self) -> bool {
        // The bytes say no more than that, and the next signal must be told anew.
        while matches!(self.pipe.read(&mut [0; 16]), Ok(length) if length > 0) {}
        self.pending.swap(false, Ordering::AcqRel)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            low_level::unregister(id);
        }
    }
}

//! Stops a server on a signal. The event loop watches a pipe.

use std::io::{self, Read};
use std::os::unix::net;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mio::net::UnixStream;
use mio::{Interest, Registry, Token};
use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use crate::Stopper;

/// The signals SIGINT and SIGTERM. Each writes a byte to a pipe, which the event loop watches.
#[derive(Debug)]
pub(crate) struct Signals {
    pipe: UnixStream,
    /// A signal arrived that [`take`](Signals::take) has not returned yet.
    pending: Arc<AtomicBool>,
    registered: Vec<SigId>,
}

impl Signals {
    pub(crate) fn watch(registry: &Registry, token: Token, _: &Stopper) -> io::Result<Self> {
        let (pipe, far) = net::UnixStream::pair()?;
        pipe.set_nonblocking(true)?;
        let mut pipe = UnixStream::from_std(pipe);
        registry.register(&mut pipe, token, Interest::READABLE)?;
        let mut signals = Self { pipe, pending: Arc::default(), registered: Vec::new() };
        for signal in [SIGINT, SIGTERM] {
            // A second signal, while a procedure does not return, has its default effect. This handler must be the
            // first, so that it sees the flag before the others set it.
            signals.registered.push(flag::register_conditional_default(signal, Arc::clone(&signals.pending))?);
            signals.registered.push(flag::register(signal, Arc::clone(&signals.pending))?);
            signals.registered.push(low_level::pipe::register(signal, far.try_clone()?)?);
        }
        Ok(signals)
    }

    /// Returns whether a signal arrived that was not taken.
    #[inline]
    pub(crate) fn is_pending(&self) -> bool {
        self.pending.load(Ordering::Acquire)
    }

    /// Returns whether a signal arrived, and forgets it.
    pub(crate) fn take(&mut self) -> bool {
        // The bytes carry no other information. They are removed so that the next signal is an event again.
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

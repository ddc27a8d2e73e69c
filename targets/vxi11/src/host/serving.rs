//! A server that runs.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::vec::Vec;

use oncilla::Handler;
use oncilla_host::{Server, Stopper};

use super::mapper::Mapped;
use super::shared::Shared;
use super::thread;
use crate::Instrument;

/// An instrument that is served. Dropping it ends all connections.
pub struct Serving<I> {
    shared: Arc<Shared<I>>,
    core: SocketAddr,
    abort: SocketAddr,
    servers: Vec<(Stopper, JoinHandle<()>)>,
    /// Dropped first, so that no client is sent to a port that nobody serves.
    mapped: Option<Mapped>,
}

impl<I: Instrument + Send + 'static> Serving<I> {
    pub(super) const fn new(shared: Arc<Shared<I>>, core: SocketAddr, abort: SocketAddr) -> Self {
        Self { shared, core, abort, servers: Vec::new(), mapped: None }
    }

    pub(super) fn spawn(
        &mut self,
        name: &str,
        workers: usize,
        mut server: Server,
        handler: impl Handler + Clone + Send + Sync + 'static,
    ) {
        let stopper = server.stopper();
        let shared = Arc::clone(&self.shared);
        let run = move || {
            let mut end = End(shared, None);
            end.1 = server.serve_by(workers, handler).err();
        };
        match thread(name, run) {
            Ok(thread) => self.servers.push((stopper, thread)),
            Err(error) => self.shared.ended(Some(oncilla_host::Error::Watch(error))),
        }
    }

    pub(super) fn keep(&mut self, mapped: Mapped) {
        self.mapped = Some(mapped);
    }

    /// Returns the address of the core channel.
    #[must_use]
    pub const fn core_address(&self) -> SocketAddr {
        self.core
    }

    /// Returns the address of the abort channel.
    #[must_use]
    pub const fn abort_address(&self) -> SocketAddr {
        self.abort
    }

    /// Passes the instrument to `f`, and then asks the calls again that wait.
    ///
    /// For what happens to the instrument beside its clients: a measurement is complete, somebody has pressed a key.
    /// No call is served meanwhile.
    pub fn with<R>(&self, f: impl FnOnce(&mut I) -> R) -> R {
        self.shared.with(f)
    }

    /// Returns the number of links that clients have open.
    #[must_use]
    pub fn open_links(&self) -> usize {
        self.shared.open_links()
    }

    /// Waits until a server ends by itself: the system has failed to wait for its sockets, or the instrument panicked.
    ///
    /// # Errors
    /// What the system reported, or [`Panicked`](oncilla_host::Error::Panicked) after a panic of the instrument.
    pub fn wait(&self) -> Result<(), oncilla_host::Error> {
        self.shared.wait_for_end()
    }
}

/// Notes the end of a server, also by a panic of the instrument.
struct End<I>(Arc<Shared<I>>, Option<oncilla_host::Error>);

impl<I> Drop for End<I> {
    fn drop(&mut self) {
        let panicked = std::thread::panicking().then_some(oncilla_host::Error::Panicked);
        self.0.ended(panicked.or(self.1.take()));
    }
}

impl<I> Drop for Serving<I> {
    fn drop(&mut self) {
        drop(self.mapped.take());
        self.shared.stop();
        for (stopper, _) in &self.servers {
            stopper.stop();
        }
        for (_, thread) in self.servers.drain(..) {
            // A panic of the instrument was reported by its thread.
            let _ = thread.join();
        }
    }
}

impl<I> fmt::Debug for Serving<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Serving").field("core", &self.core).field("abort", &self.abort).finish_non_exhaustive()
    }
}

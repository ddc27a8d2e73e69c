//! Stops a server on Ctrl-C or Ctrl-Break. A thread of the crate `ctrlc` waits for them.

use std::io;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use mio::{Registry, Token};

use crate::Stopper;

/// How the system ends a process that does not handle Ctrl-C (STATUS_CONTROL_C_EXIT).
const CONTROL_C_EXIT: i32 = 0xC000_013A_u32 as i32;

/// The servers that stop on Ctrl-C. The process has one handler for all.
static SERVERS: Mutex<Vec<Weak<Server>>> = Mutex::new(Vec::new());

/// The error of setting the handler, if there was one. The handler stays.
static HANDLER: OnceLock<Result<(), String>> = OnceLock::new();

/// Ctrl-C and Ctrl-Break.
#[derive(Debug)]
pub(crate) struct Signals(Arc<Server>);

#[derive(Debug)]
struct Server {
    /// A signal arrived that [`take`](Signals::take) has not returned yet.
    pending: AtomicBool,
    stopper: Stopper,
}

impl Signals {
    /// Sets the handler. It wakes the event loop by `stopper`.
    pub(crate) fn watch(_: &Registry, _: Token, stopper: &Stopper) -> io::Result<Self> {
        let set = HANDLER.get_or_init(|| ctrlc::set_handler(came).map_err(|error| error.to_string()));
        set.as_ref().map_err(|error| io::Error::other(format!("cannot handle Ctrl-C: {error}")))?;
        let server = Arc::new(Server { pending: AtomicBool::new(false), stopper: stopper.clone() });
        let mut servers = servers();
        servers.retain(|server| server.strong_count() > 0);
        servers.push(Arc::downgrade(&server));
        Ok(Self(server))
    }

    /// Returns whether a signal arrived that was not taken.
    pub(crate) fn is_pending(&self) -> bool {
        self.0.pending.load(Ordering::Acquire)
    }

    /// Returns whether a signal arrived, and forgets it.
    pub(crate) fn take(&mut self) -> bool {
        self.0.pending.swap(false, Ordering::AcqRel)
    }
}

/// Tells all servers. Ends the process when one has not yet heeded the last Ctrl-C, because its procedure does not
/// return.
fn came() {
    for server in servers().iter().filter_map(Weak::upgrade) {
        if server.pending.swap(true, Ordering::AcqRel) {
            process::exit(CONTROL_C_EXIT);
        }
        server.stopper.wake();
    }
}

fn servers() -> MutexGuard<'static, Vec<Weak<Server>>> {
    // No code panics while the lock is held.
    SERVERS.lock().unwrap_or_else(PoisonError::into_inner)
}

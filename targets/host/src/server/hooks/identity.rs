//! The connection for which a thread works.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

/// The identity of a connection of a [`Server`](crate::Server). No two connections of a process have the same one.
///
/// For state that belongs to a connection. The address of the client is no identity: a client that resets its connection
/// may connect again from the same port before the server has noticed.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use oncilla_host::{ConnectionId, Event, Server};
///
/// static SESSIONS: Mutex<Option<HashMap<ConnectionId, u32>>> = Mutex::new(None);
///
/// let server = Server::new()?.observe(|event| {
///     let mut sessions = SESSIONS.lock().unwrap();
///     let sessions = sessions.get_or_insert_default();
///     match (event, ConnectionId::current()) {
///         (Event::Accepted(_), Some(id)) => drop(sessions.insert(id, 0)),
///         (Event::Closed { .. }, Some(id)) => drop(sessions.remove(&id)),
///         _ => {}
///     }
/// });
/// # Ok::<(), oncilla_host::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionId(u64);

thread_local! {
    static CURRENT: Cell<Option<ConnectionId>> = const { Cell::new(None) };
}

impl ConnectionId {
    /// Returns the connection for which this thread runs a procedure, a handler or an observer.
    ///
    /// `None` for a datagram, and in a thread that runs none of them.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.get()
    }

    /// Returns an identity that no connection has had.
    pub(super) fn new() -> Self {
        // Not an atomic number: some processors with 32 bits have none of 64.
        static NEXT: Mutex<u64> = Mutex::new(0);
        let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
        *next = next.wrapping_add(1);
        Self(*next)
    }

    /// Makes it the connection of this thread until the result is dropped.
    pub(super) fn enter(connection: Option<Self>) -> Entered {
        Entered(CURRENT.replace(connection))
    }
}

/// The connection for which the thread worked before.
pub(super) struct Entered(Option<ConnectionId>);

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

//! Whether there is a connection, for the client's thread and for others.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::Error;

/// Whether a reconnecting client has a connection.
///
/// A loss is noticed by a call, not before: without calls, `Connected` is what the last call saw.
#[derive(Clone, Debug)]
pub enum ConnectionState {
    /// There is a connection.
    Connected {
        /// When it was made.
        since: Instant,
    },
    /// There is no connection.
    ///
    /// A server whose access rules refuse the client accepts each connection and closes it: `attempts` is 0 then, and
    /// `unanswered` grows.
    Lost {
        /// When a call noticed the loss, or when the client was made.
        since: Instant,
        /// The number of failed attempts since then.
        attempts: u32,
        /// The error of the last attempt, if there was one.
        error: Option<Arc<Error>>,
        /// The number of connections that the server closed before it replied to any call, since its last reply.
        unanswered: u32,
    },
}

impl ConnectionState {
    /// Returns whether there is a connection.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        matches!(self, Self::Connected { .. })
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected { since } => write!(formatter, "connected for {:.1?}", since.elapsed()),
            Self::Lost { since, attempts, error, unanswered } => {
                write!(formatter, "not connected for {:.1?}, ", since.elapsed())?;
                write_cause(formatter, *attempts, error.as_deref(), *unanswered)
            }
        }
    }
}

/// Writes why there is no connection: the error of the last attempt, or that the server closes all connections.
pub(super) fn write_cause(
    formatter: &mut fmt::Formatter<'_>,
    attempts: u32,
    error: Option<&Error>,
    unanswered: u32,
) -> fmt::Result {
    write!(formatter, "failed attempts: {attempts}")?;
    match error {
        Some(error) => write!(formatter, ", the last: {error}"),
        None if unanswered > 0 => write!(
            formatter,
            ", connections that the server closed before any reply: {unanswered}; \
             check that its access rules allow this client"
        ),
        None => Ok(()),
    }
}

/// Reads the state of a reconnecting client from any thread, also during a call.
///
/// Made by [`Reconnecting::watch`](crate::Reconnecting::watch). It remains valid after the client was dropped, and then
/// returns its last state.
#[derive(Clone, Debug)]
pub struct Watch(Arc<Mutex<ConnectionState>>);

impl Watch {
    pub(crate) fn new(state: ConnectionState) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    /// Returns the state.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set(&self, state: ConnectionState) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

//! One connection, as the hooks see it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use oncilla::{Outcome, Refusal};

use super::{Closed, ConnectionId, Event, Hooks, Origin, Sender};
#[cfg(feature = "tls")]
use crate::Certificate;

/// The visit of a client: from the moment its connection is accepted until it is closed.
///
/// Dropping it reports the end, so each connection that was accepted is reported as closed once.
#[derive(Debug)]
pub(in crate::server) struct Visit {
    hooks: Arc<Hooks>,
    sender: Sender,
    why: Closed,
}

impl Visit {
    /// Reports an accepted connection.
    pub fn new(hooks: &Arc<Hooks>, origin: Origin) -> Self {
        let sender = Sender { connection: Some(ConnectionId::new()), ..origin.into() };
        // What ends all connections without a reason of their own is the end of the server.
        let visit = Self { hooks: Arc::clone(hooks), sender, why: Closed::Stopped };
        visit.notify(&Event::Accepted(origin));
        visit
    }

    fn notify(&self, event: &Event<'_>) {
        let _entered = ConnectionId::enter(self.sender.connection);
        self.hooks.notify(event);
    }

    /// Returns whether the client may call anything.
    pub fn is_admitted(&self) -> bool {
        self.hooks.admits(self.sender.origin)
    }

    /// Sets the reason for which the connection is closed now.
    pub const fn end(&mut self, why: Closed) {
        self.why = why;
    }

    /// Reports that the client leaves while its call runs.
    pub fn leaving(&self) {
        self.notify(&Event::Leaving(self.sender.origin));
    }

    /// Returns the client.
    pub const fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Sets the key under which the last call came.
    #[cfg(feature = "keys")]
    pub const fn set_key(&mut self, key: Option<oncilla::message::Sender>) {
        self.sender.key = key;
    }

    /// Reports that TLS has begun, and the certificate of the client.
    #[cfg(feature = "tls")]
    pub fn secured(&mut self, certificate: Option<Certificate>) {
        self.sender = self.sender.secured(certificate);
        let Sender { origin, certificate, .. } = &self.sender;
        self.notify(&Event::Secured { origin: *origin, certificate: certificate.as_deref() });
    }

    /// Reports why TLS failed.
    #[cfg(feature = "tls")]
    pub fn not_secured(&self, problem: &str) {
        self.notify(&Event::NotSecured { origin: self.sender.origin, problem });
    }

    /// Reports the reply that begins TLS.
    #[cfg(feature = "tls")]
    pub fn probed(&self, message: &[u8], length: usize) {
        self.hooks.settled(&self.sender, message, Some(length), Outcome::Executed);
    }

    /// Reports a call of the client that was refused before its procedure was looked up.
    pub fn refused(&self, message: &[u8], length: Option<usize>, refusal: Refusal) {
        self.hooks.settled(&self.sender, message, length, Outcome::Refused(refusal));
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let notify = || self.notify(&Event::Closed { origin: self.sender.origin, why: self.why });
        if thread::panicking() {
            // A panic of an observer that left this destructor, too, would abort the process.
            let _ = catch_unwind(AssertUnwindSafe(notify));
        } else {
            notify();
        }
    }
}

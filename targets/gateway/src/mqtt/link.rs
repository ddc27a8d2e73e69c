//! A link to the broker, which lasts over its connections.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::connection::Connection;
use super::outgoing;
use super::{Carrier, Event, Hello, Publication, SendError};

/// The end of a link that waits for the socket.
#[derive(Clone, Default)]
pub struct Link(Arc<Mutex<Option<Connection>>>);

/// The end of a link that sends, for all threads.
#[derive(Clone)]
pub struct Sender(Arc<Mutex<Option<Connection>>>);

fn lock(shared: &Mutex<Option<Connection>>) -> MutexGuard<'_, Option<Connection>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends what is to be sent. While one thread sends, others only add to it.
fn flush<'s>(shared: &'s Mutex<Option<Connection>>, mut guard: MutexGuard<'s, Option<Connection>>) {
    while let Some((socket, bytes)) = guard.as_mut().and_then(Connection::take_output) {
        drop(guard);
        let sent = outgoing::send(&socket, &bytes);
        guard = lock(shared);
        // There may be another connection by now.
        let same = guard.as_mut().filter(|now| now.sends_to(&socket));
        let Some(connection) = same else { return };
        connection.sent(bytes, sent);
    }
}

/// Sends what cannot wait.
fn flush_due<'s>(shared: &'s Mutex<Option<Connection>>, guard: MutexGuard<'s, Option<Connection>>) {
    if guard.as_ref().is_some_and(|connection| !connection.can_wait(Instant::now())) {
        flush(shared, guard);
    }
}

impl Link {
    /// Returns the end that sends.
    pub fn sender(&self) -> Sender {
        Sender(Arc::clone(&self.0))
    }

    /// Begins a connection on a socket, in place of the one before.
    pub fn begin(&self, carrier: Carrier, hello: &Hello) -> Result<(), String> {
        let mut guard = lock(&self.0);
        *guard = Some(Connection::new(carrier, hello)?);
        flush(&self.0, guard);
        Ok(())
    }

    /// Uses the socket, to wait for it.
    pub fn with_socket<R>(&self, use_it: impl FnOnce(&mut mio::net::TcpStream) -> R) -> Option<R> {
        lock(&self.0).as_mut().map(|connection| use_it(connection.carrier().socket()))
    }

    /// Ends the connection without a farewell.
    pub fn drop_connection(&self) {
        *lock(&self.0) = None;
    }

    /// Reads what has arrived, and writes what waits. Returns whether there may be more to read.
    pub fn ready(&self, events: &mut Vec<Event>) -> bool {
        let mut guard = lock(&self.0);
        let more = guard.as_mut().is_some_and(|connection| {
            connection.writable();
            connection.read(events)
        });
        // Each packet of its own wakes the broker, and the replies to what was read may come soon.
        flush_due(&self.0, guard);
        more
    }

    /// Does what is due.
    pub fn tick(&self, now: Instant, events: &mut Vec<Event>) {
        let mut guard = lock(&self.0);
        if let Some(connection) = &mut *guard {
            connection.tick(now, events);
        }
        flush_due(&self.0, guard);
    }

    /// Returns when [`tick`](Self::tick) has something to do.
    pub fn due(&self) -> Option<Instant> {
        lock(&self.0).as_ref().and_then(Connection::due)
    }
}

impl Sender {
    fn with(&self, send: impl FnOnce(&mut Connection) -> Result<(), SendError>) -> Result<(), SendError> {
        let mut guard = lock(&self.0);
        let connection = guard.as_mut().ok_or(SendError::Closed)?;
        let sent = send(connection);
        flush(&self.0, guard);
        sent
    }

    /// Publishes with QoS 1, and does not wait for the broker.
    pub fn publish(&self, publication: Publication) -> Result<(), SendError> {
        self.with(|connection| connection.publish(publication))
    }

    /// Subscribes with QoS 1.
    pub fn subscribe(&self, filters: &[String]) -> Result<(), SendError> {
        self.with(|connection| connection.subscribe(filters))
    }

    /// Ends subscriptions.
    pub fn unsubscribe(&self, filters: &[String]) -> Result<(), SendError> {
        self.with(|connection| connection.unsubscribe(filters))
    }

    /// Acknowledges a received publication, on a link that does so by hand.
    pub fn acknowledge(&self, id: u16) -> Result<(), SendError> {
        self.with(|connection| connection.acknowledge(id))
    }

    /// Returns whether there is a connection that the broker has accepted.
    pub fn is_open(&self) -> bool {
        lock(&self.0).as_ref().is_some_and(Connection::is_open)
    }

    /// Returns the number of publications that wait to be sent.
    pub fn waiting(&self) -> usize {
        lock(&self.0).as_ref().map_or(0, Connection::unacknowledged)
    }

    /// Says farewell to the broker, which then does not publish the will.
    pub fn disconnect(&self) {
        let mut guard = lock(&self.0);
        if let Some(connection) = &mut *guard {
            connection.disconnect();
        }
        flush(&self.0, guard);
    }
}

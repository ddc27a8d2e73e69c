//! When a connection gives its slot to a new one.

use std::mem::MaybeUninit;
use std::time::Instant;

use super::{Connection, Place};
use crate::server::Limits;

/// The part of the message time-out that a message may take before its connection can give way.
const PATIENCE: u32 = 10;

/// The condition of a connection that can give its slot to a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Condition {
    /// Its client is a [stranger](Connection::is_stranger).
    Stranger,
    /// It is idle: no message is received or sent, and none waits to be read.
    Idle,
    /// Its client sends a call or reads a reply, and has taken long.
    Slow,
}

impl Connection {
    /// Sets when the connection was admitted, by the number of turns of all connections.
    pub(in crate::server) const fn admit(&mut self, turns: u64) {
        self.admitted = turns;
        // A new connection has been idle for the shortest time.
        self.last_turn = turns;
    }

    /// Returns whether the connection waits for its first turn. A whole call may wait to be read.
    pub(in crate::server) fn is_new(&self) -> bool {
        self.place == Place::Ready && self.last_turn == self.admitted
    }

    /// Notes that a whole call has arrived. In the clear it does not count where TLS is required.
    pub(super) const fn met(&mut self) {
        #[cfg(feature = "tls")]
        if self.offer.is_refused() {
            return;
        }
        self.known = true;
    }

    /// Returns whether nothing is known of the client.
    ///
    /// No whole call has arrived. With keys, no session was opened. Where TLS is required, no call has arrived inside TLS,
    /// and the client has proved no certificate.
    pub(in crate::server) const fn is_stranger(&self) -> bool {
        #[cfg(feature = "keys")]
        if let Some(keyed) = &self.keyed {
            return !keyed.is_known();
        }
        !self.known
    }

    /// Returns the rank among the connections in a condition, the least first. `None` if it is in another condition.
    pub(in crate::server) fn rank(&self, condition: Condition, limits: &Limits, now: Instant) -> Option<(bool, u64)> {
        let rests = self.place == Place::Resting;
        match condition {
            // What it has sent is no call in progress: otherwise strangers could keep all slots with parts of messages. One
            // with unread bytes comes after silent ones: they may be the end of a call.
            Condition::Stranger if self.is_stranger() && (rests || self.place == Place::Ready) => {
                Some((self.has_sent(), self.admitted))
            }
            Condition::Idle if rests && !self.is_stranger() && self.is_silent() => Some((false, self.last_turn)),
            Condition::Slow if rests && !self.is_stranger() => {
                let taken = now.checked_duration_since(self.busy_since?)?;
                let micros = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX);
                (taken >= limits.message_timeout / PATIENCE).then_some((false, u64::MAX - micros))
            }
            _ => None,
        }
    }

    /// Returns whether bytes wait to be read. If a call arrives after this, it is not received, and the client learns
    /// this from the closed connection.
    pub(in crate::server) fn has_sent(&self) -> bool {
        matches!(self.stream.socket().peek(&mut [MaybeUninit::uninit()]), Ok(length) if length > 0)
    }
}

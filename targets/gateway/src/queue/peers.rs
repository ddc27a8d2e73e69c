//! Whether the other gateways have published what they have done.
//!
//! While this gateway is connected, it sees all states in the order of the broker. What others did before is known when
//! they have published it again: each states so in its document, as `settled`. Those that were there and do not come
//! back are waited for, but not for ever.

use std::collections::BTreeMap;
use std::time::Duration;

/// How long a gateway that does not come back is waited for.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A time since any start.
type Time = Duration;

/// The other gateways of a fleet, as seen by one.
#[derive(Debug, Default)]
pub struct Peers {
    known: BTreeMap<String, Peer>,
    /// Since when this gateway is connected.
    connected: Option<Time>,
}

/// What another gateway has stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// It is connected, and has not published all that it has done.
    Unsettled,
    /// It is connected, and has.
    Settled,
    /// It is gone, and all that it has done was seen, or it has ended in order.
    Gone,
    /// It is gone, and was not there since this gateway is connected.
    Missing,
}

impl Peers {
    /// There is a new connection: what was seen before may not be all.
    pub fn connected(&mut self, now: Time) {
        self.connected = Some(now);
        self.known.values_mut().for_each(|peer| *peer = Peer::Missing);
    }

    /// The document of another gateway was seen. It is connected and settled, connected, or, with `None`, gone; `ended`
    /// if it has ended in order.
    pub fn see(&mut self, name: &str, settled: Option<bool>, ended: bool) {
        let peer = self.known.entry(name.to_owned()).or_insert(Peer::Missing);
        *peer = match (settled, *peer) {
            (Some(true), _) => Peer::Settled,
            (Some(false), _) => Peer::Unsettled,
            // A gateway states that it is gone by its last will: after all that it has published.
            (None, Peer::Settled | Peer::Gone) => Peer::Gone,
            (None, _) if ended => Peer::Gone,
            (None, _) => Peer::Missing,
        };
    }

    /// Returns whether calls can be delivered: what others have done is known, or they were waited for.
    pub fn are_settled(&self, now: Time) -> bool {
        let Some(connected) = self.connected else { return false };
        let patient = connected + PATIENCE > now;
        self.known.values().all(|peer| match peer {
            Peer::Settled | Peer::Gone => true,
            Peer::Unsettled | Peer::Missing => !patient,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_wait_until_all_others_have_published_what_they_have_done() {
        let second = Duration::from_secs;
        let mut peers = Peers::default();
        assert!(!peers.are_settled(second(0)), "there is no connection");
        peers.connected(second(1));
        assert!(peers.are_settled(second(1)), "there are no others");
        peers.see("east", Some(false), false);
        assert!(!peers.are_settled(second(1)));
        peers.see("east", Some(true), false);
        assert!(peers.are_settled(second(1)));
        // It dies while this gateway is connected, which has seen all.
        peers.see("east", None, false);
        assert!(peers.are_settled(second(1)));
        // Not so after a new connection.
        peers.connected(second(20));
        assert!(!peers.are_settled(second(20)));
        peers.see("east", None, false);
        assert!(!peers.are_settled(second(29)));
        assert!(peers.are_settled(second(30)), "it does not come back");
        // It ended in order: nothing of it is missing.
        peers.connected(second(40));
        peers.see("east", None, true);
        assert!(peers.are_settled(second(40)));
    }
}

//! A device that this gateway serves.

use std::sync::Arc;

use oncilla_fleet::wire::{Hash, Name, Presence, PresenceState, Served, Session, for_people, unix_ms};

use crate::settings::Device;
use crate::worker::{Known, Lane};

/// What a device served when it was last reached, by this gateway or another.
///
/// It is published also while the device is away, so that callers can queue calls by name.
#[derive(Clone, Debug, Default)]
pub struct LastSeen {
    /// Its programs.
    pub programs: Vec<Served>,
    /// The hash of its description.
    pub description: Option<Hash>,
}

/// A device that this gateway serves, or is about to.
pub struct Held {
    /// Its settings.
    pub device: Arc<Device>,
    /// The calls that wait for it.
    pub lane: Arc<Lane>,
    /// The number of its worker.
    pub worker: u64,
    /// The term of the claim.
    pub term: u64,
    /// What is known of it, if it is reached.
    pub known: Option<Known>,
    /// Since when it is in this state, in ms of Unix time.
    pub since: u64,
    /// Why it is away.
    pub reason: String,
    /// When it was last chosen for a call of any device of its group: the number of that choice.
    pub turn: u64,
}

impl Held {
    /// Returns the presence.
    pub fn presence(&self, gateway: &Name, session: Session, last: LastSeen) -> Presence {
        let (state, boot, seen) = match self.known.clone() {
            Some(Known { programs, description, boot }) => {
                (PresenceState::Online, boot, LastSeen { programs, description: description.map(|(hash, _)| hash) })
            }
            None => (PresenceState::Away, None, last),
        };
        Presence {
            state,
            gateway: gateway.clone(),
            session,
            term: self.term,
            since: self.since,
            boot,
            groups: self.device.groups.clone(),
            programs: seen.programs,
            description: seen.description,
            reason: for_people(&self.reason),
        }
    }

    /// It is reached.
    pub fn up(&mut self, known: Known) {
        if self.known.is_none() {
            self.since = unix_ms();
        }
        self.known = Some(known);
        self.reason.clear();
    }

    /// Notes that it is not reached. Returns whether its presence changes.
    pub fn down(&mut self, reason: String) -> bool {
        let news = self.known.is_some() || self.reason != reason;
        if self.known.take().is_some() {
            self.since = unix_ms();
        }
        self.reason = reason;
        news
    }
}

/// Returns the presence of a device that is claimed.
pub fn claiming(device: &Device, gateway: &Name, session: Session, term: u64, last: LastSeen) -> Presence {
    Presence {
        state: PresenceState::Claiming,
        gateway: gateway.clone(),
        session,
        term,
        since: unix_ms(),
        boot: None,
        groups: device.groups.clone(),
        programs: last.programs,
        description: last.description,
        reason: String::new(),
    }
}

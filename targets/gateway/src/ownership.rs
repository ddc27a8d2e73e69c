//! Which gateway serves a device: claims in presence, in the order of the broker.
//!
//! It knows no broker, no clock and no thread: it takes what was seen and the time, and returns what to do. A claim is
//! the retained presence of the device. Each has a term. The broker delivers all claims of a device to all gateways in
//! one order, so all agree: of two claims the one with the higher term counts, of two with the same term the later one.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// How long a claim must stand without another one, after it came back from the broker.
pub const STANDING: Duration = Duration::from_millis(500);

/// The shortest and the longest wait before a claim, so that gateways do not claim at the same time.
pub const PAUSE: (Duration, Duration) = (Duration::from_millis(300), Duration::from_millis(1000));

/// How long the gateway that has released a device waits before it claims it again.
pub const RELEASED: Duration = Duration::from_secs(20);

/// After this time without its own claim, a gateway claims again.
const LOST: Duration = Duration::from_secs(5);

/// A time since any start.
pub type Time = Duration;

/// What the presence of a device states about its gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The gateway's name.
    pub gateway: String,
    /// The session of the gateway, which is different for each of its connections to the broker.
    pub session: String,
    /// The term, one more with each claim.
    pub term: u64,
    /// Whether the gateway has given the device up, so that others may serve it.
    pub released: bool,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Publish the claim of a device with this term.
    Claim(String, u64),
    /// Serve a device from now on, under this term.
    Hold(String, u64),
    /// Publish the presence of a device that is held, since it was overwritten.
    Publish(String),
    /// Serve a device no longer: another gateway has it, or the broker is lost.
    Drop(String),
}

/// The part of one gateway in one fleet.
#[derive(Debug)]
pub struct Ownership {
    gateway: String,
    /// `None` without a connection, and until all presences are known.
    session: Option<String>,
    synced: bool,
    lost_at: Option<Time>,
    /// How long devices are held without a connection.
    grace: Duration,
    gateways: HashMap<String, String>,
    devices: BTreeMap<String, One>,
    random: fastrand::Rng,
}

#[derive(Debug, Default)]
struct One {
    phase: Phase,
    seen: Option<Claim>,
    /// The highest term that was seen.
    highest: u64,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Watching,
    /// No gateway serves the device. This one claims it at the time.
    Pausing(Time),
    Claiming {
        term: u64,
        sent: Time,
        /// When the claim came back.
        back: Option<Time>,
    },
    Holding(u64),
}

impl Ownership {
    /// Returns the part of a gateway that may serve these devices.
    #[must_use]
    pub fn new(gateway: &str, devices: impl IntoIterator<Item = String>, grace: Duration, seed: u64) -> Self {
        Self {
            gateway: gateway.to_owned(),
            session: None,
            synced: false,
            lost_at: None,
            grace,
            gateways: HashMap::new(),
            devices: devices.into_iter().map(|name| (name, One::default())).collect(),
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Returns the term under which a device is held.
    #[must_use]
    pub fn held(&self, device: &str) -> Option<u64> {
        match self.devices.get(device)?.phase {
            Phase::Holding(term) => Some(term),
            _ => None,
        }
    }

    /// Returns whether another gateway is there.
    #[must_use]
    pub fn has_others(&self) -> bool {
        self.gateways.keys().any(|name| *name != self.gateway)
    }

    /// Returns whether a gateway is online with this session, as far as is known.
    #[must_use]
    pub fn is_alive(&self, gateway: &str, session: &str) -> bool {
        self.gateways.get(gateway).is_some_and(|online| online == session)
    }

    /// There is a connection to the broker. Presences are not known yet.
    pub fn connected(&mut self, session: &str) {
        self.session = Some(session.to_owned());
        self.synced = false;
        self.gateways.clear();
        for one in self.devices.values_mut() {
            one.seen = None;
            if !matches!(one.phase, Phase::Holding(_)) {
                one.phase = Phase::Watching;
            }
        }
    }

    /// All retained presences have been seen.
    ///
    /// Devices that are held stay held, unless another gateway has claimed them.
    pub fn synced(&mut self, now: Time) -> Vec<Act> {
        self.synced = true;
        self.lost_at = None;
        let names: Vec<_> = self.devices.keys().cloned().collect();
        let mut acts = Vec::new();
        for name in names {
            match self.held(&name) {
                Some(_) => acts.push(Act::Publish(name)),
                None => self.look(&name, now),
            }
        }
        acts
    }

    /// The connection is lost.
    pub fn disconnected(&mut self, now: Time) {
        self.session = None;
        self.synced = false;
        self.lost_at.get_or_insert(now);
        for one in self.devices.values_mut() {
            if !matches!(one.phase, Phase::Holding(_)) {
                one.phase = Phase::Watching;
            }
        }
    }

    /// The state of a gateway was seen: its session, or `None` if it is not online.
    pub fn gateway(&mut self, name: &str, session: Option<&str>, now: Time) {
        match session {
            Some(session) => self.gateways.insert(name.to_owned(), session.to_owned()),
            None => self.gateways.remove(name),
        };
        let concerned = |one: &One| one.seen.as_ref().is_some_and(|claim| claim.gateway == name);
        let names: Vec<_> =
            self.devices.iter().filter(|(_, one)| concerned(one)).map(|(name, _)| name.clone()).collect();
        names.iter().for_each(|name| self.look(name, now));
    }

    /// The presence of a device was seen, or that it has none.
    pub fn presence(&mut self, device: &str, claim: Option<Claim>, now: Time) -> Option<Act> {
        let mine = claim.as_ref().is_some_and(|claim| self.is_mine(claim));
        let own_name = claim.as_ref().is_some_and(|claim| claim.gateway == self.gateway);
        let one = self.devices.get_mut(device)?;
        let term = claim.as_ref().map_or(0, |claim| claim.term);
        one.seen = claim;
        one.highest = one.highest.max(term);
        match &mut one.phase {
            Phase::Holding(held) => {
                // What this gateway has published itself, perhaps on its last connection.
                if mine || own_name && term <= *held {
                    return None;
                }
                if term >= *held && one.seen.is_some() {
                    one.phase = Phase::Watching;
                    self.look(device, now);
                    return Some(Act::Drop(device.to_owned()));
                }
                return self.synced.then(|| Act::Publish(device.to_owned()));
            }
            Phase::Claiming { term: claimed, back, .. } => {
                if mine && term == *claimed {
                    back.get_or_insert(now);
                } else if term > *claimed || term == *claimed && back.is_some() && one.seen.is_some() {
                    one.phase = Phase::Watching;
                    self.look(device, now);
                }
            }
            Phase::Watching | Phase::Pausing(_) => self.look(device, now),
        }
        None
    }

    /// Gives a device up, because it cannot be reached: others may serve it. Publish its presence as released.
    pub fn release(&mut self, device: &str, now: Time) {
        if let Some(one) = self.devices.get_mut(device) {
            one.phase = Phase::Pausing(now + RELEASED);
        }
    }

    /// Does what is due, and returns when to call it again at the latest.
    pub fn tick(&mut self, now: Time) -> (Vec<Act>, Option<Time>) {
        let mut acts = Vec::new();
        if self.lost_at.is_some_and(|lost| now >= lost + self.grace) {
            for (name, one) in &mut self.devices {
                if matches!(one.phase, Phase::Holding(_)) {
                    one.phase = Phase::Watching;
                    acts.push(Act::Drop(name.clone()));
                }
            }
        }
        if self.session.is_none() || !self.synced {
            let due = self.lost_at.map(|lost| lost + self.grace).filter(|due| *due > now);
            return (acts, due);
        }
        let mut next: Option<Time> = None;
        let mut wait = |until: Time| next = Some(next.map_or(until, |next| next.min(until)));
        for (name, one) in &mut self.devices {
            match one.phase {
                Phase::Pausing(until) if until <= now => {
                    let term = one.highest.saturating_add(1);
                    one.highest = term;
                    one.phase = Phase::Claiming { term, sent: now, back: None };
                    acts.push(Act::Claim(name.clone(), term));
                    wait(now + LOST);
                }
                Phase::Pausing(until) => wait(until),
                Phase::Claiming { term, back: Some(back), .. } if back + STANDING <= now => {
                    one.phase = Phase::Holding(term);
                    acts.push(Act::Hold(name.clone(), term));
                }
                Phase::Claiming { back: Some(back), .. } => wait(back + STANDING),
                Phase::Claiming { sent, back: None, .. } if sent + LOST <= now => {
                    one.phase = Phase::Pausing(now);
                    wait(now);
                }
                Phase::Claiming { sent, .. } => wait(sent + LOST),
                Phase::Watching | Phase::Holding(_) => {}
            }
        }
        (acts, next)
    }

    fn is_mine(&self, claim: &Claim) -> bool {
        claim.gateway == self.gateway && self.session.as_deref() == Some(&claim.session)
    }

    /// Decides whether a device that is not held needs a claim.
    fn look(&mut self, device: &str, now: Time) {
        let Some(one) = self.devices.get_mut(device) else { return };
        if !self.synced || !matches!(one.phase, Phase::Watching | Phase::Pausing(_)) {
            return;
        }
        // A claim of this gateway itself, which it does not hold, was published before it read that of another one.
        let alive = |claim: &Claim| {
            let other = claim.gateway != self.gateway && !claim.released;
            other && self.gateways.get(&claim.gateway) == Some(&claim.session)
        };
        if one.seen.as_ref().is_some_and(alive) {
            one.phase = Phase::Watching;
        } else if one.phase == Phase::Watching {
            let (low, high) = PAUSE;
            let pause = self.random.u64(low.as_millis() as u64..=high.as_millis() as u64);
            one.phase = Phase::Pausing(now + Duration::from_millis(pause));
        }
    }
}

#[cfg(test)]
mod tests;

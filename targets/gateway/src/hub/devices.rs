//! Claiming, serving and releasing devices.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use oncilla_fleet::wire::{DOCUMENT_MAX, Document, Hash, Name, Presence, PresenceState, Session, Topic, unix_ms};

use super::Gateway;
use super::held::{Held, LastSeen, claiming};
use crate::ownership::Act;
use crate::worker::{Known, Lane, News, What, start};

/// After how long without its device a gateway gives it up, in ms.
const AWAY: u64 = 15_000;

impl Gateway {
    /// Does what ownership asks for.
    pub(super) fn act(&mut self, act: Act) {
        match act {
            Act::Claim(device, term) => {
                let Some(device) = self.settings().devices.get(device.as_str()).cloned() else { return };
                tracing::debug!(device = %device.name, term, "claiming");
                let last = self.last_seen(&device.name);
                let presence = claiming(&device, &self.settings().gateway, self.session, term, last);
                self.publish_presence(&device.name, &presence);
            }
            Act::Hold(device, term) => self.hold(&device, term),
            Act::Publish(device) => {
                if let (Some(held), Some(term)) = (self.held.get_mut(device.as_str()), self.ownership.held(&device)) {
                    held.term = term;
                    let name = held.device.name.clone();
                    self.publish(&name);
                }
            }
            Act::Drop(device) => {
                if let Some(held) = self.held.get(device.as_str()) {
                    tracing::info!(device = %held.device.name, "another gateway serves the device, or the broker is lost");
                    let name = held.device.name.clone();
                    self.close(&name);
                }
            }
        }
    }

    /// Publishes the presence of a device that this gateway holds.
    fn publish(&self, device: &Name) {
        if let Some(held) = self.held.get(device) {
            let presence = held.presence(&self.settings().gateway, self.session, self.last_seen(device));
            self.publish_presence(device, &presence);
        }
    }

    fn last_seen(&self, device: &Name) -> LastSeen {
        self.last_seen.get(device).cloned().unwrap_or_default()
    }

    /// Keeps what a device serves, as a gateway has published it.
    pub(super) fn seen(&mut self, device: &Name, presence: &Presence) {
        if !presence.programs.is_empty() || presence.description.is_some() {
            let (programs, description) = (presence.programs.clone(), presence.description);
            self.last_seen.insert(device.clone(), LastSeen { programs, description });
        }
    }

    fn publish_presence(&self, device: &Name, presence: &Presence) {
        let mut document = presence.to_bytes();
        if document.len() > DOCUMENT_MAX {
            tracing::warn!(%device, bytes = document.len(), "presence is too large with the programs; published without");
            document = Presence { programs: Vec::new(), ..presence.clone() }.to_bytes();
        }
        self.retain(&Topic::Presence { device: device.clone() }, document, Default::default());
    }

    /// Serves a device: starts its worker.
    fn hold(&mut self, device: &str, term: u64) {
        let Some(device) = self.settings().devices.get(device).cloned() else { return };
        self.close(&device.name.clone());
        self.workers += 1;
        let lane = Arc::new(Lane::new(device.calls));
        let reason = match start(Arc::clone(&self.shared), Arc::clone(&device), Arc::clone(&lane), self.workers) {
            Ok(()) => {
                self.running += 1;
                "the gateway connects to it".to_owned()
            }
            Err(error) => {
                tracing::error!(device = %device.name, "cannot start a thread: {error}");
                format!("the gateway has no more threads: {error}")
            }
        };
        let held = Held { lane, worker: self.workers, term, known: None, since: unix_ms(), reason, turn: 0, device };
        let name = held.device.name.clone();
        self.held.insert(name.clone(), held);
        self.publish(&name);
        self.count();
        self.look(&name);
    }

    /// Serves a device no longer, without a word.
    fn close(&mut self, device: &Name) {
        let Some(held) = self.held.remove(device) else { return };
        let _ = self.sender.unsubscribe(&[self.calls_filter(device)]);
        for job in held.lane.close() {
            self.give_back(job, device, "another gateway serves the device now");
        }
        self.update_groups(&held.device.groups);
        self.count();
    }

    /// Gives a device up, and publishes that it is away and that others may serve it.
    pub(super) fn let_go(&mut self, device: &Name, why: &str) {
        let last = self.last_seen(device);
        let Some(held) = self.held.get_mut(device) else { return };
        held.down(why.to_owned());
        let mut presence = held.presence(&self.shared.settings.gateway, Session(0), last);
        presence.state = PresenceState::Away;
        self.close(device);
        self.publish_presence(device, &presence);
        self.ownership.release(device, self.now());
        self.due = Some(Duration::ZERO);
    }

    /// Gives up the devices that are away for long, if another gateway might reach them.
    pub(super) fn release_away(&mut self) {
        if !self.synced || !self.ownership.has_others() {
            return;
        }
        let now = unix_ms();
        let long = |held: &Held| held.known.is_none() && held.since.saturating_add(AWAY) <= now;
        let away: Vec<_> = self.held.values().filter(|held| long(held)).map(|held| held.device.name.clone()).collect();
        for device in away {
            let reason = self.held.get(&device).map(|held| held.reason.clone()).unwrap_or_default();
            tracing::info!(%device, "given up, since another gateway may reach it");
            self.let_go(&device, &reason);
        }
    }

    /// Takes the report of a worker.
    pub(super) fn news(&mut self, news: News) {
        if matches!(news.what, What::Gone) {
            self.running = self.running.saturating_sub(1);
            return;
        }
        let device = news.device;
        if let What::Ended(number, answer) = news.what {
            return self.ended(&device, number, answer);
        }
        let Some(held) = self.held.get_mut(&device).filter(|held| held.worker == news.worker) else { return };
        match news.what {
            What::Up(known) => {
                tracing::info!(%device, programs = known.programs.len(), boot = known.boot, "the device is online");
                held.up(known);
                self.announce(&device);
                self.look(&device);
            }
            What::Down(reason) => {
                if held.down(reason) {
                    tracing::info!(%device, reason = held.reason, "the device is away");
                    let groups = held.device.groups.clone();
                    let _ = self.sender.unsubscribe(&[self.calls_filter(&device)]);
                    self.update_groups(&groups);
                    self.publish(&device);
                    self.count();
                }
            }
            What::Ended(..) | What::Gone => {}
        }
    }

    /// Subscribes to the calls of a device that is reached, and publishes its presence.
    pub(super) fn announce(&mut self, device: &Name) {
        let Some(held) = self.held.get(device) else { return };
        if !self.synced {
            return;
        }
        let groups = held.device.groups.clone();
        if let Some(Known { description, .. }) = held.known.clone() {
            if let Some((hash, text)) = description {
                self.describe(hash, &text);
            }
            if let Err(error) = self.sender.subscribe(&[self.calls_filter(device)]) {
                tracing::warn!(%device, ?error, "cannot subscribe to calls");
            }
        }
        self.update_groups(&groups);
        self.publish(device);
        self.count();
    }

    /// Publishes a description, once per connection.
    fn describe(&mut self, hash: Hash, text: &str) {
        if self.described.insert(hash) {
            self.retain(&Topic::Description { hash }, text.as_bytes().to_vec(), Default::default());
        }
    }

    /// Returns the filter of the calls for a device.
    ///
    /// It is shared: if two gateways subscribe for a moment, the broker gives each call to one of them.
    fn calls_filter(&self, device: &Name) -> String {
        format!("$share/{}/{}", oncilla_fleet::wire::SHARE, self.topics.calls_of(device))
    }

    /// Subscribes to the calls of groups with a device that is online, and to no others.
    fn update_groups(&mut self, groups: &[Name]) {
        for group in groups {
            let wanted = self.online_in(group).next().is_some();
            let filters = [self.topics.any_of(group), self.topics.group_of(group)];
            if wanted && self.groups.insert(group.clone()) {
                let _ = self.sender.subscribe(&filters);
            } else if !wanted && self.groups.remove(group) {
                let _ = self.sender.unsubscribe(&filters);
            }
        }
    }

    /// Returns the devices of a group that are online here.
    pub(super) fn online_in<'g>(&'g self, group: &'g Name) -> impl Iterator<Item = &'g Held> {
        self.held.values().filter(|held| held.known.is_some() && held.device.groups.contains(group))
    }

    fn count(&self) {
        let online = self.held.values().filter(|held| held.known.is_some()).count();
        self.shared.metrics.devices("held", self.held.len());
        self.shared.metrics.devices("online", online);
        self.status.held.store(self.held.len(), Ordering::Relaxed);
        self.status.online.store(online, Ordering::Relaxed);
    }
}

//! The loop of the hub.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mio::Events;
use oncilla_fleet::wire::{Document, GatewayState, Online, Presence, Session, Topic, unix_ms};

use super::Gateway;
use super::inbox::Told;
use super::uplink::Which;
use crate::mqtt::{Event, Received};
use crate::ownership::Claim;
use crate::queue::Key;

/// The longest wait.
pub(super) const WAIT: Duration = Duration::from_secs(1);

/// The number of filters in one subscription.
pub(super) const FILTERS: usize = 64;

impl Gateway {
    /// Runs until it is stopped.
    ///
    /// # Errors
    /// The system cannot wait for sockets. A broker or devices that are not reached are no errors: they are tried again.
    pub fn run(mut self) -> io::Result<()> {
        let mut ready = Events::with_capacity(64);
        let mut events = Vec::new();
        if self.settings().devices.is_empty() {
            tracing::warn!("the file has no devices: nothing is published; add a table such as [devices.oven-1]");
        }
        while !self.is_done() {
            let wait = self.wait();
            self.poll.poll(&mut ready, Some(wait)).or_else(|error| match error.kind() {
                io::ErrorKind::Interrupted => Ok(()),
                _ => Err(error),
            })?;
            let token = self.calls.token();
            if self.calls.has_more() || ready.iter().any(|event| event.token() == token) {
                self.calls.ready(&mut events);
            }
            self.calls.tick(Instant::now(), &mut events);
            events.drain(..).for_each(|event| self.guarded(|hub| hub.happened(event)));
            if let Some(queueing) = &mut self.queueing {
                let token = queueing.uplink.token();
                if queueing.uplink.has_more() || ready.iter().any(|event| event.token() == token) {
                    queueing.uplink.ready(&mut events);
                }
                queueing.uplink.tick(Instant::now(), &mut events);
                events.drain(..).for_each(|event| self.guarded(|hub| hub.queue_happened(event)));
            }
            for told in self.inbox.take() {
                self.guarded(|hub| hub.told(told));
            }
            self.guarded(Self::tick);
        }
        Ok(())
    }

    /// Does one thing. A panic in it costs this one thing.
    fn guarded(&mut self, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            self.shared.metrics.panic();
            tracing::error!("the gateway panicked; it goes on without what it was doing");
        }
    }

    fn wait(&mut self) -> Duration {
        let queue = self.queueing.as_ref().and_then(|queueing| queueing.uplink.due());
        let next = self.calls.due().into_iter().chain(queue).min();
        let now = Instant::now();
        let links = next.map(|due| due.saturating_duration_since(now));
        let ownership = self.due.map(|due| due.saturating_sub(self.now()));
        let stopping = self.stopping.map(|until| until.saturating_duration_since(now));
        let watchdog = self.manager.keep_alive();
        [links, ownership, stopping, watchdog].into_iter().flatten().min().unwrap_or(WAIT).min(WAIT)
    }

    fn tick(&mut self) {
        if self.stopping.is_some() {
            return;
        }
        let shared = self.shared.clone();
        self.calls.dial(&shared.settings.broker, &self.inbox);
        if let Some(queueing) = &mut self.queueing {
            queueing.uplink.dial(&shared.settings.broker, &self.inbox);
        }
        // It looks at all devices, so it is asked only when it has something to do.
        if self.due.is_some_and(|due| due <= self.now()) {
            let (acts, due) = self.ownership.tick(self.now());
            self.due = due;
            acts.into_iter().for_each(|act| self.act(act));
        }
        if self.second <= Instant::now() {
            self.second = Instant::now() + WAIT;
            self.release_away();
            self.queue_tick();
        }
    }

    fn told(&mut self, told: Told) {
        match told {
            Told::News(news) => self.news(news),
            Told::Dialed(Which::Calls, carrier) => {
                // Each connection is a new session.
                self.session = Session(fastrand::u64(1..));
                match self.hello() {
                    Ok(hello) => self.calls.dialed(carrier, &hello, self.poll.registry()),
                    Err(error) => self.calls.lost(&error),
                }
            }
            Told::Dialed(Which::Queue, carrier) => {
                let hello = self.hello().map(|hello| self.hello_of_queue(hello));
                let Some(queueing) = &mut self.queueing else { return };
                match hello {
                    Ok(hello) => queueing.uplink.dialed(carrier, &hello, self.poll.registry()),
                    Err(error) => queueing.uplink.lost(&error),
                }
            }
            Told::Written(number, stage) => self.written(number, &stage),
            Told::Stop => self.stop(),
        }
    }

    /// Something happened on the link of calls.
    fn happened(&mut self, event: Event) {
        match event {
            Event::Connected { .. } => self.connected(),
            Event::Received(received) => self.received(&received),
            Event::Refused(what) => tracing::warn!("{what}"),
            Event::Closed(why) => {
                self.calls.lost(&why);
                self.synced = false;
                self.shared.metrics.connected(false);
                self.status.connected.store(false, Ordering::Relaxed);
                self.manager.state(&format!("no connection to the broker: {why}"));
                self.ownership.disconnected(self.now());
                self.due = Some(Duration::ZERO);
                if let Some(queueing) = &mut self.queueing {
                    queueing.queue.lost();
                }
            }
        }
    }

    /// Subscribes to presence and publishes the gateway, after the broker has accepted the connection.
    fn connected(&mut self) {
        self.calls.accepted();
        self.shared.metrics.connected(true);
        self.described.clear();
        self.groups.clear();
        self.ownership.connected(&self.session.to_string());
        let now = self.now();
        if let Some(queueing) = &mut self.queueing {
            queueing.queue.announce_again();
            queueing.peers.connected(now);
        }
        let devices =
            self.settings().devices.keys().map(|device| self.topics.text(&Topic::Presence { device: device.clone() }));
        let mut filters: Vec<_> = std::iter::once(self.topics.all("gateway")).chain(devices).collect();
        if self.queueing.is_some() {
            filters.extend(self.settings().devices.keys().map(|device| self.topics.states_of(device)));
        }
        for part in filters.chunks(FILTERS) {
            if let Err(error) = self.sender.subscribe(part) {
                tracing::warn!(?error, "cannot subscribe to presence");
            }
        }
        // When it comes back, all that was retained before has come.
        let gateway = self.settings().gateway.clone();
        self.retain(&Topic::Gateway { gateway }, self.state(Online::Online).to_bytes(), Default::default());
    }

    fn received(&mut self, received: &Received) {
        match self.topics.parse(&received.topic) {
            Ok(Topic::Gateway { gateway }) => {
                let state = GatewayState::parse(received.payload.as_slice()).ok();
                let there = state.as_ref().filter(|state| state.state == Online::Online);
                let online = there.map(|state| state.session);
                let own = gateway == self.settings().gateway;
                if let Some(queueing) = self.queueing.as_mut().filter(|_| !own) {
                    // A last will cannot have a time. One that was taken back will not return.
                    let ended = state.as_ref().is_none_or(|state| state.since.is_some());
                    queueing.peers.see(&gateway, there.map(|state| state.settled), ended);
                }
                let text = online.map(|session| session.to_string());
                self.ownership.gateway(&gateway, text.as_deref(), self.now());
                if own && online == Some(self.session) && !self.synced {
                    self.synced = true;
                    self.settle();
                    let acts = self.ownership.synced(self.now());
                    acts.into_iter().for_each(|act| self.act(act));
                    let held: Vec<_> = self.held.keys().cloned().collect();
                    held.iter().for_each(|device| self.announce(device));
                    tracing::info!(session = %self.session, devices = self.settings().devices.len(), "connected to the broker");
                    self.status.connected.store(true, Ordering::Relaxed);
                    self.manager.ready("connected to the broker");
                } else if own && online != Some(self.session) && self.synced {
                    // A last will of an older connection, or another gateway of the same name.
                    tracing::warn!("another gateway has published as {gateway}; give each its own name");
                    let state = self.state(Online::Online).to_bytes();
                    self.retain(&Topic::Gateway { gateway }, state, Default::default());
                }
                self.due = Some(Duration::ZERO);
                if self.synced {
                    self.look_at_all();
                }
            }
            Ok(Topic::State { device, user, id }) => self.call_state(&Key { device, user, id }, received),
            Ok(Topic::Presence { device }) => {
                let presence = Presence::parse(received.payload.as_slice()).ok();
                if let Some(presence) = &presence {
                    self.seen(&device, presence);
                }
                let claim = presence.map(|presence| Claim {
                    gateway: presence.gateway.as_str().to_owned(),
                    session: presence.session.to_string(),
                    term: presence.term,
                    released: presence.session == Session(0),
                });
                let act = self.ownership.presence(&device, claim, self.now());
                act.into_iter().for_each(|act| self.act(act));
                self.due = Some(Duration::ZERO);
            }
            _ => self.call(received),
        }
    }

    /// Begins to stop: no new calls, and those that are being made end.
    fn stop(&mut self) {
        if self.stopping.is_some() {
            return;
        }
        tracing::info!("stopping");
        self.stopping = Some(Instant::now() + self.settings().limits.stop);
        self.status.stopping.store(true, Ordering::Relaxed);
        self.manager.stopping();
        let devices: Vec<_> = self.held.keys().cloned().collect();
        devices.iter().for_each(|device| self.let_go(device, "its gateway stops"));
    }

    /// Returns whether the gateway has stopped. The last thing it does is to say farewell.
    fn is_done(&mut self) -> bool {
        let Some(until) = self.stopping else { return false };
        let late = Instant::now() >= until;
        if self.running > 0 && !late {
            return false;
        }
        // A call that others know as delivered is given back, or has ended, before the gateway is gone.
        let delivering = self.queueing.as_ref().is_some_and(|queueing| queueing.queue.is_delivering());
        if delivering && self.sender.is_open() && !late {
            return false;
        }
        if late && self.running > 0 {
            tracing::warn!(workers = self.running, "calls were given up");
        }
        if self.sender.is_open() && !self.farewell {
            self.farewell = true;
            let gateway = self.settings().gateway.clone();
            let state = GatewayState { since: Some(unix_ms()), ..self.state(Online::Offline) };
            self.retain(&Topic::Gateway { gateway }, state.to_bytes(), Default::default());
        }
        if self.sender.is_open() && self.sender.waiting() > 0 && !late {
            return false;
        }
        self.sender.disconnect();
        true
    }
}

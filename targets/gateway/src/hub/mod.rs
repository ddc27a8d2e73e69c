//! The hub: one thread that talks to the broker, owns devices and hands calls to workers.

mod calls;
mod devices;
mod held;
mod inbox;
mod queue;
mod run;
mod uplink;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mio::{Poll, Token, Waker};
use oncilla_fleet::wire::{
    Document, GatewayState, Hash, MESSAGE_MAX, Name, Online, Properties, Session, Topic, Topics, unix_ms,
};

use crate::dedupe::Seen;
use crate::health::{self, Health, Status};
use crate::manager::Manager;
use crate::metrics::Metrics;
use crate::mqtt::{Hello, Publication, Sender, password};
use crate::ownership::Ownership;
use crate::settings::Settings;
use crate::worker::{Interfaces, Shared};
use held::{Held, LastSeen};
use inbox::{Inbox, Told};
use queue::Queueing;
use uplink::{Uplink, Which};

/// The token of the inbox.
const INBOX: Token = Token(0);

/// The largest packet of the broker: a message with its topic and properties.
const PACKET_MAX: u32 = (MESSAGE_MAX + (64 << 10)) as u32;

/// A gateway that is ready to run.
pub struct Gateway {
    shared: Arc<Shared>,
    topics: Topics,
    session: Session,
    start: Instant,
    poll: Poll,
    inbox: Inbox,
    calls: Uplink,
    sender: Sender,
    ownership: Ownership,
    held: BTreeMap<Name, Held>,
    /// The number of the last choice among the devices of a group.
    turn: u64,
    /// What each device served when it was last reached.
    last_seen: BTreeMap<Name, LastSeen>,
    /// Groups with a device that is online.
    groups: BTreeSet<Name>,
    /// What is published since the last connection.
    described: BTreeSet<Hash>,
    seen: Seen,
    synced: bool,
    workers: u64,
    running: usize,
    stopping: Option<Instant>,
    farewell: bool,
    status: Arc<Status>,
    manager: Manager,
    health: Option<Health>,
    queueing: Option<Queueing>,
    /// When ownership has something to do.
    due: Option<Duration>,
    /// When what is done each second is done next.
    second: Instant,
}

/// Stops a gateway from any thread.
#[derive(Clone)]
pub struct Stopper(Inbox);

impl Stopper {
    /// Stops the gateway in order: it finishes its calls, and publishes that its devices are away.
    pub fn stop(&self) {
        self.0.tell(Told::Stop);
    }
}

impl std::fmt::Debug for Stopper {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Stopper").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Gateway").field("session", &self.session).finish_non_exhaustive()
    }
}

impl Gateway {
    /// Creates a gateway. It connects to nothing before it runs.
    ///
    /// # Errors
    /// The system has no means to wait for sockets, the address of health is in use, or the journal cannot be opened.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let poll = Poll::new()?;
        let inbox = Inbox::new(Waker::new(poll.registry(), INBOX)?);
        let calls = Uplink::new(Which::Calls);
        let sender = calls.sender();
        let topics = Topics::new(settings.fleet.clone());
        let names = settings.devices.keys().map(|name| name.as_str().to_owned());
        // The broker gives a connection up after one and a half times the interval.
        let grace = settings.broker.keep_alive.mul_f64(1.5);
        let ownership = Ownership::new(&settings.gateway, names, grace, fastrand::u64(..));
        let seen = Seen::new(settings.limits.remembered);
        let metrics = Metrics::default();
        metrics.devices("configured", settings.devices.len());
        metrics.connected(false);
        let status = Arc::new(Status::default());
        status.configured.store(settings.devices.len(), Ordering::Relaxed);
        let health = match &settings.health {
            Some(at) => {
                let wrong =
                    |error: io::Error| io::Error::new(error.kind(), format!("`listen` of [health], {at}: {error}"));
                Some(health::serve(at, Arc::clone(&status), metrics.clone()).map_err(wrong)?)
            }
            None => None,
        };
        let queueing = Queueing::open(&settings, &inbox).map_err(io::Error::other)?;
        let telling = inbox.clone();
        let shared = Arc::new(Shared {
            settings,
            sender: sender.clone(),
            interfaces: Interfaces::default(),
            metrics,
            tell: Box::new(move |news| telling.tell(Told::News(news))),
        });
        Ok(Self {
            shared,
            topics,
            session: Session(0),
            start: Instant::now(),
            poll,
            inbox,
            calls,
            sender,
            ownership,
            held: BTreeMap::new(),
            last_seen: BTreeMap::new(),
            turn: 0,
            groups: BTreeSet::new(),
            described: BTreeSet::new(),
            seen,
            synced: false,
            workers: 0,
            running: 0,
            stopping: None,
            farewell: false,
            status: Arc::clone(&status),
            manager: Manager::new(),
            health,
            queueing,
            due: None,
            second: Instant::now(),
        })
    }

    /// Returns what stops the gateway.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper(self.inbox.clone())
    }

    /// Returns where health and metrics are asked for, if the settings have such a place.
    #[must_use]
    pub fn health(&self) -> Option<&crate::settings::Listen> {
        self.health.as_ref().map(Health::address)
    }

    /// Returns the counters.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.shared.metrics.clone()
    }

    fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Publishes a retained document.
    fn retain(&self, topic: &Topic, payload: Vec<u8>, properties: Properties) {
        let publication = Publication { topic: self.topics.text(topic), payload, retain: true, properties };
        if let Err(error) = self.sender.publish(publication) {
            tracing::debug!(?topic, ?error, "not published");
        }
    }

    fn state(&self, state: Online) -> GatewayState {
        let since = (state == Online::Online).then(unix_ms);
        let settled = state == Online::Online && (self.synced || self.queueing.is_none());
        GatewayState { state, session: self.session, since, settled, version: env!("CARGO_PKG_VERSION").to_owned() }
    }

    /// Returns how to introduce oneself.
    fn hello(&self) -> Result<Hello, String> {
        let settings = self.settings();
        let broker = &settings.broker;
        let password = password(broker)?;
        let topic = self.topics.text(&Topic::Gateway { gateway: settings.gateway.clone() });
        let will = self.state(Online::Offline).to_bytes();
        Ok(Hello {
            client: format!("oncilla-{}-{}", settings.fleet, settings.gateway),
            user: broker.user.clone(),
            password,
            keep_alive: broker.keep_alive,
            session: Duration::ZERO,
            will: Some(Publication { topic, payload: will, retain: true, ..Publication::default() }),
            packet_max: PACKET_MAX,
            by_hand: false,
        })
    }
}

//! A link to the broker that is made again when it is lost.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use mio::{Interest, Registry, Token};

use super::inbox::{Inbox, Told};
use crate::mqtt::{Carrier, Event, Hello, Link, Sender, dial};
use crate::settings::Broker;

/// The pause before a connection is made again, doubled by each failed attempt.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How long a connection lasts that is not one of a series of failures.
const STEADY: Duration = Duration::from_secs(10);

/// How long connecting may take.
const DIAL: Duration = Duration::from_secs(10);

/// Which link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// That of calls, replies and presence.
    Calls,
    /// That of the queue, whose session the broker keeps.
    Queue,
}

/// A link and its attempts to connect.
pub struct Uplink {
    which: Which,
    link: Link,
    state: State,
    pause: Duration,
    /// Since when the broker has accepted the connection.
    accepted: Option<Instant>,
    /// Whether there may be more to read without a new event of the system.
    more: bool,
}

enum State {
    Pausing(Instant),
    Dialing,
    Open,
}

impl Uplink {
    pub fn new(which: Which) -> Self {
        Self {
            which,
            link: Link::default(),
            state: State::Pausing(Instant::now()),
            pause: PAUSE.0,
            accepted: None,
            more: false,
        }
    }

    pub fn sender(&self) -> Sender {
        self.link.sender()
    }

    pub const fn token(&self) -> Token {
        match self.which {
            Which::Calls => Token(1),
            Which::Queue => Token(2),
        }
    }

    /// Returns when there is something to do.
    pub fn due(&self) -> Option<Instant> {
        match self.state {
            _ if self.more => Some(Instant::now()),
            State::Pausing(until) => Some(until),
            State::Dialing => None,
            State::Open => self.link.due(),
        }
    }

    /// Connects, if it is time.
    pub fn dial(&mut self, broker: &Broker, inbox: &Inbox) {
        if !matches!(self.state, State::Pausing(until) if until <= Instant::now()) {
            return;
        }
        self.state = State::Dialing;
        let (broker, told, which) = (broker.clone(), inbox.clone(), self.which);
        let dialing = thread::Builder::new().name("broker".to_owned());
        let spawned = dialing.spawn(move || told.tell(Told::Dialed(which, dial(&broker, DIAL))));
        if let Err(error) = spawned {
            self.lost(&error.to_string());
        }
    }

    /// Takes a socket that is connected.
    pub fn dialed(&mut self, carrier: Result<Carrier, String>, hello: &Hello, registry: &Registry) {
        let begun = carrier.and_then(|carrier| self.link.begin(carrier, hello));
        let token = self.token();
        let begun = begun.and_then(|()| {
            let registered: Option<io::Result<()>> = self
                .link
                .with_socket(|socket| registry.register(socket, token, Interest::READABLE | Interest::WRITABLE));
            registered.unwrap_or(Ok(())).map_err(|error| error.to_string())
        });
        match begun {
            Ok(()) => (self.state, self.more) = (State::Open, true),
            Err(error) => self.lost(&error),
        }
    }

    /// The broker has accepted the connection.
    pub fn accepted(&mut self) {
        self.accepted = Some(Instant::now());
    }

    /// The connection is lost, or could not be made.
    pub fn lost(&mut self, why: &str) {
        self.link.drop_connection();
        self.more = false;
        // A connection that ends at once, again and again, is not made again at once.
        let short = self.accepted.take().map(|since| since.elapsed() < STEADY);
        if short == Some(false) {
            self.pause = PAUSE.0;
        }
        let help = match short {
            Some(true) => "; it was open for a short time: does another gateway have this name?",
            _ => "",
        };
        // Up to half of the pause is removed, so that gateways do not connect at one time.
        let pause = self.pause.mul_f64(1.0 - fastrand::f64() / 2.0);
        self.state = State::Pausing(Instant::now() + pause);
        tracing::warn!(link = ?self.which, "no connection to the broker: {why}{help}; the next attempt is in {pause:.1?}");
        self.pause = (self.pause * 2).min(PAUSE.1);
    }

    /// Reads what has arrived.
    pub fn ready(&mut self, events: &mut Vec<Event>) {
        if matches!(self.state, State::Open) {
            self.more = self.link.ready(events);
        }
    }

    pub const fn has_more(&self) -> bool {
        self.more
    }

    /// Does what is due.
    pub fn tick(&self, now: Instant, events: &mut Vec<Event>) {
        if matches!(self.state, State::Open) {
            self.link.tick(now, events);
        }
    }
}

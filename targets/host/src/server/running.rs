//! The event loop: readiness, fairness, stopping.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Events, Poll, Token};
use oncilla::Table;

use super::connections::Connections;
use super::signals::Signals;
use super::source::Source;
use super::state::State;
#[cfg(all(feature = "systemd", target_os = "linux"))]
use super::systemd::Manager;
use super::{SIGNAL, SOURCES, STOP, Server, Stopper, mailbox};

/// Connections that are accepted on one address before existing connections are served again.
const ACCEPTS: usize = 16;

/// The pause before a source is tried again after the system lacked a resource.
const PAUSE: Duration = Duration::from_millis(100);

/// The time that a stop may take beside the running procedure: to answer received calls and send the replies.
const GRACE: Duration = Duration::from_secs(1);

/// A server while it serves.
pub(super) struct Running<'a> {
    poll: &'a mut Poll,
    stopper: &'a Stopper,
    signals: &'a mut Option<Signals>,
    sources: &'a mut [Source],
    /// The buffers for datagrams.
    buffers: mailbox::Buffers<'a>,
    connections: Connections,
    #[cfg(all(feature = "systemd", target_os = "linux"))]
    manager: &'a mut Option<Manager>,
    stopping: bool,
}

impl<'a> Running<'a> {
    /// Allocates all memory, for calls of at most `call` bytes.
    pub(super) fn new<S>(server: &'a mut Server, call: usize, table: &Table<S>) -> Self {
        let Server { poll, stopper, signals, sources, limits, replies, hooks, .. } = server;
        let hooks = hooks.serving(table);
        let reply = table.reply_max();
        sources.iter_mut().for_each(Source::set_ready);
        let datagrams = sources.iter().any(|source| matches!(source, Source::Mailbox(_)));
        Self {
            connections: Connections::new(*limits, Arc::clone(&hooks), SOURCES + sources.len(), call, reply),
            poll,
            stopper,
            signals,
            sources,
            buffers: if datagrams {
                mailbox::Buffers::new(call, reply, replies.of(limits.replies, table, mailbox::MESSAGE_MAX), hooks)
            } else {
                mailbox::Buffers::new(0, 0, None, hooks)
            },
            #[cfg(all(feature = "systemd", target_os = "linux"))]
            manager: &mut server.manager,
            stopping: false,
        }
    }

    pub(super) fn serve<S>(mut self, table: &Table<S>, state: &mut S) -> io::Result<()> {
        let mut events = Events::with_capacity(self.connections.len().clamp(16, 1024));
        self.stopping = self.stopper.take();
        #[cfg(all(feature = "systemd", target_os = "linux"))]
        self.manager.iter().for_each(Manager::ready);
        while !self.stopping {
            // Connections have their turn first, because a connection that ends frees its slot.
            self.turns(table, state);
            self.sources(table, state);
            let wait = self.wait();
            self.watch(&mut events, wait)?;
            self.check(table, state);
        }
        self.finish(&mut events, table, state)
    }

    /// Polls for events for at most `wait`.
    fn watch(&mut self, events: &mut Events, wait: Option<Duration>) -> io::Result<()> {
        #[cfg(all(feature = "systemd", target_os = "linux"))]
        let wait = self.manager.as_mut().map_or(wait, |manager| manager.keep_alive(wait));
        match self.poll.poll(events, wait) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        for event in &*events {
            self.note(event);
        }
        Ok(())
    }

    fn note(&mut self, event: &Event) {
        match event.token() {
            // A signal wakes the event loop by either token.
            STOP | SIGNAL => {
                self.stopping |= self.stopper.take();
                self.stopping |= self.signals.as_mut().is_some_and(Signals::take);
            }
            Token(token) => {
                let place = token - SOURCES;
                match self.sources.get_mut(place) {
                    Some(source) => source.set_ready(),
                    None => self.connections.note(place - self.sources.len(), event),
                }
            }
        }
    }

    fn turns<S>(&mut self, table: &Table<S>, state: &mut S) {
        let Self { poll, stopper, signals, connections, .. } = self;
        connections.turns(poll.registry(), table, state, || !is_stopped(stopper, signals));
    }

    fn check<S>(&mut self, table: &Table<S>, state: &mut S) {
        let Self { poll, stopper, signals, connections, .. } = self;
        connections.check(poll.registry(), table, state, || !is_stopped(stopper, signals));
    }

    /// Accepts connections and answers datagrams.
    fn sources<S>(&mut self, table: &Table<S>, state: &mut S) {
        let Self { poll, stopper, signals, sources, buffers, connections, .. } = self;
        for source in sources.iter_mut().filter(|source| source.state() != State::Quiet) {
            match source {
                Source::Mailbox(mailbox) => mailbox.turn(buffers, table, state, || !is_stopped(stopper, signals)),
                Source::Listener(listener) => {
                    for (stream, origin) in (0..ACCEPTS).map_while(|_| listener.accept()) {
                        connections.admit(poll.registry(), stream, origin);
                    }
                }
            }
            if source.state() == State::Paused {
                // Every round tries such a source again, so it is enough to have a round then.
                connections.check_by(Instant::now() + PAUSE);
            }
        }
    }

    /// Returns how long to wait for events. `None` means without limit.
    fn wait(&self) -> Option<Duration> {
        if self.connections.any_ready() || self.sources.iter().any(|source| source.state() == State::Ready) {
            return Some(Duration::ZERO);
        }
        self.connections.time_to_check()
    }

    /// Answers calls that were received and sends the replies, for at most [`GRACE`].
    fn finish<S>(mut self, events: &mut Events, table: &Table<S>, state: &mut S) -> io::Result<()> {
        #[cfg(all(feature = "systemd", target_os = "linux"))]
        self.manager.iter().for_each(Manager::stopping);
        let end = Instant::now() + GRACE;
        self.connections.enqueue_all();
        loop {
            self.connections.stop_reading();
            self.connections.turns(self.poll.registry(), table, state, || Instant::now() < end);
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.connections.any_at_work() {
                return Ok(());
            }
            let wait = if self.connections.any_ready() { Duration::ZERO } else { left };
            self.watch(events, Some(wait))?;
        }
    }
}

/// Returns whether a [`Stopper`] or a signal asks the server to stop.
fn is_stopped(stopper: &Stopper, signals: &Option<Signals>) -> bool {
    stopper.is_asked() || signals.as_ref().is_some_and(Signals::is_pending)
}

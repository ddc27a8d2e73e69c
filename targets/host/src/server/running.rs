//! The event loop: readiness, fairness, stopping.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Events, Poll, Token};

use super::calls::Calls;
use super::connections::Connections;
use super::executor::Executor;
use super::job::{Destination, Job};
use super::mailbox::Pool;
use super::signals::Signals;
use super::source::Source;
use super::state::State;
#[cfg(all(feature = "systemd", target_os = "linux"))]
use super::systemd::Manager;
use super::{SIGNAL, SOURCES, STOP, Stopper};

/// Connections that are accepted on one address before existing connections are served again.
const ACCEPTS: usize = 16;

/// The pause before a source is tried again after the system lacked a resource.
const PAUSE: Duration = Duration::from_millis(100);

/// A server while it serves.
pub(super) struct Running<'a, X> {
    pub(super) poll: &'a mut Poll,
    pub(super) stopper: &'a Stopper,
    pub(super) signals: &'a mut Option<Signals>,
    pub(super) sources: &'a mut [Source],
    pub(super) calls: Calls<'a, X>,
    /// The buffers for datagrams.
    pub(super) pool: Pool,
    pub(super) connections: Connections,
    /// The time that a stop may take beside the procedures that run.
    pub(super) stop_limit: Duration,
    #[cfg(all(feature = "systemd", target_os = "linux"))]
    pub(super) manager: &'a mut Option<Manager>,
    pub(super) stopping: bool,
}

impl<'a, X: Executor> Running<'a, X> {
    pub(super) fn serve(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(self.connections.len().clamp(16, 1024));
        self.sources.iter_mut().for_each(Source::set_ready);
        self.stopping = self.stopper.take();
        #[cfg(all(feature = "systemd", target_os = "linux"))]
        self.manager.iter().for_each(Manager::ready);
        let mut datagrams_first = false;
        while !self.stopping {
            self.ended();
            if self.calls.executor.has_panicked() {
                return Ok(());
            }
            // Who asks first for a free worker changes with each round, so that neither shuts out the other.
            datagrams_first = X::CONCURRENT && !datagrams_first;
            if datagrams_first {
                self.datagrams();
            }
            // Connections have their turn before others are accepted, because a connection that ends frees its slot.
            self.turns();
            self.accept();
            if !datagrams_first {
                self.datagrams();
            }
            let wait = self.wait();
            self.watch(&mut events, wait)?;
            self.check();
        }
        self.finish(&mut events)
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

    fn turns(&mut self) {
        let Self { poll, stopper, signals, connections, calls, .. } = self;
        connections.turns(poll.registry(), calls, || !is_stopped(stopper, signals));
    }

    fn check(&mut self) {
        let Self { poll, stopper, signals, connections, calls, .. } = self;
        connections.check(poll.registry(), calls, || !is_stopped(stopper, signals));
    }

    /// Takes back the calls that have ended in other threads.
    fn ended(&mut self) {
        while let Some(job) = self.calls.ended() {
            self.end(job);
        }
    }

    fn end(&mut self, job: Job) {
        match job.destination {
            Destination::Connection(slot) => self.connections.end(slot, job),
            Destination::Datagram { mailbox, .. } => {
                if let Some(Source::Mailbox(mailbox)) = self.sources.get_mut(mailbox) {
                    mailbox.end(job, &mut self.pool, X::CONCURRENT);
                }
            }
        }
        self.connections.release();
    }

    /// Accepts connections.
    fn accept(&mut self) {
        let Self { poll, sources, connections, .. } = self;
        for source in sources.iter_mut().filter(|source| source.state() != State::Quiet) {
            let Source::Listener(listener) = source else { continue };
            for _ in 0..ACCEPTS {
                if !connections.can_admit() {
                    break;
                }
                let Some((stream, origin)) = listener.accept() else { break };
                connections.admit(poll.registry(), stream, origin);
            }
            check_paused(source, connections);
        }
    }

    /// Answers datagrams.
    fn datagrams(&mut self) {
        let Self { stopper, signals, sources, pool, connections, calls, .. } = self;
        for (index, source) in sources.iter_mut().enumerate().filter(|(_, source)| source.state() != State::Quiet) {
            let Source::Mailbox(mailbox) = source else { continue };
            mailbox.turn(index, pool, calls, || !is_stopped(stopper, signals));
            check_paused(source, connections);
        }
    }

    /// Returns how long to wait for events. `None` means without limit.
    fn wait(&self) -> Option<Duration> {
        let is_free = self.calls.executor.is_free();
        let is_ready =
            |source: &Source| source.state() == State::Ready && (is_free || matches!(source, Source::Listener(_)));
        let Self { connections, sources, .. } = self;
        if connections.any_ready() || is_free && connections.any_waiting() || sources.iter().any(is_ready) {
            return Some(Duration::ZERO);
        }
        connections.time_to_check()
    }

    /// Answers calls that were received and sends the replies, within the limit of the stop.
    fn finish(mut self, events: &mut Events) -> io::Result<()> {
        #[cfg(all(feature = "systemd", target_os = "linux"))]
        self.manager.iter().for_each(Manager::stopping);
        let limit = self.stopper.take_limit().unwrap_or(self.stop_limit);
        // A limit beyond what the clock counts is none.
        let end = Instant::now().checked_add(limit);
        let left = || end.map(|end| end.saturating_duration_since(Instant::now()));
        self.connections.enqueue_all();
        loop {
            self.ended();
            self.connections.stop_reading();
            self.connections.turns(self.poll.registry(), &mut self.calls, || left() != Some(Duration::ZERO));
            let left = left();
            let at_work = self.connections.any_at_work() || self.calls.executor.is_busy();
            if left == Some(Duration::ZERO) || !at_work || self.calls.executor.has_panicked() {
                break;
            }
            let is_ready =
                self.connections.any_ready() || self.calls.executor.is_free() && self.connections.any_waiting();
            self.watch(events, if is_ready { Some(Duration::ZERO) } else { left })?;
        }
        // The procedures that still run are waited for in any case. Their replies are sent if the sockets take them.
        while let Some(job) = self.calls.wait() {
            self.end(job);
        }
        self.connections.send_all();
        Ok(())
    }
}

/// Makes the next round come soon if a source lacks a resource. Every round tries such a source again.
fn check_paused(source: &Source, connections: &mut Connections) {
    if source.state() == State::Paused {
        connections.check_by(Instant::now() + PAUSE);
    }
}

/// Returns whether a [`Stopper`] or a signal asks the server to stop.
#[inline]
fn is_stopped(stopper: &Stopper, signals: &Option<Signals>) -> bool {
    stopper.is_asked() || signals.as_ref().is_some_and(Signals::is_pending)
}

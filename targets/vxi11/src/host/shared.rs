//! What the threads of a server share: the protocol's state, and who waits.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use std::vec::Vec;

use oncilla::message::Call;
use oncilla::{Handled, Handler, Needs, ProcedureId, Time};
use oncilla_host::{Error, Event};

use super::{CONNECTIONS, LINKS, POLL, READ_MAX, interrupts};
use crate::server::Channel;
use crate::{Instrument, InterruptChannel, Server, Settings};

/// Slots for connections: while one makes room for another, both are there.
const SLOTS: usize = CONNECTIONS + 1;

#[derive(Debug)]
pub(super) struct Shared<I> {
    state: Mutex<State<I>>,
    /// Notified when a call has ended or something else has happened: calls that wait are asked again.
    changed: Condvar,
    start: Instant,
}

#[derive(Debug)]
pub(super) struct State<I> {
    pub(super) server: Server<I, LINKS, SLOTS>,
    /// The slot of each client, and whether the client has left while its call runs.
    clients: HashMap<SocketAddr, (usize, bool)>,
    free: Vec<usize>,
    /// The interrupt channel of each slot that a thread serves.
    channels: [Option<InterruptChannel>; SLOTS],
    stopping: bool,
    ended: Option<Option<Error>>,
}

impl<I> Shared<I> {
    pub(super) fn lock(&self) -> MutexGuard<'_, State<I>> {
        // A panic of the instrument ends the server; what is left here is consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Time {
        Time::ZERO.after(self.start.elapsed())
    }

    /// Waits until something happens, until `until` at most.
    pub(super) fn wait<'a>(&self, state: MutexGuard<'a, State<I>>, until: Time) -> MutexGuard<'a, State<I>> {
        let wait = until.since(self.now());
        self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Lets the calls that wait be asked again.
    pub(super) fn notify(&self) {
        self.changed.notify_all();
    }

    /// Ends all waits.
    pub(super) fn stop(&self) {
        self.lock().stopping = true;
        self.changed.notify_all();
    }

    pub(super) fn ended(&self, error: Option<Error>) {
        let mut state = self.lock();
        state.ended.get_or_insert(error);
        drop(state);
        self.changed.notify_all();
    }
}

impl<I: Instrument + Send + 'static> Shared<I> {
    pub(super) fn new(instrument: I, settings: Settings) -> Self {
        let state = State {
            server: Server::new(instrument, settings),
            clients: HashMap::new(),
            free: (0..SLOTS).rev().collect(),
            channels: [None; SLOTS],
            stopping: false,
            ended: None,
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), start: Instant::now() }
    }

    pub(super) fn with<R>(&self, f: impl FnOnce(&mut I) -> R) -> R {
        let mut state = self.lock();
        let result = f(state.server.instrument());
        state.server.tick(self.now());
        drop(state);
        self.changed.notify_all();
        result
    }

    pub(super) fn open_links(&self) -> usize {
        self.lock().server.open_links()
    }

    pub(super) fn wait_for_end(&self) -> Result<(), Error> {
        let mut state = self.lock();
        loop {
            if let Some(error) = state.ended.take() {
                return error.map_or(Ok(()), Err);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes the beginning and the end of connections.
    pub(super) fn observe(&self, event: &Event<'_>) {
        let (Event::Accepted(origin) | Event::Leaving(origin) | Event::Closed { origin, .. }) = event else { return };
        let Some(peer) = origin.address() else { return };
        let mut state = self.lock();
        let state = &mut *state;
        match event {
            Event::Accepted(_) => {
                if let Some(slot) = state.free.pop() {
                    state.server.opened(slot, Some(peer));
                    state.clients.insert(peer, (slot, false));
                }
            }
            Event::Leaving(_) => {
                // Its links and locks are free for others at once, not when its call ends.
                if let Some((slot, has_left)) = state.clients.get_mut(&peer) {
                    *has_left = true;
                    state.server.closed(*slot);
                }
            }
            _ => {
                if let Some((slot, _)) = state.clients.remove(&peer) {
                    state.server.closed(slot);
                    state.free.push(slot);
                }
            }
        }
        self.changed.notify_all();
    }

    /// Executes a call on the core channel, and waits until it is done.
    fn execute(self: &Arc<Self>, call: &Call<'_>, results: &mut [u8]) -> Handled {
        let Some(peer) = call.peer() else { return Handled::Dropped };
        let mut state = self.lock();
        loop {
            let slot = match state.clients.get(peer) {
                Some(&(slot, false)) if !state.stopping => slot,
                _ => return Handled::Dropped,
            };
            let (handled, until) = state.server.execute(self.now(), Channel::Core(slot), call, results);
            let channel = state.server.interrupt_channel(slot);
            if let Some(channel) = channel.filter(|_| state.channels[slot] != channel) {
                interrupts::start(self, &mut state, slot, channel);
            }
            match until {
                None => {
                    drop(state);
                    self.changed.notify_all();
                    return handled;
                }
                Some(until) => state = self.wait(state, until),
            }
        }
    }
}

impl<I> State<I> {
    pub(super) const fn channel(&mut self, slot: usize) -> &mut Option<InterruptChannel> {
        &mut self.channels[slot]
    }

    pub(super) const fn is_stopping(&self) -> bool {
        self.stopping
    }
}

/// The core channel.
pub(super) struct Core<I>(pub(super) Arc<Shared<I>>);

/// The abort channel.
pub(super) struct Abort<I>(pub(super) Arc<Shared<I>>);

impl<I> Clone for Core<I> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<I> Clone for Abort<I> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The size of the largest results that are not those of `device_read`.
const RESULTS: usize = 16;

/// `device_read`.
const READ: u32 = 12;

impl<I: Instrument + Send + 'static> Handler for Core<I> {
    fn reply_max(&self) -> usize {
        crate::reply_max(READ_MAX)
    }

    fn needs(&self, id: ProcedureId) -> Needs {
        let results_max = if id.procedure == READ { READ_MAX + RESULTS } else { RESULTS };
        Needs { results_max, idempotent: true }
    }

    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        self.0.execute(call, results)
    }
}

impl<I: Instrument + Send + 'static> Handler for Abort<I> {
    fn reply_max(&self) -> usize {
        crate::reply_max(0)
    }

    fn needs(&self, _: ProcedureId) -> Needs {
        Needs { results_max: RESULTS, idempotent: true }
    }

    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        let peer = call.peer().map(SocketAddr::ip);
        let mut state = self.0.lock();
        let (handled, _) = state.server.execute(self.0.now(), Channel::Abort(peer), call, results);
        drop(state);
        self.0.changed.notify_all();
        handled
    }
}

/// When a thread that waits looks again by itself.
pub(super) const LOOK: std::time::Duration = POLL;

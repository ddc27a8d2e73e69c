//! What the threads of a server share: the protocol's state, and who waits.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use std::vec::Vec;

use oncilla::message::Call;
use oncilla::{Handled, Handler, Needs, ProcedureId, Refusal, Time};
use oncilla_host::{ConnectionId, Error, Event};

use super::interrupts::Threads;
use super::{CONNECTIONS, LINKS, POLL, READ_MAX, WAITING, interrupts};
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
    clients: HashMap<ConnectionId, Connected>,
    free: Vec<usize>,
    /// The interrupt channel of each slot that a thread serves.
    channels: [Option<InterruptChannel>; SLOTS],
    pub(super) threads: Threads,
    stopping: bool,
    ended: Option<Option<Error>>,
}

/// A client that is connected.
#[derive(Clone, Copy, Debug)]
struct Connected {
    slot: usize,
    address: IpAddr,
    /// Whether the client has left while its call runs.
    has_left: bool,
    /// Whether its call waits.
    waits: bool,
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
            threads: Threads::default(),
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
        let (Some(peer), Some(id)) = (origin.address(), ConnectionId::current()) else { return };
        let mut state = self.lock();
        let state = &mut *state;
        match event {
            Event::Accepted(_) => {
                if let Some(slot) = state.free.pop() {
                    state.server.opened(slot, Some(peer));
                    let address = peer.ip();
                    state.clients.insert(id, Connected { slot, address, has_left: false, waits: false });
                }
            }
            Event::Leaving(_) => {
                // Its links and locks are free for others at once, not when its call ends.
                if let Some(client) = state.clients.get_mut(&id) {
                    client.has_left = true;
                    state.server.closed(client.slot);
                }
            }
            _ => {
                if let Some(client) = state.clients.remove(&id) {
                    state.server.closed(client.slot);
                    state.free.push(client.slot);
                }
            }
        }
        self.changed.notify_all();
    }

    /// Executes a call on the core channel, and waits until it is done.
    fn execute(self: &Arc<Self>, call: &Call<'_>, results: &mut [u8]) -> Handled {
        let Some(id) = ConnectionId::current() else { return Handled::Refused(Refusal::SystemError) };
        let mut state = self.lock();
        loop {
            let slot = match state.clients.get(&id) {
                Some(client) if !client.has_left && !state.stopping => client.slot,
                Some(_) => return Handled::Dropped,
                None => return Handled::Refused(Refusal::SystemError),
            };
            let (handled, until) = state.server.execute(self.now(), Channel::Core(slot), call, results);
            let channel = state.server.interrupt_channel(slot);
            if let Some(channel) = channel.filter(|_| state.channels[slot] != channel) {
                interrupts::start(self, &mut state, slot, channel);
            }
            match until {
                None => {
                    state.set_waits(id, false);
                    drop(state);
                    self.changed.notify_all();
                    return handled;
                }
                Some(_) if !state.set_waits(id, true) => state.server.end_wait(self.now(), slot),
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

    /// Notes whether the call of a client waits. Returns `false` if it may not: too many of its machine's calls wait.
    fn set_waits(&mut self, id: ConnectionId, waits: bool) -> bool {
        let Some(&Connected { address, waits: waited, .. }) = self.clients.get(&id) else { return true };
        let waiting = || self.clients.values().filter(|client| client.waits && client.address == address).count();
        if waits && !waited && waiting() >= WAITING {
            return false;
        }
        if let Some(client) = self.clients.get_mut(&id) {
            client.waits = waits;
        }
        true
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

/// The size of the largest results of `device_read`: error, reason, length and data.
const READ_RESULTS: usize = 12 + READ_MAX;

/// `device_read`.
const READ: u32 = 12;

impl<I: Instrument + Send + 'static> Handler for Core<I> {
    fn reply_max(&self) -> usize {
        crate::reply_max(READ_MAX)
    }

    fn needs(&self, id: ProcedureId) -> Needs {
        let results_max = if id.procedure == READ { READ_RESULTS } else { RESULTS };
        Needs { results_max, idempotent: true }
    }

    fn handle(&mut self, call: &Call<'_>, results: &mut [u8]) -> Handled {
        // Whatever the room: the limit is one that users rely on.
        let (results, _) = results.split_at_mut(results.len().min(READ_RESULTS));
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

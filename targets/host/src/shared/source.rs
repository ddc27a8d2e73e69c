//! Where the clones of a client find their connection.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use oncilla::Time;

use super::connection::Connection;
use super::waiters::Xids;
use super::wire::Wire;
use crate::connect::random;
use crate::patience::Clock;
use crate::reconnect::{ConnectionState, NotConnected, Observer, Redial, Watch};

/// The present connection, and what makes the next one.
pub(super) struct Source {
    state: Mutex<State>,
    /// Notified when a thread has stopped connecting.
    changed: Condvar,
    /// All connections have this clock, so that a deadline outlives a connection.
    pub(super) clock: Clock,
    xids: Arc<Xids>,
    /// The size of the buffer of each connection, and the largest size of those of each clone.
    pub(super) buffer: usize,
    /// Whether connections are made again.
    pub(super) reconnects: bool,
    /// Whether the server answers a repeated call without executing it again.
    pub(super) remembers: bool,
    pub(super) watch: Watch,
    observer: Arc<Mutex<Option<Observer>>>,
}

#[derive(Debug)]
struct State {
    current: Option<Arc<Connection>>,
    /// `None` while a thread connects, and if connections are not made again.
    redial: Option<Redial<Wire>>,
}

impl Source {
    /// Returns the source of one connection, which is not made again.
    pub(super) fn once(wire: Wire, buffer: usize) -> Self {
        let watch = Watch::new(ConnectionState::Connected { since: Instant::now() });
        Self::new(None, Some(wire), buffer, watch)
    }

    /// Returns the source of connections that `redial` makes again.
    pub(super) fn again(redial: Redial<Wire>, wire: Option<Wire>, buffer: usize) -> Self {
        let watch = redial.watch().clone();
        Self::new(Some(redial), wire, buffer, watch)
    }

    fn new(mut redial: Option<Redial<Wire>>, wire: Option<Wire>, buffer: usize, watch: Watch) -> Self {
        let (clock, xids) = (Clock::new(), Arc::new(Xids::new(random())));
        let observer = Arc::new(Mutex::new(None::<Observer>));
        if let Some(redial) = &mut redial {
            let observer = Arc::clone(&observer);
            redial.observe(move |state| {
                if let Some(observer) = &mut *locked(&observer) {
                    observer(state);
                }
            });
        }
        let (reconnects, remembers) = match &redial {
            Some(redial) => (true, redial.policy().remembered),
            None => (false, false),
        };
        let current = wire.map(|wire| Arc::new(Connection::new(wire, clock, buffer, Arc::clone(&xids))));
        let state = Mutex::new(State { current, redial });
        Self { state, changed: Condvar::new(), clock, xids, buffer, reconnects, remembers, watch, observer }
    }

    /// Returns the present connection, if there is one.
    pub(super) fn current(&self) -> Option<Arc<Connection>> {
        locked(&self.state).current.clone()
    }

    /// Sets the observer of changes.
    pub(super) fn observe(&self, observer: Observer) {
        *locked(&self.observer) = Some(observer);
    }

    /// Notes that a call was answered.
    pub(super) fn answered(&self) {
        if let Some(redial) = &mut locked(&self.state).redial {
            redial.answered();
        }
    }

    /// Notes that a connection was lost, and whether the server closed it.
    pub(super) fn lose(&self, lost: &Arc<Connection>, by_server: bool) {
        let mut state = locked(&self.state);
        if !state.current.as_ref().is_some_and(|current| Arc::ptr_eq(current, lost)) {
            return;
        }
        state.current = None;
        match self.take_turn(&mut state) {
            Some(mut turn) => {
                // The observer runs without a lock.
                drop(state);
                turn.with(|redial| redial.lost(by_server));
            }
            None => {
                let since = Instant::now();
                self.watch.set(ConnectionState::Lost { since, attempts: 0, error: None, unanswered: 0 });
            }
        }
    }

    /// Returns a connection. Makes one if there is none, until `deadline`, unless another thread does.
    pub(super) fn connect(&self, deadline: Time) -> Result<Arc<Connection>, NotConnected> {
        let mut state = locked(&self.state);
        loop {
            if let Some(current) = &state.current {
                return Ok(Arc::clone(current));
            }
            if let Some(turn) = self.take_turn(&mut state) {
                drop(state);
                return turn.connect(deadline);
            }
            let left = deadline.since(self.clock.now());
            if left.is_zero() || !self.reconnects {
                return Err(self.watch.state().into());
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Makes this thread the one that connects, if no other thread does.
    fn take_turn(&self, state: &mut State) -> Option<Turn<'_>> {
        Some(Turn { source: self, redial: Some(state.redial.take()?), connection: None })
    }
}

/// A thread that connects for all. Another thread can when this is dropped.
struct Turn<'s> {
    source: &'s Source,
    redial: Option<Redial<Wire>>,
    connection: Option<Arc<Connection>>,
}

impl Turn<'_> {
    fn with<R>(&mut self, act: impl FnOnce(&mut Redial<Wire>) -> R) -> Option<R> {
        self.redial.as_mut().map(act)
    }

    fn connect(mut self, deadline: Time) -> Result<Arc<Connection>, NotConnected> {
        let Source { clock, buffer, .. } = *self.source;
        // A deadline beyond what the system's clock counts is none.
        let left = (deadline != Time::NEVER).then(|| deadline.since(clock.now()));
        let instant = left.and_then(|left| Instant::now().checked_add(left));
        let Some(redial) = &mut self.redial else { return Err(self.source.watch.state().into()) };
        let wire = redial.again(instant)?;
        let xids = Arc::clone(&self.source.xids);
        let connection = Arc::new(Connection::new(wire, clock, buffer, xids));
        self.connection = Some(Arc::clone(&connection));
        Ok(connection)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = locked(&self.source.state);
        state.redial = self.redial.take();
        if self.connection.is_some() {
            state.current = self.connection.take();
        }
        drop(state);
        self.source.changed.notify_all();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

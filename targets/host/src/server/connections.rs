//! The connections of a server: their slots, their turns and their time-outs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Interest, Registry, Token};
use oncilla::Table;

use super::Limits;
use super::connection::{Buffers, Connection, Turn};
use super::hooks::{Closed, Hooks, Origin, Visit};
use super::stream::{BLOCKED, ONE_SHOT, Stream};

/// All connections of a server, each in a slot.
pub(super) struct Connections {
    slots: Vec<Slot>,
    free: Vec<usize>,
    /// Slots whose connection may have work to do, in the order of their turns.
    ready: VecDeque<usize>,
    limits: Limits,
    hooks: Arc<Hooks>,
    /// The token of the first slot.
    first_token: usize,
    /// Counts the turns of all connections.
    turns: u64,
    /// When to look for connections that exceed a time-out. Never later than the earliest deadline.
    check_at: Option<Instant>,
}

/// The buffers for one connection, and the connection that uses them.
struct Slot {
    buffers: Buffers,
    connection: Option<Connection>,
}

impl Connections {
    /// Allocates the slots, for calls of at most `call` bytes and replies of at most `reply` bytes.
    pub(super) fn new(limits: Limits, hooks: Arc<Hooks>, first_token: usize, call: usize, reply: usize) -> Self {
        let slot = |_| Slot { buffers: Buffers::new(call, reply), connection: None };
        Self {
            slots: (0..limits.connections).map(slot).collect(),
            free: (0..limits.connections).rev().collect(),
            ready: VecDeque::with_capacity(limits.connections),
            limits,
            hooks,
            first_token,
            turns: 0,
            check_at: None,
        }
    }

    /// Returns the number of slots.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns whether a connection waits for its turn.
    pub(super) fn any_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Returns whether any connection has work to do for calls that were received.
    pub(super) fn any_at_work(&self) -> bool {
        self.slots.iter().flat_map(|slot| &slot.connection).any(Connection::has_work)
    }

    /// Returns the time until the next check for time-outs. `None` means that no check is due.
    pub(super) fn time_to_check(&self) -> Option<Duration> {
        self.check_at.map(|instant| instant.saturating_duration_since(Instant::now()))
    }

    /// Notes an event of the connection in `slot`, and queues that connection.
    pub(super) fn note(&mut self, slot: usize, event: &Event) {
        if let Some(connection) = &mut self.slots[slot].connection {
            let closing = event.is_read_closed() || event.is_error();
            if event.is_readable() || closing || ONE_SHOT {
                connection.bytes_came(closing);
            }
            self.enqueue(slot);
        }
    }

    /// Queues every connection.
    pub(super) fn enqueue_all(&mut self) {
        for slot in 0..self.slots.len() {
            self.enqueue(slot);
        }
    }

    fn enqueue(&mut self, slot: usize) {
        if let Some(connection) = &mut self.slots[slot].connection
            && !std::mem::replace(&mut connection.queued, true)
        {
            self.ready.push_back(slot);
        }
    }

    /// Makes every connection read no further calls.
    pub(super) fn stop_reading(&mut self) {
        self.slots.iter_mut().flat_map(|slot| &mut slot.connection).for_each(Connection::stop_reading);
    }

    /// Puts a connection into a slot. Closes it when the client may not call, no slot can be freed, or the system
    /// cannot watch it.
    pub(super) fn admit(&mut self, registry: &Registry, stream: Stream, origin: Origin) {
        let mut connection = Connection::new(stream, Visit::new(&self.hooks, origin));
        if !connection.is_admitted() {
            return connection.end(Closed::NotAllowed);
        }
        if self.free.is_empty() {
            self.make_room();
        }
        let Some(slot) = self.free.pop() else { return connection.end(Closed::NoSlot) };
        // A new connection has been idle for the shortest time.
        connection.last_turn = self.turns;
        if registry.register(connection.stream(), self.token(slot), Interest::READABLE).is_err() {
            self.free.push(slot);
            return connection.end(Closed::NotWatched);
        }
        self.slots[slot].connection = Some(connection);
        self.enqueue(slot);
    }

    /// Closes the connection that has been idle longest.
    fn make_room(&mut self) {
        let mut idle: Option<(u64, usize)> = None;
        for (index, slot) in self.slots.iter().enumerate() {
            if let Some(connection) = &slot.connection
                && idle.is_none_or(|(turn, _)| connection.last_turn < turn)
                && connection.is_idle()
            {
                idle = Some((connection.last_turn, index));
            }
        }
        if let Some((_, slot)) = idle {
            self.close(slot, Closed::MadeRoom);
        }
    }

    /// Gives one turn to each connection that is queued, as long as `goes_on`.
    pub(super) fn turns<S>(
        &mut self,
        registry: &Registry,
        table: &Table<S>,
        state: &mut S,
        goes_on: impl Fn() -> bool,
    ) {
        for _ in 0..self.ready.len() {
            let Some(slot) = self.ready.pop_front() else { break };
            self.turn(slot, registry, table, state, &goes_on);
        }
    }

    fn turn<S>(
        &mut self,
        index: usize,
        registry: &Registry,
        table: &Table<S>,
        state: &mut S,
        goes_on: impl Fn() -> bool,
    ) {
        let Slot { buffers, connection } = &mut self.slots[index];
        let Some(connection) = connection else { return };
        connection.queued = false;
        let turn = connection.turn(buffers, table, state, goes_on);
        self.turns += 1;
        connection.last_turn = self.turns;
        if self.limits.idle_timeout.is_some() {
            connection.count_idle_time();
        }
        if let Some(deadline) = connection.deadline(&self.limits) {
            self.check_by(deadline);
        }
        match turn {
            Turn::Again => self.enqueue(index),
            Turn::Idle if ONE_SHOT => self.watch(index, registry, false),
            Turn::Idle => {}
            Turn::Blocked => self.watch(index, registry, true),
            Turn::Over(why) => self.close(index, why),
        }
    }

    /// Watches a connection for room to write, or for bytes to read only.
    ///
    /// Not every connection is watched for room: some systems report an event for each reply that a client reads.
    fn watch(&mut self, index: usize, registry: &Registry, for_writing: bool) {
        let token = self.token(index);
        let Some(connection) = &mut self.slots[index].connection else { return };
        if std::mem::replace(&mut connection.watched_for_writing, for_writing) != for_writing {
            let interest = if for_writing { BLOCKED } else { Interest::READABLE };
            if registry.reregister(connection.stream(), token, interest).is_err() {
                self.close(index, Closed::NotWatched);
            }
        }
    }

    fn close(&mut self, slot: usize, why: Closed) {
        if let Some(mut connection) = self.slots[slot].connection.take() {
            connection.end(why);
            self.free.push(slot);
        }
    }

    /// Makes the next check take place at `instant` or earlier.
    pub(super) fn check_by(&mut self, instant: Instant) {
        self.check_at = Some(self.check_at.map_or(instant, |check_at| check_at.min(instant)));
    }

    /// Closes connections that exceed the message time-out or the idle time-out.
    pub(super) fn check<S>(
        &mut self,
        registry: &Registry,
        table: &Table<S>,
        state: &mut S,
        goes_on: impl Fn() -> bool,
    ) {
        let Some(check_at) = self.check_at else { return };
        let now = Instant::now();
        if now < check_at {
            return;
        }
        self.check_at = None;
        for slot in 0..self.slots.len() {
            // A message that arrived in time must not count as late because a procedure of another client took long.
            if self.is_late(slot, now) && self.is_queued(slot) {
                self.turn(slot, registry, table, state, &goes_on);
            }
            if self.is_late(slot, now) {
                let why = self.slots[slot].connection.as_ref().map_or(Closed::Failed, Connection::timeout);
                self.close(slot, why);
            } else if let Some(deadline) = self.deadline(slot) {
                self.check_by(deadline);
            }
        }
    }

    fn deadline(&self, slot: usize) -> Option<Instant> {
        self.slots[slot].connection.as_ref()?.deadline(&self.limits)
    }

    fn is_late(&self, slot: usize, now: Instant) -> bool {
        self.deadline(slot).is_some_and(|deadline| deadline <= now)
    }

    fn is_queued(&self, slot: usize) -> bool {
        self.slots[slot].connection.as_ref().is_some_and(|connection| connection.queued)
    }

    const fn token(&self, slot: usize) -> Token {
        Token(self.first_token + slot)
    }
}

//! The connections of a server: their slots, their turns and their time-outs.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Interest, Registry, Token};

use super::Limits;
use super::buffers::{Memory, Sizes};
use super::calls::{Begun, Calls};
use super::connection::{Condition, Connection, Place, Step};
use super::executor::Executor;
use super::hooks::{Closed, Hooks, Origin, Visit};
use super::job::Job;
use super::stream::{BLOCKED, ONE_SHOT, Stream};

/// Steps in a turn. A step reads bytes, answers a call or writes bytes.
///
/// Enough to answer many small calls that arrive together, and few enough that other clients wait only briefly.
const STEPS: usize = 16;

/// The share of the slots that strangers may have when all are taken, as a divisor.
const STRANGERS: usize = 8;

/// All connections of a server, each in a slot.
pub(super) struct Connections {
    slots: Vec<Option<Connection>>,
    free: Vec<usize>,
    /// Slots whose connection may have work to do, in the order of their turns.
    ready: VecDeque<usize>,
    /// Slots whose connection has a call, while no thread is free to execute it.
    waiting: VecDeque<usize>,
    /// Slots whose connection has a call that repeats one that still runs.
    held: Vec<usize>,
    limits: Limits,
    hooks: Arc<Hooks>,
    #[cfg(feature = "tls")]
    tls: Option<crate::TlsServer>,
    #[cfg(feature = "keys")]
    keys: Option<crate::keys::KeyServer>,
    sizes: Sizes,
    memory: Memory,
    /// The token of the first slot.
    first_token: usize,
    /// Counts the turns of all connections.
    turns: u64,
    /// When to look for connections that exceed a time-out. Never later than the earliest deadline.
    check_at: Option<Instant>,
}

/// How a turn ended.
enum Turn {
    /// There is more to do.
    Again,
    /// There is nothing to do until bytes arrive.
    Idle,
    /// There is nothing to do until the client reads.
    Blocked,
    /// There is nothing to do until the call has been executed.
    Place(Place),
    /// The connection has ended and must be closed.
    Over(Closed),
}

impl Connections {
    /// Makes the slots for connections with buffers of these sizes.
    pub(super) fn new(limits: Limits, hooks: Arc<Hooks>, first_token: usize, sizes: Sizes) -> Self {
        Self {
            slots: (0..limits.connections).map(|_| None).collect(),
            free: (0..limits.connections).rev().collect(),
            ready: VecDeque::with_capacity(limits.connections),
            waiting: VecDeque::new(),
            held: Vec::new(),
            memory: Memory::new(limits.memory),
            limits,
            hooks,
            #[cfg(feature = "tls")]
            tls: None,
            #[cfg(feature = "keys")]
            keys: None,
            sizes,
            first_token,
            turns: 0,
            check_at: None,
        }
    }

    /// Offers TLS to the clients on TCP.
    #[cfg(feature = "tls")]
    pub(super) fn with_tls(self, tls: Option<crate::TlsServer>) -> Self {
        Self { tls, ..self }
    }

    /// Serves all clients under keys.
    #[cfg(feature = "keys")]
    pub(super) fn with_keys(self, keys: Option<crate::keys::KeyServer>) -> Self {
        Self { keys, ..self }
    }

    /// Returns the number of slots.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns whether a connection waits for its turn.
    pub(super) fn any_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Returns whether a connection waits for a thread to execute its call.
    pub(super) fn any_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Returns whether any connection has work to do for calls that were received.
    pub(super) fn any_at_work(&self) -> bool {
        self.slots.iter().flatten().any(Connection::has_work)
    }

    /// Returns the time until the next check for time-outs. `None` means that no check is due.
    pub(super) fn time_to_check(&self) -> Option<Duration> {
        self.check_at.map(|instant| instant.saturating_duration_since(Instant::now()))
    }

    /// Notes an event of the connection in `slot`, and queues that connection.
    pub(super) fn note(&mut self, slot: usize, event: &Event) {
        if let Some(connection) = &mut self.slots[slot] {
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

    /// Queues a connection for a turn, unless it waits already.
    fn enqueue(&mut self, slot: usize) {
        if let Some(connection) = &mut self.slots[slot]
            && connection.place == Place::Resting
        {
            connection.place = Place::Ready;
            self.ready.push_back(slot);
        }
    }

    /// Makes every connection read no further calls.
    pub(super) fn stop_reading(&mut self) {
        self.slots.iter_mut().flatten().for_each(Connection::stop_reading);
    }

    /// Puts a connection into a slot. Closes it when the client may not call, no slot can be freed, or the system
    /// cannot watch it.
    pub(super) fn admit(&mut self, registry: &Registry, stream: Stream, origin: Origin) {
        let mut connection = Connection::new(stream, Visit::new(&self.hooks, origin), self.sizes);
        if !connection.is_admitted() {
            return connection.closes(Closed::NotAllowed);
        }
        if self.free.is_empty() {
            self.make_room(registry);
        }
        let Some(slot) = self.free.pop() else { return connection.closes(Closed::NoSlot) };
        #[cfg(feature = "tls")]
        if let (Some(tls), Origin::Tcp(_)) = (&self.tls, origin) {
            connection.offer(tls);
        }
        #[cfg(feature = "keys")]
        if let Some(keys) = &self.keys
            && connection.lock(keys).is_err()
        {
            // The system has no random numbers.
            self.free.push(slot);
            return connection.closes(Closed::Failed);
        }
        connection.admit(self.turns);
        if registry.register(connection.stream(), self.token(slot), Interest::READABLE).is_err() {
            self.free.push(slot);
            return connection.closes(Closed::NotWatched);
        }
        self.slots[slot] = Some(connection);
        self.enqueue(slot);
    }

    /// Returns whether another connection can be admitted now. If not, new ones have their first turn before that.
    ///
    /// A whole call may wait on a new connection, which no other must replace unseen.
    pub(super) fn can_admit(&self) -> bool {
        !self.free.is_empty() || !self.slots.iter().flatten().any(Connection::is_new)
    }

    /// Closes a connection that can give way to a new one, if there is one. See [`Server::connections`](super::Server::connections).
    fn make_room(&mut self, registry: &Registry) {
        let strangers = self.slots.iter().flatten().filter(|connection| connection.is_stranger()).count();
        let order = if strangers >= self.strangers_max() {
            [Condition::Stranger, Condition::Idle, Condition::Slow]
        } else {
            [Condition::Idle, Condition::Stranger, Condition::Slow]
        };
        if let Some(slot) = order.into_iter().find_map(|condition| self.first(condition)) {
            self.close(registry, slot, Closed::MadeRoom);
        }
    }

    /// Returns how many strangers may have slots when all are taken, before they give way to one another.
    ///
    /// New clients need time for their first call. With keys only one has it: nobody with a session makes room for more.
    fn strangers_max(&self) -> usize {
        #[cfg(feature = "keys")]
        if self.keys.is_some() {
            return 1;
        }
        (self.slots.len() / STRANGERS).max(1)
    }

    /// Returns the slot of the first connection to give way among those in a condition.
    fn first(&self, condition: Condition) -> Option<usize> {
        let now = Instant::now();
        let mut first: Option<((bool, u64), usize)> = None;
        for (index, connection) in self.slots.iter().enumerate() {
            if let Some(connection) = connection
                && let Some(rank) = connection.rank(condition, &self.limits, now)
                && first.is_none_or(|(least, _)| rank < least)
                && (condition != Condition::Idle || !connection.has_sent())
            {
                first = Some((rank, index));
            }
        }
        first.map(|(_, slot)| slot)
    }

    /// Gives one turn to each connection that is queued, as long as `goes_on`.
    pub(super) fn turns<X: Executor>(
        &mut self,
        registry: &Registry,
        calls: &mut Calls<'_, X>,
        goes_on: impl Fn() -> bool,
    ) {
        // Calls that wait have been received before those that the turns will find.
        while calls.executor.is_free()
            && let Some(slot) = self.waiting.pop_front()
        {
            self.turn(slot, registry, calls, &goes_on);
        }
        for _ in 0..self.ready.len() {
            let Some(slot) = self.ready.pop_front() else { break };
            // The check for time-outs may have given it the turn already.
            if self.is_ready(slot) {
                self.turn(slot, registry, calls, &goes_on);
            }
        }
    }

    fn turn<X: Executor>(
        &mut self,
        index: usize,
        registry: &Registry,
        calls: &mut Calls<'_, X>,
        goes_on: impl Fn() -> bool,
    ) {
        let Some(connection) = &mut self.slots[index] else { return };
        connection.place = Place::Resting;
        let turn = self.steps(index, calls, goes_on);
        self.turns += 1;
        let Some(connection) = &mut self.slots[index] else { return };
        connection.last_turn = self.turns;
        if let Turn::Place(place) = turn {
            connection.place = place;
            match place {
                Place::Waiting => self.waiting.push_back(index),
                Place::Held => self.held.push(index),
                // Its end may have come with the call.
                Place::Away => connection.check_leaving(),
                Place::Resting | Place::Ready => {}
            }
            return;
        }
        connection.end_turn(&self.limits);
        for instant in [connection.deadline(&self.limits), connection.shrinks_at()].into_iter().flatten() {
            self.check_by(instant);
        }
        match turn {
            Turn::Again => self.enqueue(index),
            Turn::Idle if ONE_SHOT => self.watch(index, registry, false),
            Turn::Idle | Turn::Place(_) => {}
            Turn::Blocked => self.watch(index, registry, true),
            Turn::Over(why) => self.close(registry, index, why),
        }
    }

    /// Reads, answers and writes without blocking, for a limited number of steps and only while `goes_on` returns true.
    fn steps<X: Executor>(&mut self, index: usize, calls: &mut Calls<'_, X>, goes_on: impl Fn() -> bool) -> Turn {
        for _ in 0..STEPS {
            if !goes_on() {
                break;
            }
            let Some(connection) = &mut self.slots[index] else { break };
            match connection.step() {
                Ok(Step::Again) => {}
                Ok(Step::Idle) => return Turn::Idle,
                Ok(Step::Blocked) => return Turn::Blocked,
                Ok(Step::Over(why)) => return Turn::Over(why),
                Ok(Step::Full) => self.grow_rx(index),
                Ok(Step::Call) => {
                    if let Some(place) = self.begin(index, calls) {
                        return Turn::Place(place);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Turn::Over(Closed::Failed),
            }
        }
        Turn::Again
    }

    /// Begins the call of a connection. Returns where the connection waits, if it does.
    fn begin<X: Executor>(&mut self, index: usize, calls: &mut Calls<'_, X>) -> Option<Place> {
        if !calls.executor.is_free() {
            return Some(Place::Waiting);
        }
        let connection = self.slots[index].as_mut()?;
        let needs = calls.executor.needs(connection.call());
        if !connection.grow_tx(needs, &mut self.memory) {
            // If this frees no memory, the call is refused, because its reply has no room.
            self.reclaim();
            let connection = self.slots[index].as_mut()?;
            connection.grow_tx(needs, &mut self.memory);
        }
        let connection = self.slots[index].as_mut()?;
        match calls.begin(connection.take(index), needs) {
            Begun::Ended(job) => connection.end(job),
            Begun::Runs => return Some(Place::Away),
            Begun::Repeats(job) => {
                connection.put_back(job);
                return Some(Place::Held);
            }
        }
        None
    }

    /// Takes back a call that has ended in another thread.
    pub(super) fn end(&mut self, slot: usize, job: Job) {
        if let Some(connection) = &mut self.slots[slot] {
            connection.end(job);
            connection.place = Place::Resting;
            self.enqueue(slot);
        }
    }

    /// Sends what the sockets take of the replies that are ready, without waiting.
    pub(super) fn send_all(&mut self) {
        self.slots.iter_mut().flatten().for_each(Connection::send_rest);
    }

    /// Lets the calls that repeat another begin again: a call has ended, which may be that one.
    pub(super) fn release(&mut self) {
        for slot in self.held.drain(..) {
            if let Some(connection) = &mut self.slots[slot] {
                connection.place = Place::Waiting;
                self.waiting.push_back(slot);
            }
        }
    }

    fn grow_rx(&mut self, index: usize) {
        let Some(connection) = &mut self.slots[index] else { return };
        if connection.grow_rx(&mut self.memory) {
            return;
        }
        self.reclaim();
        if let Some(connection) = &mut self.slots[index]
            && !connection.grow_rx(&mut self.memory)
        {
            connection.skip();
        }
    }

    /// Takes the memory of grown buffers from all connections that rest.
    fn reclaim(&mut self) {
        for connection in self.slots.iter_mut().flatten() {
            connection.shrink(&mut self.memory);
        }
    }

    /// Watches a connection for room to write, or for bytes to read only.
    ///
    /// Not every connection is watched for room: some systems report an event for each reply that a client reads.
    fn watch(&mut self, index: usize, registry: &Registry, for_writing: bool) {
        let token = self.token(index);
        let Some(connection) = &mut self.slots[index] else { return };
        if std::mem::replace(&mut connection.watched_for_writing, for_writing) != for_writing {
            let interest = if for_writing { BLOCKED } else { Interest::READABLE };
            if registry.reregister(connection.stream(), token, interest).is_err() {
                self.close(registry, index, Closed::NotWatched);
            }
        }
    }

    fn close(&mut self, registry: &Registry, slot: usize, why: Closed) {
        if let Some(mut connection) = self.slots[slot].take() {
            // Closing alone does so only when no other process has the socket, as a child has between its fork and its exec.
            // The events of this connection would be taken for those of the next one in its slot.
            let _ = registry.deregister(connection.stream());
            connection.closes(why);
            connection.give(&mut self.memory);
            self.free.push(slot);
        }
    }

    /// Makes the next check take place at `instant` or earlier.
    pub(super) fn check_by(&mut self, instant: Instant) {
        self.check_at = Some(self.check_at.map_or(instant, |check_at| check_at.min(instant)));
    }

    /// Closes connections that exceed the message time-out or the idle time-out, and shrinks buffers.
    pub(super) fn check<X: Executor>(
        &mut self,
        registry: &Registry,
        calls: &mut Calls<'_, X>,
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
            if self.is_late(slot, now) && self.is_ready(slot) {
                self.turn(slot, registry, calls, &goes_on);
            }
            if self.is_late(slot, now) {
                let why = self.slots[slot].as_ref().map_or(Closed::Failed, Connection::timeout);
                self.close(registry, slot, why);
                continue;
            }
            let Some(connection) = &mut self.slots[slot] else { continue };
            if connection.shrinks_at().is_some_and(|instant| instant <= now) {
                connection.shrink(&mut self.memory);
            }
            for instant in [connection.deadline(&self.limits), connection.shrinks_at()].into_iter().flatten() {
                self.check_by(instant);
            }
        }
    }

    fn is_late(&self, slot: usize, now: Instant) -> bool {
        let deadline = self.slots[slot].as_ref().and_then(|connection| connection.deadline(&self.limits));
        deadline.is_some_and(|deadline| deadline <= now)
    }

    fn is_ready(&self, slot: usize) -> bool {
        self.slots[slot].as_ref().is_some_and(|connection| connection.place == Place::Ready)
    }

    const fn token(&self, slot: usize) -> Token {
        Token(self.first_token + slot)
    }
}

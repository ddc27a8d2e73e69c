//! The server at work: who is ready, whose turn it is, who has taken too long.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use oncilla::Table;

use super::connection::{Buffers, Connection, Turn};
use super::signals::Signals;
use super::source::{Source, State};
use super::{Limits, SIGNAL, SOURCES, STOP, Server, Stopper, mailbox};

/// Connections accepted before those that have been are served again.
const ACCEPTS: usize = 16;

/// How long to leave a source alone when the system lacked something.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a stop may take, beside the procedure that runs: for calls that were received, and clients to read the
/// replies.
const GRACE: Duration = Duration::from_secs(1);

pub(super) struct Running<'a> {
    poll: &'a mut Poll,
    stopper: &'a Stopper,
    signals: &'a mut Option<Signals>,
    sources: &'a mut [Source],
    /// For datagrams.
    buffers: mailbox::Buffers<'a>,
    slots: Vec<Slot>,
    free: Vec<usize>,
    /// Slots that have something to do.
    ready: VecDeque<usize>,
    limits: Limits,
    /// Counts the turns of connections.
    turns: u64,
    /// When to look for what has taken too long: never later than it is due.
    check_at: Option<Instant>,
    stopping: bool,
}

/// A place for a connection. Its buffers stay.
struct Slot {
    buffers: Buffers,
    connection: Option<Connection>,
}

impl<'a> Running<'a> {
    /// For calls of at most so many bytes to a table.
    pub(super) fn new<S>(server: &'a mut Server, call: usize, table: &Table<S>) -> Self {
        let Server { poll, stopper, signals, sources, limits, replies, .. } = server;
        let reply = table.reply_max();
        let slot = |_| Slot { buffers: Buffers::new(call, reply), connection: None };
        sources.iter_mut().for_each(Source::set_ready);
        let datagrams = sources.iter().any(|source| matches!(source, Source::Mailbox(_)));
        Self {
            poll,
            stopper,
            signals,
            sources,
            buffers: if datagrams {
                mailbox::Buffers::new(call, reply, replies.of(limits.replies, table, mailbox::MESSAGE_MAX))
            } else {
                mailbox::Buffers::new(0, 0, None)
            },
            slots: (0..limits.connections).map(slot).collect(),
            free: (0..limits.connections).rev().collect(),
            ready: VecDeque::with_capacity(limits.connections),
            limits: *limits,
            turns: 0,
            check_at: None,
            stopping: false,
        }
    }

    pub(super) fn serve<S>(mut self, table: &Table<S>, state: &mut S) -> io::Result<()> {
        let mut events = Events::with_capacity(self.slots.len().clamp(16, 1024));
        self.stopping = self.stopper.take();
        while !self.stopping {
            // Connections first: one that ends makes room for another.
            self.turns(table, state, None);
            self.sources(table, state);
            let wait = self.wait();
            self.watch(&mut events, wait)?;
            self.check(table, state);
        }
        self.finish(&mut events, table, state)
    }

    /// Waits for what the system has to tell, for `wait` at most.
    fn watch(&mut self, events: &mut Events, wait: Option<Duration>) -> io::Result<()> {
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
            STOP => self.stopping |= self.stopper.take(),
            SIGNAL => self.stopping |= self.signals.as_mut().is_some_and(Signals::take),
            Token(token) => {
                let place = token - SOURCES;
                match self.sources.get_mut(place) {
                    Some(source) => source.set_ready(),
                    None => self.note_connection(place - self.sources.len(), event),
                }
            }
        }
    }

    fn note_connection(&mut self, slot: usize, event: &Event) {
        if let Some(connection) = &mut self.slots[slot].connection {
            let closing = event.is_read_closed() || event.is_error();
            if event.is_readable() || closing {
                connection.bytes_came(closing);
            }
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

    /// Accepts connections and answers datagrams.
    fn sources<S>(&mut self, table: &Table<S>, state: &mut S) {
        for index in 0..self.sources.len() {
            if self.sources[index].state() == State::Quiet {
                continue;
            }
            let Self { stopper, signals, buffers, .. } = self;
            match &mut self.sources[index] {
                Source::Mailbox(mailbox) => mailbox.turn(buffers, table, state, || !is_stopped(stopper, signals)),
                Source::Listener(_) => self.accept(index),
            }
            if self.sources[index].state() == State::Paused {
                self.check_by(Instant::now() + PAUSE);
            }
        }
    }

    fn accept(&mut self, index: usize) {
        for _ in 0..ACCEPTS {
            let Source::Listener(listener) = &mut self.sources[index] else { return };
            let Some(connection) = listener.accept() else { return };
            self.admit(connection);
        }
    }

    /// Gives a connection a slot. Without one, or if it cannot be watched, it is closed.
    fn admit(&mut self, mut connection: Connection) {
        if self.free.is_empty() {
            self.make_room();
        }
        let Some(slot) = self.free.pop() else { return };
        // It is the one that has been idle for the shortest time.
        connection.last_turn = self.turns;
        if self.register(slot, &connection, Interest::READABLE, false).is_err() {
            self.free.push(slot);
            return;
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
            self.close(slot);
        }
    }

    fn register(&self, slot: usize, connection: &Connection, interest: Interest, again: bool) -> io::Result<()> {
        let token = Token(SOURCES + self.sources.len() + slot);
        let descriptor = connection.socket().as_raw_fd();
        let mut source = SourceFd(&descriptor);
        let registry = self.poll.registry();
        if again {
            registry.reregister(&mut source, token, interest)
        } else {
            registry.register(&mut source, token, interest)
        }
    }

    /// Gives each connection that has something to do one turn, until `end` if there is one, or until a stop.
    fn turns<S>(&mut self, table: &Table<S>, state: &mut S, end: Option<Instant>) {
        for _ in 0..self.ready.len() {
            let Some(slot) = self.ready.pop_front() else { break };
            self.turn(slot, table, state, end);
        }
    }

    fn turn<S>(&mut self, index: usize, table: &Table<S>, state: &mut S, end: Option<Instant>) {
        let Self { slots, stopper, signals, limits, .. } = self;
        let slot = &mut slots[index];
        let Some(connection) = &mut slot.connection else { return };
        connection.queued = false;
        let turn = connection.turn(&mut slot.buffers, table, state, || match end {
            Some(end) => Instant::now() < end,
            None => !is_stopped(stopper, signals),
        });
        self.turns += 1;
        connection.last_turn = self.turns;
        if limits.idle_timeout.is_some() {
            connection.count_idle_time();
        }
        if let Some(deadline) = connection.deadline(limits) {
            self.check_by(deadline);
        }
        match turn {
            Turn::Again => self.enqueue(index),
            Turn::Idle => {}
            Turn::Blocked => self.watch_for_writing(index),
            Turn::Over => self.close(index),
        }
    }

    /// Writing is watched only where a client was slow once: some systems tell of every reply read.
    fn watch_for_writing(&mut self, index: usize) {
        let Some(mut connection) = self.slots[index].connection.take() else { return };
        if !std::mem::replace(&mut connection.watched_for_writing, true) {
            let both = Interest::READABLE | Interest::WRITABLE;
            if self.register(index, &connection, both, true).is_err() {
                self.free.push(index);
                return;
            }
        }
        self.slots[index].connection = Some(connection);
    }

    fn close(&mut self, slot: usize) {
        if self.slots[slot].connection.take().is_some() {
            self.free.push(slot);
        }
    }

    fn check_by(&mut self, instant: Instant) {
        self.check_at = Some(self.check_at.map_or(instant, |check_at| check_at.min(instant)));
    }

    /// Closes the connections whose message takes too long, and those that are idle for too long. A source that paused is looked at in every
    /// round anyway.
    fn check<S>(&mut self, table: &Table<S>, state: &mut S) {
        let Some(check_at) = self.check_at else { return };
        let now = Instant::now();
        if now < check_at {
            return;
        }
        self.check_at = None;
        for slot in 0..self.slots.len() {
            // What has come in time must not be held against a client because a procedure that
            // another one called took long.
            if self.is_late(slot, now) && self.is_queued(slot) {
                self.turn(slot, table, state, None);
            }
            if self.is_late(slot, now) {
                self.close(slot);
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

    /// How long nothing has to be done.
    fn wait(&self) -> Option<Duration> {
        if !self.ready.is_empty() || self.sources.iter().any(|source| source.state() == State::Ready) {
            return Some(Duration::ZERO);
        }
        self.check_at.map(|instant| instant.saturating_duration_since(Instant::now()))
    }

    /// Answers what has been read, and lets clients read the replies, all within one limit.
    fn finish<S>(mut self, events: &mut Events, table: &Table<S>, state: &mut S) -> io::Result<()> {
        let end = Instant::now() + GRACE;
        for slot in 0..self.slots.len() {
            self.enqueue(slot);
        }
        loop {
            for slot in &mut self.slots {
                if let Some(connection) = &mut slot.connection {
                    connection.stop_reading();
                }
            }
            self.turns(table, state, Some(end));
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.slots.iter().flat_map(|slot| &slot.connection).any(Connection::has_work) {
                return Ok(());
            }
            let wait = if self.ready.is_empty() { left } else { Duration::ZERO };
            self.watch(events, Some(wait))?;
        }
    }
}

/// Whether a stop or a signal is to be noticed.
fn is_stopped(stopper: &Stopper, signals: &Option<Signals>) -> bool {
    stopper.is_asked() || signals.as_ref().is_some_and(Signals::is_pending)
}

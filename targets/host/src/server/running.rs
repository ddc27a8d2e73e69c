//! The server at work: who is ready, whose turn it is, who has taken too long.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use oncilla::Table;
use socket2::Socket;

use super::connection::{Buffers, Connection, Turn};
use super::listener::{Listener, State};
use super::{STOP, Server, Stopper};

/// Connections accepted before those that have been are served again.
const ACCEPTS: usize = 16;

/// How long to wait before accepting again when the system lacked something.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long clients have to read the last replies.
const GRACE: Duration = Duration::from_secs(1);

pub(super) struct Running<'a> {
    poll: &'a mut Poll,
    stopper: &'a Stopper,
    listeners: &'a mut [Listener],
    slots: Vec<Slot>,
    free: Vec<usize>,
    /// Slots that have something to do.
    ready: VecDeque<usize>,
    message_timeout: Duration,
    /// When to look for what has taken too long: never later than it is due.
    check_at: Option<Instant>,
}

/// A place for a connection. Its buffers stay.
struct Slot {
    buffers: Buffers,
    connection: Option<Connection>,
}

impl<'a> Running<'a> {
    pub(super) fn new(server: &'a mut Server, receive: usize, send: usize) -> Self {
        let Server { poll, stopper, listeners, limits } = server;
        let slot = |_| Slot { buffers: Buffers::new(receive, send), connection: None };
        for listener in &mut *listeners {
            listener.state = State::Ready;
        }
        Self {
            poll,
            stopper,
            listeners,
            slots: (0..limits.connections).map(slot).collect(),
            free: (0..limits.connections).rev().collect(),
            ready: VecDeque::with_capacity(limits.connections),
            message_timeout: limits.message_timeout,
            check_at: None,
        }
    }

    pub(super) fn serve<S>(mut self, table: &Table<S>, state: &mut S) -> io::Result<()> {
        let mut events = Events::with_capacity(self.slots.len().clamp(16, 1024));
        while !self.stopper.take() {
            self.accept();
            self.turns(table, state);
            self.check();
            let wait = self.wait();
            self.watch(&mut events, wait)?;
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
        let Token(token) = event.token();
        let Some(place) = token.checked_sub(STOP.0 + 1) else { return };
        if let Some(listener) = self.listeners.get_mut(place) {
            listener.state = State::Ready;
            return;
        }
        let slot = place - self.listeners.len();
        if let Some(connection) = self.slots.get_mut(slot).and_then(|slot| slot.connection.as_mut()) {
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

    fn accept(&mut self) {
        for index in 0..self.listeners.len() {
            for _ in 0..ACCEPTS {
                let Some(socket) = self.listeners[index].accept() else { break };
                self.admit(socket);
            }
            if self.listeners[index].state == State::Paused {
                self.check_by(Instant::now() + ACCEPT_PAUSE);
            }
        }
    }

    /// Gives a connection a slot. Without one, or if it cannot be watched, it is closed.
    fn admit(&mut self, socket: Socket) {
        let Some(slot) = self.free.pop() else { return };
        let connection = Connection::new(socket);
        if self.register(slot, &connection, Interest::READABLE, false).is_err() {
            self.free.push(slot);
            return;
        }
        self.slots[slot].connection = Some(connection);
        self.enqueue(slot);
    }

    fn register(&self, slot: usize, connection: &Connection, interest: Interest, again: bool) -> io::Result<()> {
        let token = Token(STOP.0 + 1 + self.listeners.len() + slot);
        let descriptor = connection.socket().as_raw_fd();
        let mut source = SourceFd(&descriptor);
        let registry = self.poll.registry();
        if again {
            registry.reregister(&mut source, token, interest)
        } else {
            registry.register(&mut source, token, interest)
        }
    }

    /// Gives each connection that has something to do one turn.
    fn turns<S>(&mut self, table: &Table<S>, state: &mut S) {
        for _ in 0..self.ready.len() {
            let Some(slot) = self.ready.pop_front() else { break };
            self.turn(slot, table, state);
        }
    }

    fn turn<S>(&mut self, index: usize, table: &Table<S>, state: &mut S) {
        let slot = &mut self.slots[index];
        let Some(connection) = &mut slot.connection else { return };
        connection.queued = false;
        let turn = connection.turn(&mut slot.buffers, table, state);
        if let Some(deadline) = connection.deadline(self.message_timeout) {
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

    /// Closes the connections whose message takes too long. A listener that paused is looked at in
    /// every round anyway.
    fn check(&mut self) {
        let Some(check_at) = self.check_at else { return };
        let now = Instant::now();
        if now < check_at {
            return;
        }
        self.check_at = None;
        for slot in 0..self.slots.len() {
            let connection = self.slots[slot].connection.as_ref();
            match connection.and_then(|connection| connection.deadline(self.message_timeout)) {
                Some(deadline) if deadline <= now => self.close(slot),
                Some(deadline) => self.check_by(deadline),
                None => {}
            }
        }
    }

    /// How long nothing has to be done.
    fn wait(&self) -> Option<Duration> {
        if !self.ready.is_empty() || self.listeners.iter().any(|listener| listener.state == State::Ready) {
            return Some(Duration::ZERO);
        }
        self.check_at.map(|instant| instant.saturating_duration_since(Instant::now()))
    }

    /// Answers what has been read, and lets clients read the replies for a while.
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
            self.turns(table, state);
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.slots.iter().flat_map(|slot| &slot.connection).any(Connection::has_work) {
                return Ok(());
            }
            let wait = if self.ready.is_empty() { left } else { Duration::ZERO };
            self.watch(events, Some(wait))?;
        }
    }
}

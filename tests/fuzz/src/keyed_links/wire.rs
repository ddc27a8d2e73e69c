//! The two ends of a link in one thread: the client's transport lets the server work when the client waits.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::marker::PhantomData;

use oncilla::keys::Ends;
use oncilla::{Beside, Keyed, Link, LinkError, Received, Served, Time, Transport};

use super::service::{Ledger, TABLE};
use crate::faults::{Carriage, Carried};

/// The bytes that arrive at an end, and those that it has sent.
pub struct Queue<F> {
    pub inbox: VecDeque<Vec<u8>>,
    pub outbox: Vec<Vec<u8>>,
    /// The logs that were verified.
    pub shown: Vec<Vec<u8>>,
    now: Time,
    /// Bytes of a stream that are received at once, at most.
    most: usize,
    framing: PhantomData<F>,
}

impl<F: Carried> Queue<F> {
    pub fn new(most: usize) -> Self {
        let (inbox, outbox, shown) = Default::default();
        Self { inbox, outbox, shown, now: Time::ZERO, most: most.max(1), framing: PhantomData }
    }

    /// Copies what has arrived first.
    fn give(&mut self, into: &mut [u8]) -> Option<Received> {
        let mut bytes = self.inbox.pop_front()?;
        if F::CARRIAGE == Carriage::Datagrams {
            let length = bytes.len().min(into.len());
            into[..length].copy_from_slice(&bytes[..length]);
            return Some(if length < bytes.len() { Received::Oversize(bytes.len()) } else { Received::Bytes(length) });
        }
        let length = bytes.len().min(into.len()).min(self.most);
        into[..length].copy_from_slice(&bytes[..length]);
        if length < bytes.len() {
            self.inbox.push_front(bytes.split_off(length));
        }
        Some(Received::Bytes(length))
    }
}

impl<F: Carried> Transport for Queue<F> {
    type Error = Infallible;
    type Framing = F;

    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        self.now
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Infallible> {
        Ok(self.give(into).unwrap_or_else(|| {
            self.now = self.now.max(deadline);
            Received::TimeUp
        }))
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Infallible> {
        self.outbox.push(frame.to_vec());
        Ok(frame.len())
    }

    fn beside(&mut self, what: Beside<'_>) {
        match what {
            Beside::Log(bytes) | Beside::Text(bytes) => self.shown.push(bytes.to_vec()),
            Beside::Unverified(_) | Beside::Dropped(_) => {}
        }
    }
}

/// The serving end. It has no replay cache, so that a message that is taken twice is executed twice.
pub struct Server<F: Carried, E: Ends> {
    pub link: Link<Keyed<Queue<F>, E>, Vec<u8>>,
    pub ledger: Ledger,
    /// Whether a message did not verify, which ends a connection.
    pub ended: bool,
}

impl<F: Carried, E: Ends> Server<F, E> {
    pub const fn new(link: Link<Keyed<Queue<F>, E>, Vec<u8>>, ledger: Ledger) -> Self {
        Self { link, ledger, ended: false }
    }

    pub const fn queue(&mut self) -> &mut Queue<F> {
        self.link.transport().inner()
    }

    /// Serves what arrives. Returns what was sent.
    ///
    /// # Panics
    /// When the link has an error that no peer can cause.
    pub fn serve(&mut self, frames: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        self.queue().inbox.extend(frames.into_iter().filter(|frame| !frame.is_empty()));
        while !self.ended {
            let deadline = self.queue().now.after(core::time::Duration::from_micros(1));
            match self.link.serve_next(&TABLE, &mut self.ledger, deadline) {
                Ok(Served::Message) => {}
                Ok(Served::TimeUp) => break,
                Err(LinkError::Unverified) if F::CARRIAGE == Carriage::Connection => self.ended = true,
                other => panic!("{other:?}"),
            }
        }
        std::mem::take(&mut self.queue().outbox)
    }
}

/// The transport of the calling end.
pub struct Wire<'s, F: Carried, E: Ends> {
    pub queue: Queue<F>,
    pub server: &'s mut Server<F, E>,
    /// All that both ends have sent.
    pub recorded: Vec<Vec<u8>>,
    /// Whether the attacker keeps calls, or replies.
    pub keeps: [bool; 2],
    /// What arrives before the next reply.
    pub strange: Vec<Vec<u8>>,
}

impl<F: Carried, E: Ends> Wire<'_, F, E> {
    /// Lets the server receive what was sent, and takes what it answers.
    fn exchange(&mut self) {
        let strange = std::mem::take(&mut self.strange);
        self.queue.inbox.extend(strange.into_iter().filter(|frame| !frame.is_empty()));
        let calls = std::mem::take(&mut self.queue.outbox);
        self.recorded.extend_from_slice(&calls);
        if self.keeps[0] {
            return;
        }
        let replies = self.server.serve(calls);
        self.recorded.extend_from_slice(&replies);
        if !self.keeps[1] {
            self.queue.inbox.extend(replies);
        }
    }
}

impl<F: Carried, E: Ends> Transport for Wire<'_, F, E> {
    type Error = Infallible;
    type Framing = F;

    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        self.queue.now
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Infallible> {
        if self.queue.inbox.is_empty() {
            self.exchange();
        }
        if self.queue.inbox.is_empty() && self.server.ended {
            return Ok(Received::End);
        }
        self.queue.receive(into, deadline)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Infallible> {
        self.queue.send(frame, deadline)
    }

    fn beside(&mut self, what: Beside<'_>) {
        self.queue.beside(what);
    }
}

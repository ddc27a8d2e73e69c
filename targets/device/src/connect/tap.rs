//! A transport that shows the bytes that pass.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use oncilla::framing::Framing as _;
use oncilla::{Beside, Received, Time, Transport};

use super::{Cork, Heard, How, Interrupt};

/// The direction of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the device.
    Sent,
    /// From the device.
    Received,
}

/// Receives the bytes that pass, as the transport moves them.
pub type Tap = Arc<dyn Fn(Direction, &[u8]) + Send + Sync>;

/// Receives text and logs of the device.
pub type Show = Arc<dyn Fn(Beside<'_>) + Send + Sync>;

/// How often a waiting transport checks whether it should stop.
const LOOK: Duration = Duration::from_millis(50);

/// Ends the waiting of a connection, whose call then fails. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends waiting from now on.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Returns an error if the connection should stop.
    pub fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::SeqCst) { Err(io::Error::other("the call was cancelled")) } else { Ok(()) }
    }
}

/// A transport whose bytes a [`Tap`] sees.
pub struct Tapped<T> {
    inner: T,
    tap: Option<Tap>,
    show: Option<Show>,
    stop: Option<Stop>,
    interrupt: Option<Interrupt>,
    heard: Heard,
    cork: Cork,
    /// The frames that are kept back.
    held: Vec<u8>,
}

impl<T: Transport> Tapped<T> {
    /// Returns the transport, seen by what `how` states.
    pub fn new(inner: T, how: &How) -> Self {
        let How { tap, show, stop, interrupt, heard, cork, .. } = how.clone();
        cork.set_able(!T::Framing::RESYNCHRONIZES);
        Self { inner, tap, show, stop, interrupt, heard, cork, held: Vec::new() }
    }
}

impl<T> Tapped<T> {
    fn see(&self, direction: Direction, bytes: &[u8]) {
        if let Some(tap) = &self.tap {
            tap(direction, bytes);
        }
    }
}

impl<T: Transport<Error = io::Error>> Tapped<T> {
    /// Receives, and checks at intervals whether it should stop.
    fn receive_or_stop(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        if self.stop.is_none() && self.interrupt.is_none() && self.held.is_empty() {
            return self.inner.receive(into, deadline);
        }
        loop {
            self.stop.iter().try_for_each(Stop::check)?;
            if self.has_ended() {
                return Ok(Received::TimeUp);
            }
            let look = self.inner.now().after(LOOK).min(deadline);
            if !self.release(look)? {
                if look >= deadline {
                    return Ok(Received::TimeUp);
                }
                self.interrupt.iter().for_each(|interrupt| _ = interrupt.ask());
                continue;
            }
            match self.inner.receive(into, look)? {
                Received::TimeUp if look < deadline => {
                    self.interrupt.iter().for_each(|interrupt| _ = interrupt.ask());
                }
                received => return Ok(received),
            }
        }
    }

    /// Sends what is kept back. Returns whether nothing is left of it.
    fn release(&mut self, deadline: Time) -> io::Result<bool> {
        if self.held.is_empty() {
            return Ok(true);
        }
        let sent = self.inner.send(&self.held, deadline)?;
        self.held.drain(..sent.min(self.held.len()));
        self.cork.release(sent);
        Ok(self.held.is_empty())
    }

    /// Sends a frame after those that are kept back, by the same system call. Returns how much of the frame was sent.
    fn send_after_held(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        let before = self.held.len();
        let mut all = std::mem::take(&mut self.held);
        self.cork.release(before);
        all.extend_from_slice(frame);
        let sent = self.send_or_end(&all, deadline)?;
        // The rest of the earlier frames is sent later: their calls have begun.
        if let Some(rest) = all.get(sent..before).filter(|rest| !rest.is_empty()) {
            self.held.extend_from_slice(rest);
            self.cork.add(rest.len());
        }
        Ok(sent.saturating_sub(before))
    }

    /// Sends, and asks at intervals whether the wait should end.
    fn send_or_end(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        let Some(interrupt) = self.interrupt.clone() else { return self.inner.send(frame, deadline) };
        if interrupt.has_ended() {
            // The line loses it, or it was not begun.
            return Ok(if T::Framing::RESYNCHRONIZES { frame.len() } else { 0 });
        }
        let mut sent = 0;
        loop {
            let look = self.inner.now().after(LOOK).min(deadline);
            sent += self.inner.send(frame.get(sent..).unwrap_or_default(), look)?;
            if sent >= frame.len() || look >= deadline || interrupt.ask() {
                return Ok(sent);
            }
        }
    }

    /// Returns whether the wait of the present call was ended.
    fn has_ended(&self) -> bool {
        self.interrupt.as_ref().is_some_and(Interrupt::has_ended)
    }
}

impl<T: Transport<Error = io::Error>> Transport for Tapped<T> {
    type Error = io::Error;
    type Framing = T::Framing;

    const BESIDE: bool = T::BESIDE;

    fn now(&mut self) -> Time {
        // After all deadlines: the call times out, and is not sent again.
        if self.has_ended() { Time::NEVER } else { self.inner.now() }
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.inner.peer()
    }

    fn settle(&mut self, verified: bool) {
        self.inner.settle(verified);
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        let received = self.receive_or_stop(into, deadline)?;
        if let Received::Bytes(length) = received {
            let bytes = into.get(..length).unwrap_or_default();
            self.heard.add(bytes);
            self.see(Direction::Received, bytes);
        }
        Ok(received)
    }

    fn is_noise(&self, error: &io::Error) -> bool {
        // The error of a cancelled call ends it, also on UDP, which loses messages.
        self.stop.as_ref().is_none_or(|stop| stop.check().is_ok()) && self.inner.is_noise(error)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        let sent = if self.cork.keeps(frame.len()) {
            self.held.extend_from_slice(frame);
            self.cork.add(frame.len());
            frame.len()
        } else if self.held.is_empty() {
            self.send_or_end(frame, deadline)?
        } else {
            self.send_after_held(frame, deadline)?
        };
        self.see(Direction::Sent, frame.get(..sent).unwrap_or_default());
        Ok(sent)
    }

    fn beside(&mut self, what: Beside<'_>) {
        match &self.show {
            Some(show) => show(what),
            None => self.inner.beside(what),
        }
    }
}

impl<T> Drop for Tapped<T> {
    /// Calls that were kept back are lost with the connection.
    fn drop(&mut self) {
        self.cork.release(self.held.len());
    }
}

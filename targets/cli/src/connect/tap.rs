//! A transport that shows the bytes that pass.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use oncilla::{Beside, Received, Time, Transport};

/// The direction of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Sent,
    Received,
}

/// Receives the bytes that pass, as the transport moves them.
pub type Tap = Arc<dyn Fn(Direction, &[u8]) + Send + Sync>;

/// Receives what arrives beside messages.
pub type Show = Arc<dyn Fn(Beside<'_>) + Send + Sync>;

/// A transport whose bytes a [`Tap`] sees.
pub struct Tapped<T> {
    inner: T,
    tap: Option<Tap>,
    show: Option<Show>,
}

impl<T> Tapped<T> {
    pub const fn new(inner: T, tap: Option<Tap>, show: Option<Show>) -> Self {
        Self { inner, tap, show }
    }

    fn see(&self, direction: Direction, bytes: &[u8]) {
        if let Some(tap) = &self.tap {
            tap(direction, bytes);
        }
    }
}

impl<T: Transport<Error = io::Error>> Transport for Tapped<T> {
    type Error = io::Error;
    type Framing = T::Framing;

    const BESIDE: bool = T::BESIDE;

    fn now(&mut self) -> Time {
        self.inner.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.inner.peer()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        let received = self.inner.receive(into, deadline)?;
        if let Received::Bytes(length) = received {
            self.see(Direction::Received, into.get(..length).unwrap_or_default());
        }
        Ok(received)
    }

    fn is_noise(&self, error: &io::Error) -> bool {
        self.inner.is_noise(error)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        let sent = self.inner.send(frame, deadline)?;
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

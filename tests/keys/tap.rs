//! A transport that records what is sent, and what arrives beside messages.

use std::net::SocketAddr;

use oncilla::{Beside, Received, Time, Transport};

/// What arrived beside messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    Text(Vec<u8>),
    Log(Vec<u8>),
    Unverified(Vec<u8>),
    Dropped(usize),
}

pub struct Tap<T> {
    pub inner: T,
    pub sent: Vec<Vec<u8>>,
    pub shown: Vec<Shown>,
}

impl<T> Tap<T> {
    pub fn new(inner: T) -> Self {
        Self { inner, sent: Vec::new(), shown: Vec::new() }
    }
}

impl<T: Transport> Transport for Tap<T> {
    type Error = T::Error;
    type Framing = T::Framing;

    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        self.inner.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.inner.peer()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, T::Error> {
        self.inner.receive(into, deadline)
    }

    fn is_noise(&self, error: &T::Error) -> bool {
        self.inner.is_noise(error)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, T::Error> {
        self.sent.push(frame.to_vec());
        self.inner.send(frame, deadline)
    }

    fn beside(&mut self, what: Beside<'_>) {
        self.shown.push(match what {
            Beside::Text(text) => Shown::Text(text.to_vec()),
            Beside::Log(log) => Shown::Log(log.to_vec()),
            Beside::Unverified(text) => Shown::Unverified(text.to_vec()),
            Beside::Dropped(dropped) => Shown::Dropped(dropped.len()),
        });
    }
}

type Loses = Box<dyn FnMut(&[u8]) -> bool + Send>;

/// A transport that loses some of what is sent.
pub struct Lossy<T> {
    inner: T,
    loses: Loses,
}

impl<T> Lossy<T> {
    /// Loses the frames for which `loses` returns `true`.
    pub fn new(inner: T, loses: impl FnMut(&[u8]) -> bool + Send + 'static) -> Self {
        Self { inner, loses: Box::new(loses) }
    }
}

impl<T: Transport> Transport for Lossy<T> {
    type Error = T::Error;
    type Framing = T::Framing;

    fn now(&mut self) -> Time {
        self.inner.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, T::Error> {
        self.inner.receive(into, deadline)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, T::Error> {
        if (self.loses)(frame) { Ok(frame.len()) } else { self.inner.send(frame, deadline) }
    }
}

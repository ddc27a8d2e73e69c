//! Transports that lose, repeat, garble and delay, as seeds decide; and a line in memory with a clock of its own.

#![allow(dead_code)] // Each test crate uses its own part.

#[path = "faults_line.rs"]
pub mod line;
#[path = "faults_mangle.rs"]
mod mangle;
#[path = "faults_random.rs"]
mod random;

use std::collections::VecDeque;
use std::net::SocketAddr;

use oncilla::{Beside, Received, Time, Transport};

pub use mangle::{Carriage, Carried, Counts, Faults, Mangle};
pub use random::Random;

/// A transport on which things go wrong, on top of any other that takes whatever is sent.
///
/// A frame is what is sent at once. Of what is received, it is a datagram, or on a serial line the bytes
/// up to a zero.
pub struct Faulty<T: Transport> {
    inner: T,
    outgoing: Mangle,
    incoming: Mangle,
    /// The beginning of a frame that is being received.
    begun: Vec<u8>,
    /// What has been received and not been asked for.
    ready: VecDeque<Vec<u8>>,
}

impl<T: Transport<Framing: Carried>> Faulty<T> {
    /// Nothing goes wrong yet. The same seed gives the same faults.
    pub fn new(inner: T, seed: u64) -> Self {
        let carriage = T::Framing::CARRIAGE;
        let mangle = |seed| Mangle::new(carriage, Faults::NONE, Random::new(seed));
        let (outgoing, incoming) = (mangle(2 * seed), mangle(2 * seed + 1));
        Self { inner, outgoing, incoming, begun: Vec::new(), ready: VecDeque::new() }
    }

    /// The same, with these faults in what is sent.
    pub fn sending(mut self, faults: Faults) -> Self {
        self.outgoing.set(faults);
        self
    }

    /// The same, with these faults in what is received.
    pub fn receiving(mut self, faults: Faults) -> Self {
        self.incoming.set(faults);
        self
    }

    /// From now on, these faults in what is sent.
    pub const fn set_sending(&mut self, faults: Faults) {
        self.outgoing.set(faults);
    }

    /// From now on, these faults in what is received.
    pub const fn set_receiving(&mut self, faults: Faults) {
        self.incoming.set(faults);
    }

    /// What happened to what was sent.
    pub const fn sent(&self) -> Counts {
        self.outgoing.counts
    }

    /// What happened to what was received.
    pub const fn received(&self) -> Counts {
        self.incoming.counts
    }

    pub const fn inner(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Sends what has been under way long enough.
    fn flush(&mut self, deadline: Time) -> Result<(), T::Error> {
        let now = self.inner.now();
        while let Some(frame) = self.outgoing.arrived(now) {
            if !frame.is_empty() {
                self.inner.send(&frame, deadline)?;
            }
        }
        Ok(())
    }

    /// Cuts what was received in frames.
    fn take(&mut self, bytes: &[u8]) {
        let now = self.inner.now();
        if T::Framing::CARRIAGE != Carriage::Line {
            return self.incoming.take(now, bytes);
        }
        for part in bytes.split_inclusive(|byte| *byte == 0) {
            self.begun.extend(part);
            // Zeros between frames are no frames.
            if part.ends_with(&[0]) && self.begun.len() > 1 {
                self.incoming.take(now, &std::mem::take(&mut self.begun));
            }
        }
    }

    /// Hands out what is ready.
    fn give(&mut self, into: &mut [u8]) -> Option<usize> {
        let mut bytes = self.ready.pop_front()?;
        let length = bytes.len().min(into.len());
        into[..length].copy_from_slice(&bytes[..length]);
        // The rest of a datagram is lost.
        if length < bytes.len() && T::Framing::CARRIAGE != Carriage::Datagrams {
            self.ready.push_front(bytes.split_off(length));
        }
        Some(length)
    }
}

impl<T: Transport<Framing: Carried>> Transport for Faulty<T> {
    type Error = T::Error;
    type Framing = T::Framing;

    const BESIDE: bool = T::BESIDE;

    fn beside(&mut self, what: Beside<'_>) {
        self.inner.beside(what);
    }

    fn now(&mut self) -> Time {
        self.inner.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.inner.peer()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, T::Error> {
        loop {
            self.flush(deadline)?;
            let now = self.inner.now();
            while let Some(frame) = self.incoming.arrived(now) {
                self.ready.extend(Some(frame).filter(|frame| !frame.is_empty()));
            }
            if let Some(length) = self.give(into) {
                return Ok(Received::Bytes(length));
            }
            let until = deadline.min(self.outgoing.next()).min(self.incoming.next());
            let received = if self.incoming.is_transparent() && self.begun.is_empty() {
                self.inner.receive(into, until)?
            } else {
                let mut bytes = [0; 4096];
                match self.inner.receive(&mut bytes, until)? {
                    Received::Bytes(length) => {
                        self.take(&bytes[..length]);
                        continue;
                    }
                    other => other,
                }
            };
            match received {
                Received::TimeUp if until < deadline => {}
                received => return Ok(received),
            }
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, T::Error> {
        let now = self.inner.now();
        self.outgoing.take(now, frame);
        self.flush(deadline)?;
        // Whatever happens to it, the sender does not see it.
        Ok(frame.len())
    }
}

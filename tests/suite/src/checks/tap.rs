//! A transport that can be disturbed, and listened to.

use std::boxed::Box;
use std::vec::Vec;

use oncilla::{Beside, Received, Time, Transport};

/// Makes what is sent of a frame.
type Change = Box<dyn FnOnce(&[u8]) -> Vec<u8>>;

/// A transport to a board.
pub struct Tap<T> {
    inner: T,
    change: Option<Change>,
    text: Vec<u8>,
}

impl<T> Tap<T> {
    pub const fn new(inner: T) -> Self {
        Self { inner, change: None, text: Vec::new() }
    }

    /// Sends something else than the next frame.
    pub fn change(&mut self, change: impl FnOnce(&[u8]) -> Vec<u8> + 'static) {
        self.change = Some(Box::new(change));
    }

    /// What the board printed.
    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

impl<T: Transport> Transport for Tap<T> {
    type Error = T::Error;
    type Framing = T::Framing;

    const BESIDE: bool = true;

    fn beside(&mut self, what: Beside<'_>) {
        if let Beside::Text(text) = what {
            self.text.extend(text);
        }
    }

    fn now(&mut self) -> Time {
        self.inner.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, T::Error> {
        self.inner.receive(into, deadline)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, T::Error> {
        let Some(change) = self.change.take() else { return self.inner.send(frame, deadline) };
        let changed = change(frame);
        let sent = self.inner.send(&changed, deadline)?;
        Ok(if sent == changed.len() { frame.len() } else { 0 })
    }
}

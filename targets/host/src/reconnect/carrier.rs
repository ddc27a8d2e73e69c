//! A transport that can be lost and replaced, and that notes how far a call got.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use oncilla::framing::Framing;
use oncilla::{Beside, Received, Time, Transport};

use crate::log::Log;

/// Bytes that a look at an idle carrier can find.
const AHEAD: usize = 64;

/// A transport, or its absence.
#[derive(Debug)]
pub struct Carrier<T> {
    transport: Option<T>,
    progress: Progress,
    /// Bytes that were found by [`is_gone`](Self::is_gone) and not yet received.
    ahead: [u8; AHEAD],
    found: std::ops::Range<usize>,
    log: Option<Log>,
}

/// What the carrier accepted since the call began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// Nothing.
    None,
    /// Some bytes, and perhaps whole frames.
    Some,
    /// At least one whole frame.
    Frame,
}

impl<T> Carrier<T> {
    pub(crate) const fn new(transport: Option<T>) -> Self {
        Self { transport, progress: Progress::None, ahead: [0; AHEAD], found: 0..0, log: None }
    }

    /// Replaces the transport. The old one is closed, and what it had received is dropped.
    pub(crate) fn replace(&mut self, transport: Option<T>) {
        self.found = 0..0;
        self.transport = transport;
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.transport.is_some()
    }

    /// Forgets what was sent: another call begins.
    pub(crate) const fn begin(&mut self) {
        self.progress = Progress::None;
    }

    pub(crate) const fn progress(&self) -> Progress {
        self.progress
    }

    pub(crate) fn set_log(&mut self, log: Log) {
        self.log = Some(log);
    }
}

impl<T: Transport<Error = io::Error>> Carrier<T> {
    /// Returns whether the transport is gone, without waiting: the peer has closed it, or it fails.
    ///
    /// Bytes that are found are kept for [`receive`](Transport::receive).
    pub(crate) fn is_gone(&mut self) -> bool {
        let Some(transport) = &mut self.transport else { return true };
        if !self.found.is_empty() {
            return false;
        }
        match transport.receive(&mut self.ahead, Time::ZERO) {
            Ok(Received::Bytes(length)) => self.found = 0..length.min(AHEAD),
            Ok(Received::TimeUp | Received::Oversize(_)) => {}
            Ok(Received::End) => return true,
            Err(error) => return !(T::Framing::NOISY && transport.is_noise(&error)),
        }
        false
    }
}

fn absent() -> io::Error {
    ErrorKind::NotConnected.into()
}

impl<T: Transport<Error = io::Error>> Transport for Carrier<T> {
    type Error = io::Error;
    type Framing = T::Framing;

    const BESIDE: bool = T::BESIDE;

    #[inline]
    fn now(&mut self) -> Time {
        self.transport.as_mut().map_or(Time::ZERO, T::now)
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.transport.as_ref()?.peer()
    }

    fn settle(&mut self, verified: bool) {
        if let Some(transport) = &mut self.transport {
            transport.settle(verified);
        }
    }

    #[inline]
    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        let found = &self.ahead[self.found.clone()];
        if found.is_empty() {
            return self.transport.as_mut().ok_or_else(absent)?.receive(into, deadline);
        }
        let length = found.len().min(into.len());
        into[..length].copy_from_slice(&found[..length]);
        self.found.start += length;
        Ok(Received::Bytes(length))
    }

    fn is_noise(&self, error: &io::Error) -> bool {
        self.transport.as_ref().is_some_and(|transport| transport.is_noise(error))
    }

    #[inline]
    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        let sent = self.transport.as_mut().ok_or_else(absent)?.send(frame, deadline);
        self.progress = self.progress.max(match sent {
            Ok(sent) if sent >= frame.len() => Progress::Frame,
            Ok(0) => Progress::None,
            // An error may have followed some bytes.
            _ => Progress::Some,
        });
        sent
    }

    fn beside(&mut self, what: Beside<'_>) {
        match (&mut self.log, &mut self.transport) {
            (Some(log), _) => log.show(what),
            (None, Some(transport)) => transport.beside(what),
            (None, None) => {}
        }
    }
}

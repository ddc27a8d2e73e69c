//! The attacker as the transport of the attacked end.

use std::net::SocketAddr;

use oncilla::{Beside, Received, Time, Transport};
use oncilla_test_support::faults::Carried;
use oncilla_test_support::frames::Sized;

use super::{Attacker, Shown};

/// The transport of an end with an attacker before it.
pub struct Attacked<'a, T> {
    pub(super) inner: T,
    pub(super) attacker: &'a mut Attacker,
}

impl<T: Transport<Framing: Carried + Sized>> Transport for Attacked<'_, T> {
    type Error = T::Error;
    type Framing = T::Framing;

    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        self.inner.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.inner.peer()
    }

    fn beside(&mut self, what: Beside<'_>) {
        match what {
            Beside::Text(text) => self.attacker.shown.push(Shown::Text(text.to_vec())),
            Beside::Log(log) => self.attacker.shown.push(Shown::Log(log.to_vec())),
            _ => {}
        }
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, T::Error> {
        let carriage = T::Framing::CARRIAGE;
        loop {
            let now = self.inner.now();
            if let Some(length) = self.attacker.give(now, carriage, into).filter(|length| *length > 0) {
                return Ok(Received::Bytes(length));
            }
            let until = deadline.min(self.attacker.next());
            let mut bytes = [0; 4096];
            match self.inner.receive(&mut bytes, until)? {
                Received::Bytes(length) => {
                    let now = self.inner.now();
                    self.attacker.arrives::<T::Framing>(now, &bytes[..length]);
                }
                Received::TimeUp if until < deadline => {}
                other => return Ok(other),
            }
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, T::Error> {
        let now = self.inner.now();
        self.attacker.leaves::<T::Framing>(now, frame);
        self.inner.send(frame, deadline)
    }
}

//! A carrier whose other end is a server in the same memory.

use std::collections::VecDeque;
use std::convert::Infallible;

use oncilla::framing::{Framing, Progress};
use oncilla::{Client, Link, Received, Table, Time, Transport, answer};

/// A server and the bytes it sent.
pub struct Loopback<F, S: 'static> {
    table: &'static Table<S>,
    pub state: S,
    framing: F,
    rx: Vec<u8>,
    replies: VecDeque<u8>,
}

impl<F: Framing, S> Loopback<F, S> {
    fn take(&mut self, frame: &[u8]) {
        let mut rest = frame;
        loop {
            match self.framing.next(&mut self.rx) {
                Progress::Message { start, length } => {
                    let mut tx = vec![0; 1000];
                    let message = &self.rx[start..start + length];
                    if let Some(length) = answer(self.table, &mut self.state, message, F::room(&mut tx)) {
                        self.replies.extend(F::seal(&mut tx, length).unwrap());
                    }
                }
                Progress::Oversize { .. } => panic!("the server's buffer is too small"),
                Progress::Text { .. } | Progress::Dropped { .. } => panic!("nothing but messages is sent"),
                Progress::More if rest.is_empty() => return,
                Progress::More => {
                    let window = self.framing.window(&mut self.rx);
                    let (now, later) = rest.split_at(window.len().min(rest.len()));
                    window[..now.len()].copy_from_slice(now);
                    self.framing.filled(now.len());
                    rest = later;
                }
            }
        }
    }
}

impl<F: Framing, S> Transport for Loopback<F, S> {
    type Error = Infallible;
    type Framing = F;

    fn now(&mut self) -> Time {
        Time::ZERO
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, Infallible> {
        let length = into.len().min(self.replies.len());
        for (place, byte) in into.iter_mut().zip(self.replies.drain(..length)) {
            *place = byte;
        }
        Ok(if length == 0 { Received::TimeUp } else { Received::Bytes(length) })
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Infallible> {
        self.take(frame);
        Ok(frame.len())
    }
}

/// A client whose calls `state` serves.
pub fn client<F: Framing, S>(table: &'static Table<S>, state: S) -> Client<Loopback<F, S>, Vec<u8>> {
    let loopback = Loopback { table, state, framing: F::default(), rx: vec![0; 1000], replies: VecDeque::new() };
    Client::new(Link::new(loopback, vec![0; 1000], vec![0; 1000]), 7)
}

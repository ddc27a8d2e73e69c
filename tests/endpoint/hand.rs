//! A peer that the test plays by hand.

use std::collections::VecDeque;

use oncilla::message::{CallHeader, OpaqueAuth, ProcedureId};
use oncilla::{Received, Time, Transport};

use crate::faults::Carried;
use crate::faults::line::End;
use crate::frames::{Found, Receiver, Sized, seal};
use crate::peer;

pub struct Hand<F> {
    pub end: End<F>,
    receiver: Receiver<F>,
    found: VecDeque<Found>,
}

impl<F: Sized + Carried> Hand<F> {
    pub fn new(end: End<F>) -> Self {
        Self { end, receiver: Receiver::new(2048), found: VecDeque::new() }
    }

    /// Returns the next message, if one arrives within so many microseconds.
    pub fn within(&mut self, micros: u64) -> Option<Vec<u8>> {
        let deadline = Time::from_micros(self.end.now().as_micros() + micros);
        loop {
            match self.found.pop_front() {
                Some(Found::Message(message)) => return Some(message),
                Some(other) => panic!("{other:?}"),
                None => {}
            }
            let mut bytes = [0; 2048];
            let Ok(Received::Bytes(length)) = self.end.receive(&mut bytes, deadline) else { return None };
            let mut found = Vec::new();
            self.receiver.feed(&bytes[..length], &mut found);
            self.found.extend(found);
        }
    }

    /// Returns the next message.
    pub fn next(&mut self) -> Vec<u8> {
        self.within(10_000_000).expect("a message comes")
    }

    pub fn send(&mut self, message: &[u8]) {
        self.end.send(&seal::<F>(message), Time::NEVER).unwrap();
    }
}

pub fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

pub fn call(xid: u32, procedure: u32, arguments: &[u32]) -> Vec<u8> {
    let id = ProcedureId { program: peer::PROGRAM, version: peer::VERSION, procedure };
    let header = CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut message = vec![0; 40];
    assert_eq!(header.write(&mut message), Some(40));
    [message, words(arguments)].concat()
}

/// Returns a reply with results.
pub fn reply(xid: u32, results: &[u32]) -> Vec<u8> {
    [words(&[xid, 1, 0, 0, 0, 0]), words(results)].concat()
}

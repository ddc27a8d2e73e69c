//! A transport that keeps what is sent and what is shown, and loses some hellos.

use oncilla::framing::Serial;
use oncilla::{Beside, Received, Time, Transport};

use crate::frames::{Found, Receiver};

/// What was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    FullCall,
    FullReply,
    ShortCall,
    ShortReply,
    Hello,
    Log,
    Text,
}

/// What was shown beside messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    Text(Vec<u8>),
    Log(Vec<u8>),
    Dropped(usize),
}

pub struct Tap<T> {
    inner: T,
    pub sent: Vec<Vec<u8>>,
    pub shown: Vec<Shown>,
    /// So many hellos are lost.
    lose: usize,
}

impl<T: Transport> Tap<T> {
    pub const fn new(inner: T) -> Self {
        Self { inner, sent: Vec::new(), shown: Vec::new(), lose: 0 }
    }

    /// The same, which loses the first hellos.
    pub fn losing(self, lose: usize) -> Self {
        Self { lose, ..self }
    }

    /// What was sent, lost hellos included.
    pub fn kinds(&self) -> Vec<Kind> {
        kinds(&self.sent.concat())
    }
}

/// What is in a stream of frames.
pub fn kinds(stream: &[u8]) -> Vec<Kind> {
    let mut found = Vec::new();
    Receiver::<Serial>::of_all(2048).feed(stream, &mut found);
    let kind = |found| match found {
        Found::Message(message) if message[4..8] == [0; 4] => Kind::FullCall,
        Found::Message(_) => Kind::FullReply,
        Found::Short(message) => match message[0] >> 5 {
            0..3 => Kind::ShortCall,
            3 => Kind::ShortReply,
            4 => Kind::Hello,
            5 => Kind::Log,
            _ => panic!("{message:02x?}"),
        },
        Found::Text(_) => Kind::Text,
        other => panic!("{other:?} was sent"),
    };
    found.into_iter().map(kind).collect()
}

impl<T: Transport> Transport for Tap<T> {
    type Error = T::Error;
    type Framing = T::Framing;
    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        self.inner.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, T::Error> {
        self.inner.receive(into, deadline)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, T::Error> {
        self.sent.push(frame.to_vec());
        if self.lose > 0 && kinds(frame) == [Kind::Hello] {
            self.lose -= 1;
            return Ok(frame.len());
        }
        self.inner.send(frame, deadline)
    }

    fn beside(&mut self, what: Beside<'_>) {
        self.shown.push(match what {
            Beside::Text(text) => Shown::Text(text.to_vec()),
            Beside::Log(log) => Shown::Log(log.to_vec()),
            Beside::Dropped(dropped) => Shown::Dropped(dropped.len()),
        });
    }
}

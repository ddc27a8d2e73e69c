//! A transport that records what is sent and what arrives beside messages, and loses some hellos.

use oncilla::{Beside, Received, Time, Transport};

use crate::marks;

/// The kind of a sent frame. Full and plain calls and replies differ in their marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A call in the full form without a mark.
    PlainCall,
    PlainReply,
    FullCall,
    FullReply,
    ShortCall,
    ShortReply,
    Hello,
    Log,
    Text,
}

impl Kind {
    pub const fn is_call(self) -> bool {
        matches!(self, Self::PlainCall | Self::FullCall | Self::ShortCall)
    }
}

/// What arrived beside messages.
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
    /// Number of hellos that will be lost.
    lose: usize,
}

impl<T: Transport> Tap<T> {
    pub const fn new(inner: T) -> Self {
        Self { inner, sent: Vec::new(), shown: Vec::new(), lose: 0 }
    }

    /// Loses the first `lose` hellos.
    pub fn losing(self, lose: usize) -> Self {
        Self { lose, ..self }
    }

    /// Returns the kinds of the sent frames, lost hellos included.
    pub fn kinds(&self) -> Vec<Kind> {
        kinds(&self.sent.concat())
    }
}

/// Returns the kinds of the frames in a stream, whatever their marks.
pub fn kinds(stream: &[u8]) -> Vec<Kind> {
    stream.split(|&byte| byte == 0).filter(|frame| !frame.is_empty()).map(kind).collect()
}

fn kind(frame: &[u8]) -> Kind {
    if frame[0] == 0x7f {
        return Kind::Text;
    }
    let (mark, message) = marks::open(frame);
    match (mark, message[0] >> 5) {
        (marks::SHORT, 4) => Kind::Hello,
        (marks::SHORT, 5) => Kind::Log,
        // The second word of a message in the full form is its type.
        _ if message.len() >= 24 && message[4..8] == [0; 4] => {
            if mark == 0 {
                Kind::PlainCall
            } else {
                Kind::FullCall
            }
        }
        _ if message.len() >= 24 && message[4..8] == [0, 0, 0, 1] => {
            if mark == 0 {
                Kind::PlainReply
            } else {
                Kind::FullReply
            }
        }
        (_, 0..3) => Kind::ShortCall,
        (_, 3) => Kind::ShortReply,
        _ => panic!("{message:02x?} with the mark {mark:08x}"),
    }
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
            Beside::Text(text) | Beside::Unverified(text) => Shown::Text(text.to_vec()),
            Beside::Log(log) => Shown::Log(log.to_vec()),
            Beside::Dropped(dropped) => Shown::Dropped(dropped.len()),
        });
    }
}

//! A scripted transport with a clock of its own.

use core::marker::PhantomData;
use std::collections::VecDeque;

use oncilla::framing::Framing;
use oncilla::{Received, Time, Transport};

/// What is received, and when: microseconds since the beginning.
pub enum Event {
    /// These bytes, as far as the window takes them; the rest at the same instant.
    Bytes(u64, Vec<u8>),
    /// The peer closes the link.
    End(u64),
    /// The transport fails.
    Fails(u64),
    /// The same bytes again and again, each repetition taking so many microseconds, from now on. They are there at
    /// every receive, also after the deadline.
    Flood(u64, Vec<u8>),
}

/// What the transport does with a frame.
#[derive(Clone, Copy)]
pub enum Sends {
    All,
    /// Takes so many bytes until the deadline, or for ever.
    Part(usize),
    Fails,
}

/// The transport.
pub struct Script<F> {
    pub now: u64,
    pub events: VecDeque<Event>,
    /// What it does with the next frames; after these it sends everything.
    pub sends: VecDeque<Sends>,
    /// The frames that were sent.
    pub sent: Vec<Vec<u8>>,
    /// The deadlines of sending.
    pub until: Vec<Time>,
    pub framing: PhantomData<F>,
}

impl<F: Framing> Script<F> {
    /// A transport that receives these events, and then nothing.
    pub fn new(events: impl IntoIterator<Item = Event>) -> Self {
        let events = events.into_iter().collect();
        Self { now: 0, events, sends: VecDeque::new(), sent: Vec::new(), until: Vec::new(), framing: PhantomData }
    }

    /// Returns the transport with these outcomes of its first frames.
    pub fn sending(self, sends: impl IntoIterator<Item = Sends>) -> Self {
        Self { sends: sends.into_iter().collect(), ..self }
    }

    /// Waits until `at`, at most until the deadline.
    fn wait(&mut self, at: u64, deadline: Time) -> bool {
        // What has arrived is found even if the deadline has passed.
        let in_time = at <= deadline.as_micros().max(self.now);
        self.now = self.now.max(at.min(deadline.as_micros()));
        in_time
    }
}

impl<F: Framing> Transport for Script<F> {
    type Error = &'static str;
    type Framing = F;

    fn now(&mut self) -> Time {
        Time::from_micros(self.now)
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, &'static str> {
        assert!(!into.is_empty(), "a transport is never asked for nothing");
        let at = match self.events.front() {
            Some(Event::Bytes(at, _) | Event::End(at) | Event::Fails(at)) => *at,
            Some(Event::Flood(..)) => 0,
            None if deadline == Time::NEVER => panic!("this would wait for ever"),
            None => u64::MAX,
        };
        if !self.wait(at, deadline) {
            return Ok(Received::TimeUp);
        }
        match self.events.pop_front() {
            Some(Event::Bytes(at, mut bytes)) => {
                let rest = bytes.split_off(into.len().min(bytes.len()));
                into[..bytes.len()].copy_from_slice(&bytes);
                if !rest.is_empty() {
                    self.events.push_front(Event::Bytes(at, rest));
                }
                Ok(Received::Bytes(bytes.len()))
            }
            Some(Event::Flood(micros, mut bytes)) => {
                self.now += micros;
                assert!(self.now < 60_000_000, "the flood has no end");
                let length = into.len().min(bytes.len());
                into[..length].copy_from_slice(&bytes[..length]);
                bytes.rotate_left(length);
                self.events.push_front(Event::Flood(micros, bytes));
                Ok(Received::Bytes(length))
            }
            Some(Event::Fails(_)) => Err("parity"),
            Some(Event::End(at)) => {
                // It stays closed.
                self.events.push_front(Event::End(at));
                Ok(Received::End)
            }
            None => Ok(Received::TimeUp),
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, &'static str> {
        self.until.push(deadline);
        self.sent.push(frame.to_vec());
        match self.sends.pop_front().unwrap_or(Sends::All) {
            Sends::All => Ok(frame.len()),
            Sends::Part(length) => Ok(length.min(frame.len())),
            Sends::Fails => Err("no carrier"),
        }
    }
}

/// A message in its frame.
pub fn framed<F: Framing>(message: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; 2 * message.len() + 100];
    F::room(&mut buffer)[..message.len()].copy_from_slice(message);
    F::seal(&mut buffer, message.len()).unwrap().to_vec()
}

/// Messages that arrive at once.
pub fn now<F: Framing>(messages: &[Vec<u8>]) -> Event {
    at::<F>(0, messages)
}

/// Messages that arrive at an instant.
pub fn at<F: Framing>(micros: u64, messages: &[Vec<u8>]) -> Event {
    Event::Bytes(micros, messages.iter().flat_map(|message| framed::<F>(message)).collect())
}

/// The bytes of these words.
pub fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// A reply with results.
pub fn success(xid: u32, results: &[u8]) -> Vec<u8> {
    [words(&[xid, 1, 0, 0, 0, 0]), results.to_vec()].concat()
}

/// A reply to `add`.
pub fn sum(xid: u32, sum: u32) -> Vec<u8> {
    success(xid, &words(&[sum]))
}

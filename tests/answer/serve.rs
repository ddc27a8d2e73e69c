//! A link that serves, on a transport that plays prepared events and stores sent frames.

use std::collections::VecDeque;
use std::time::Duration;

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead, Serial};
use oncilla::{Link, LinkError, Received, Served, Time, Transport};

use crate::*;

/// The result of the next receive operation.
enum Event {
    Bytes(Vec<u8>),
    TimeUp,
    Fails,
}

/// A carrier that plays events and ends after the last.
struct Script<F> {
    events: VecDeque<Event>,
    sent: Vec<Vec<u8>>,
    /// The deadline of each frame that was sent.
    until: Vec<Time>,
    framing: core::marker::PhantomData<F>,
}

impl<F: Framing> Transport for Script<F> {
    type Error = &'static str;
    type Framing = F;

    fn now(&mut self) -> Time {
        Time::ZERO
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, &'static str> {
        assert!(!into.is_empty());
        match self.events.pop_front() {
            Some(Event::Bytes(mut bytes)) => {
                let rest = bytes.split_off(into.len().min(bytes.len()));
                into[..bytes.len()].copy_from_slice(&bytes);
                if !rest.is_empty() {
                    self.events.push_front(Event::Bytes(rest));
                }
                Ok(Received::Bytes(bytes.len()))
            }
            Some(Event::TimeUp) => Ok(Received::TimeUp),
            Some(Event::Fails) => Err("parity"),
            None => Ok(Received::End),
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, &'static str> {
        self.until.push(deadline);
        self.sent.push(frame.to_vec());
        Ok(frame.len())
    }
}

fn link<F: Framing>(events: Vec<Event>, rx: usize) -> Link<Script<F>, Vec<u8>> {
    let script =
        Script { events: events.into(), sent: Vec::new(), until: Vec::new(), framing: core::marker::PhantomData };
    Link::new(script, vec![0xc5; rx], vec![0x3a; 200])
}

fn framed<F: Framing>(message: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; message.len() + 100];
    F::room(&mut buffer)[..message.len()].copy_from_slice(message);
    F::seal(&mut buffer, message.len()).unwrap().to_vec()
}

fn bytes<F: Framing>(message: &[u8]) -> Event {
    Event::Bytes(framed::<F>(message))
}

fn serves_until_the_end<F: Framing>() {
    let mut events: Vec<_> = (0..3).map(|xid| bytes::<F>(&call(xid, PROGRAM, 1, 2, &[]))).collect();
    // A reply, and bytes that are no message, are not answered.
    events.insert(1, bytes::<F>(&success(9, &[])));
    events.insert(2, bytes::<F>(b"abc"));
    let (mut link, mut state) = (link::<F>(events, 200), State::default());
    assert_eq!(link.serve(&TABLE, &mut state), Ok(()));
    assert_eq!(state.runs, 3);
    let replies: Vec<_> = (0..3).map(|xid| framed::<F>(&success(xid, &[]))).collect();
    assert_eq!(link.transport().sent, replies);
}

#[test]
fn calls_are_served_until_the_peer_closes() {
    serves_until_the_end::<Record>();
    serves_until_the_end::<RecordAhead>();
    serves_until_the_end::<Cobs>();
    serves_until_the_end::<Datagram>();
}

#[test]
fn serve_next_reports_each_message() {
    let events =
        vec![bytes::<Record>(&call(1, PROGRAM, 1, 0, &[])), Event::TimeUp, bytes::<Record>(b"abc"), Event::Fails];
    let (mut link, mut state) = (link::<Record>(events, 100), State::default());
    let mut next = || link.serve_next(&TABLE, &mut state, Time::ZERO);
    assert_eq!(next(), Ok(Served::Message));
    assert_eq!(next(), Ok(Served::TimeUp));
    assert_eq!(next(), Ok(Served::Message));
    assert_eq!(next(), Err(LinkError::Transport("parity")));
    assert_eq!(next(), Ok(Served::End));
}

#[test]
fn a_reply_has_a_deadline() {
    let events = (0..3).map(|xid| bytes::<Record>(&call(xid, PROGRAM, 1, 0, &[]))).collect();
    let (mut link, mut state) = (link::<Record>(events, 100), State::default());
    link.serve_next(&TABLE, &mut state, Time::NEVER).unwrap();
    link.set_reply_timeout(Duration::from_millis(3));
    link.serve_next_locking(&mut (), &TABLE, || &mut state, Time::NEVER).unwrap();
    link.set_reply_timeout(Duration::MAX);
    link.serve_next(&TABLE, &mut state, Time::NEVER).unwrap();
    assert_eq!(link.transport().until, [Time::from_micros(10_000_000), Time::from_micros(3_000), Time::NEVER]);
}

#[test]
fn noise_on_a_serial_line_does_not_end_a_server() {
    let events = vec![Event::Fails, bytes::<Cobs>(&call(1, PROGRAM, 1, 0, &[])), Event::Fails];
    let (mut link, mut state) = (link::<Cobs>(events, 100), State::default());
    assert_eq!(link.serve(&TABLE, &mut state), Ok(()));
    assert_eq!((link.transport().sent.len(), link.noise()), (1, 2));
}

#[test]
fn a_partial_message_waits_for_the_rest() {
    let frame = framed::<Record>(&call(1, PROGRAM, 1, 2, &[]));
    for place in 1..frame.len() {
        let (before, behind) = frame.split_at(place);
        let events = vec![Event::Bytes(before.to_vec()), Event::TimeUp, Event::Bytes(behind.to_vec())];
        let (mut link, mut state) = (link::<Record>(events, 100), State::default());
        assert_eq!(link.serve_next(&TABLE, &mut state, Time::ZERO), Ok(Served::TimeUp));
        assert_eq!(link.serve_next(&TABLE, &mut state, Time::ZERO), Ok(Served::Message));
        assert_eq!((state.runs, link.transport().sent.len()), (1, 1), "cut at {place}");
    }
}

#[test]
fn a_too_large_call_is_refused_and_the_next_is_served() {
    fn check<F: Framing>() {
        let large = call(1, PROGRAM, 1, 4, &vec![0; 1000]);
        let events = vec![bytes::<F>(&large), bytes::<F>(&call(2, PROGRAM, 1, 2, &[]))];
        let (mut link, mut state) = (link::<F>(events, 100), State::default());
        assert_eq!(link.serve(&TABLE, &mut state), Ok(()));
        assert_eq!(state.runs, 1);
        let replies = [framed::<F>(&accepted(1, &[4])), framed::<F>(&success(2, &[]))];
        assert_eq!(link.transport().sent, replies);
    }
    check::<Record>();
    check::<RecordAhead>();
    check::<Cobs>();
    check::<Serial>();
}

#[test]
fn a_too_large_reply_is_ignored() {
    let events = vec![bytes::<Record>(&success(1, &[0; 1000])), bytes::<Record>(&call(2, PROGRAM, 1, 2, &[]))];
    let (mut link, mut state) = (link::<Record>(events, 100), State::default());
    assert_eq!(link.serve(&TABLE, &mut state), Ok(()));
    assert_eq!(link.transport().sent, [framed::<Record>(&success(2, &[]))]);
}

#[test]
fn cut_arguments_are_not_completed_by_an_earlier_message() {
    let events = |cut: Vec<u8>| vec![bytes::<Datagram>(&call(1, PROGRAM, 1, 1, &words(&[5, 6]))), Event::Bytes(cut)];
    for length in 28..48 {
        let second = call(2, PROGRAM, 1, 1, &words(&[7, 8]));
        let (mut link, mut state) = (link::<Datagram>(events(second[..length].to_vec()), 200), State::default());
        assert_eq!(link.serve(&TABLE, &mut state), Ok(()));
        assert_eq!(link.transport().sent, [success(1, &words(&[11])), accepted(2, &[4])], "{length} bytes");
    }
}

#[test]
fn a_too_small_transmit_buffer_is_an_error_before_receiving() {
    for (tx, served) in [(Record::buffer(TABLE.reply_max()), true), (Record::buffer(TABLE.reply_max()) - 1, false)] {
        let events = [bytes::<Record>(&call(1, PROGRAM, 1, 2, &[]))].into();
        let script =
            Script::<Record> { events, sent: Vec::new(), until: Vec::new(), framing: core::marker::PhantomData };
        let (mut link, mut state) = (Link::new(script, vec![0; 100], vec![0; tx]), State::default());
        let result = link.serve_next(&TABLE, &mut state, Time::NEVER);
        if served {
            assert_eq!(result, Ok(Served::Message));
        } else {
            let needed = TABLE.reply_max();
            assert_eq!(result, Err(LinkError::BufferTooSmall { needed, available: needed - 1 }));
            assert_eq!((state.runs, link.transport().events.len()), (0, 1));
        }
    }
}

#[test]
fn a_too_small_receive_buffer_is_an_error_or_drops_calls() {
    for rx in [0, 3, 7] {
        let events = vec![bytes::<Cobs>(&call(1, PROGRAM, 1, 2, &[]))];
        let (mut link, mut state) = (link::<Cobs>(events, rx), State::default());
        match link.serve(&TABLE, &mut state) {
            Err(LinkError::BufferTooSmall { needed, available }) => assert_eq!((needed, available), (8, rx)),
            // A frame that is too large for the small buffer is dropped, like any other.
            result => assert_eq!((result, rx > 0), (Ok(()), true)),
        }
        assert_eq!(state.runs, 0);
    }
}

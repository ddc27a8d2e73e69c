//! Any `embedded_io` stream as a transport, with a clock and without.

use core::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write};
use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};
use oncilla::{CallError, Client, Clock, Forever, Link, LinkError, Received, Stream, Time, Transport};

use crate::script::framed;
use crate::*;

/// A stream whose bytes arrive at given times, and its clock.
#[derive(Default)]
struct Wire {
    micros: Cell<u64>,
    /// The bytes of one `read`, and when they arrive.
    incoming: RefCell<VecDeque<(u64, Vec<u8>)>>,
    /// Microseconds that one `read` or `write` takes.
    slow: Cell<u64>,
    /// How many bytes the next writes take; later writes take all.
    writes: RefCell<VecDeque<Result<usize, ErrorKind>>>,
    sent: RefCell<Vec<u8>>,
    idled: Cell<u32>,
    flushed: Cell<u32>,
}

#[derive(Clone)]
struct Handle(Rc<Wire>);

impl ErrorType for Handle {
    type Error = ErrorKind;
}

impl Read for Handle {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!into.is_empty());
        self.0.micros.set(self.0.micros.get() + self.0.slow.get());
        let mut incoming = self.0.incoming.borrow_mut();
        let Some((at, mut bytes)) = incoming.pop_front() else {
            return Ok(0);
        };
        // A read that blocks.
        self.0.micros.set(self.0.micros.get().max(at));
        let rest = bytes.split_off(into.len().min(bytes.len()));
        into[..bytes.len()].copy_from_slice(&bytes);
        if !rest.is_empty() {
            incoming.push_front((at, rest));
        }
        Ok(bytes.len())
    }
}

impl ReadReady for Handle {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(self.0.incoming.borrow().front().is_some_and(|(at, _)| *at <= self.0.micros.get()))
    }
}

impl Write for Handle {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        assert!(!bytes.is_empty(), "an empty write means nothing");
        self.0.micros.set(self.0.micros.get() + self.0.slow.get());
        let taken = self.0.writes.borrow_mut().pop_front().unwrap_or(Ok(bytes.len()))?;
        self.0.sent.borrow_mut().extend(&bytes[..taken.min(bytes.len())]);
        Ok(taken)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.0.flushed.set(self.0.flushed.get() + 1);
        Ok(())
    }
}

impl Clock for Handle {
    fn now(&mut self) -> Time {
        Time::from_micros(self.0.micros.get())
    }

    fn idle(&mut self, until: Time) {
        assert!(until > self.now(), "`idle` gets an instant in the future");
        self.0.idled.set(self.0.idled.get() + 1);
        self.0.micros.set(self.0.micros.get() + 100);
    }
}

type WithClock<F> = Client<Stream<F, Handle, Handle>, Vec<u8>>;

fn wire(incoming: impl IntoIterator<Item = (u64, Vec<u8>)>) -> Handle {
    let wire = Wire::default();
    wire.incoming.borrow_mut().extend(incoming);
    Handle(Rc::new(wire))
}

fn with_clock<F: Framing>(handle: &Handle) -> WithClock<F> {
    let stream = Stream::new(handle.clone(), handle.clone());
    let mut client = Client::new(Link::new(stream, vec![0; 200], vec![0; 200]), XID);
    client.set_timeout(TIMEOUT);
    client
}

fn add<T: Transport>(client: &mut Client<T, Vec<u8>>) -> Result<i32, CallError<T::Error>> {
    counter::Client::new(client).add(1, 2)
}

const MICROS: u64 = TIMEOUT.as_micros() as u64;

#[test]
fn a_reply_in_one_read_or_byte_by_byte() {
    fn check<F: Framing>() {
        let reply = framed::<F>(&sum(XID, 3));
        let handle = wire([(0, reply.clone())]);
        assert_eq!(add(&mut with_clock::<F>(&handle)), Ok(3));
        assert_eq!(handle.0.idled.get(), 0);

        let bytes = reply.iter().enumerate().map(|(i, byte)| (i as u64 * 1000, vec![*byte]));
        let handle = wire(bytes);
        assert_eq!(add(&mut with_clock::<F>(&handle)), Ok(3));
        assert!(handle.0.idled.get() > 0);
    }
    check::<Record>();
    check::<RecordAhead>();
    check::<Cobs>();
}

#[test]
fn the_deadline_holds_while_nothing_arrives() {
    let handle = wire([(MICROS + 1_000_000, vec![0])]);
    assert_eq!(add(&mut with_clock::<Record>(&handle)), Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
    assert_eq!(handle.0.micros.get(), MICROS);
}

#[test]
fn the_deadline_holds_while_strangers_arrive_without_end() {
    fn check<F: Framing>(strange: &[u8]) {
        let handle = wire(vec![(0, strange.to_vec()); 100_000]);
        handle.0.slow.set(90);
        assert!(matches!(add(&mut with_clock::<F>(&handle)), Err(CallError::TimedOut { after: TIMEOUT, .. })));
        let now = handle.0.micros.get();
        assert!((MICROS..=MICROS + 90).contains(&now), "it took {now} microseconds");
    }
    check::<Record>(&framed::<Record>(&sum(XID + 1, 9)));
    check::<RecordAhead>(&framed::<RecordAhead>(&sum(XID + 1, 9)));
    check::<Cobs>(&framed::<Cobs>(&sum(XID + 1, 9)));
    check::<Cobs>(b"nothing to report");
    check::<Datagram>(&sum(XID + 1, 9));
}

#[test]
fn the_deadline_holds_while_bytes_arrive_slowly() {
    // One byte of the reply in every quarter of the time-out.
    let reply = framed::<Record>(&sum(XID, 3));
    let handle = wire(reply.iter().enumerate().map(|(i, byte)| (i as u64 * MICROS / 4, vec![*byte])));
    assert_eq!(add(&mut with_clock::<Record>(&handle)), Err(CallError::TimedOut { after: TIMEOUT, unframed: 5 }));
    let now = handle.0.micros.get();
    assert!((MICROS..MICROS + 1000).contains(&now), "it took {now} microseconds");
}

#[test]
fn without_a_clock_a_call_waits_as_long_as_the_stream() {
    let handle = wire([(1 << 40, framed::<Record>(&sum(XID + 1, 9))), (1 << 50, framed::<Record>(&sum(XID, 3)))]);
    let stream = Stream::<Record, _>::new(handle.clone(), Forever);
    let mut client = Client::new(Link::new(stream, vec![0; 100], vec![0; 100]), XID);
    client.set_timeout(Duration::from_millis(1));
    assert_eq!(add(&mut client), Ok(3));
    assert_eq!(add(&mut client), Err(CallError::Closed));
}

#[test]
fn without_a_clock_there_is_no_time_out() {
    let reply = framed::<Record>(&sum(XID, 3));
    let handle = wire(reply.iter().map(|byte| (1 << 40, vec![*byte])));
    let stream = Stream::<Record, _>::new(handle.clone(), Forever);
    let mut client = Client::new(Link::new(stream, vec![0; 100], vec![0; 100]), XID);
    client.set_timeout(Duration::ZERO);
    assert_eq!(add(&mut client), Ok(3));
}

#[test]
fn the_end_of_a_stream_closes_the_link() {
    let handle = wire([(0, vec![])]);
    assert_eq!(add(&mut with_clock::<Record>(&handle)), Err(CallError::Closed));
}

/// Sends ten bytes through writes that take so many bytes each.
fn send(writes: &[Result<usize, ErrorKind>], slow: u64) -> (Result<usize, ErrorKind>, Vec<u8>, u32) {
    let handle = wire([]);
    handle.0.writes.borrow_mut().extend(writes);
    handle.0.slow.set(slow);
    let mut stream = Stream::<Record, _, _>::new(handle.clone(), handle.clone());
    let sent = stream.send(b"0123456789", Time::from_micros(1000));
    let bytes = handle.0.sent.borrow().clone();
    (sent, bytes, handle.0.flushed.get())
}

#[test]
fn partial_writes_are_continued() {
    assert_eq!(send(&[], 0), (Ok(10), b"0123456789".to_vec(), 1));
    assert_eq!(send(&[Ok(3), Ok(1)], 0), (Ok(10), b"0123456789".to_vec(), 1));
    assert_eq!(send(&[Ok(1); 10], 0), (Ok(10), b"0123456789".to_vec(), 1));
}

#[test]
fn a_write_that_takes_nothing_ends_sending() {
    assert_eq!(send(&[Ok(0)], 0).0, Ok(0));
    let (sent, bytes, _) = send(&[Ok(4), Ok(0)], 0);
    assert_eq!((sent, bytes), (Ok(4), b"0123".to_vec()));
}

#[test]
fn a_write_that_returns_too_many_bytes_ends_sending() {
    let (sent, _, _) = send(&[Ok(4), Ok(7)], 0);
    assert_eq!(sent, Ok(4));
    assert_eq!(send(&[Ok(usize::MAX)], 0).0, Ok(0));
}

#[test]
fn slow_writes_end_at_the_deadline() {
    let (sent, bytes, _) = send(&[Ok(1); 10], 300);
    assert_eq!((sent, bytes), (Ok(4), b"0123".to_vec()));
    // The last write may be late, since nothing is left to send.
    assert_eq!(send(&[], 5000).0, Ok(10));
}

#[test]
fn errors_of_the_stream_are_returned() {
    assert_eq!(send(&[Ok(3), Err(ErrorKind::BrokenPipe)], 0).0, Err(ErrorKind::BrokenPipe));
    let handle = wire([]);
    handle.0.writes.borrow_mut().push_back(Err(ErrorKind::NotConnected));
    let error = CallError::Link(LinkError::Transport(ErrorKind::NotConnected));
    assert_eq!(add(&mut with_clock::<Record>(&handle)), Err(error));
}

#[test]
fn a_write_that_takes_nothing_is_an_error_of_the_call() {
    let handle = wire([]);
    handle.0.writes.borrow_mut().extend([Ok(5), Ok(0)]);
    let mut client = with_clock::<Record>(&handle);
    assert_eq!(add(&mut client), Err(CallError::Link(LinkError::Unsent { sent: 5, size: 52 })));
    assert_eq!(add(&mut client), Err(CallError::Link(LinkError::OutOfStep)));
}

#[test]
fn a_deadline_in_the_past_returns_what_has_arrived() {
    let handle = wire([(0, b"ready".to_vec())]);
    handle.0.micros.set(5000);
    let mut stream = Stream::<Record, _, _>::new(handle.clone(), handle.clone());
    let mut into = [0; 8];
    assert_eq!(stream.receive(&mut into, Time::ZERO), Ok(Received::Bytes(5)));
    handle.0.incoming.borrow_mut().push_back((9000, vec![1]));
    assert_eq!(stream.receive(&mut into, Time::ZERO), Ok(Received::TimeUp));
    assert_eq!(handle.0.idled.get(), 0);
}

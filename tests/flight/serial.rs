//! Calls in flight on a serial line with boot numbers: the short form, and restarts.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use oncilla::framing::Serial;
use oncilla::{Endpoint, Received, ReplayCache, Served, Table, Time, Transport};

use crate::counter::{finish, start};
use crate::endpoint::{State, TABLE};
use crate::*;

/// One end of a wire. Both ends are used by the same thread, so that nothing waits. Time stands still.
struct Wire {
    bytes: Rc<RefCell<[VecDeque<u8>; 2]>>,
    side: usize,
    /// The number of bytes that this end sent.
    sent: usize,
}

impl Transport for Wire {
    type Error = &'static str;
    type Framing = Serial;

    fn now(&mut self) -> Time {
        Time::ZERO
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, &'static str> {
        let waiting = &mut self.bytes.borrow_mut()[self.side];
        let length = waiting.len().min(into.len());
        for (place, byte) in into.iter_mut().zip(waiting.drain(..length)) {
            *place = byte;
        }
        Ok(if length > 0 { Received::Bytes(length) } else { Received::TimeUp })
    }

    /// Sends byte by byte, and checks the time after each.
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, &'static str> {
        let length = if self.now() >= deadline { 1 } else { frame.len() };
        self.bytes.borrow_mut()[1 - self.side].extend(&frame[..length]);
        self.sent += length;
        Ok(length)
    }
}

type Caller = CallsInFlight<Client<Wire, Vec<u8>>, 4, { counter::SLOT_MAX }>;

type Cache = ReplayCache<4, { TABLE.reply_max() }>;

/// The peer, which serves.
struct Device {
    link: Link<Wire, Vec<u8>>,
    replay: Cache,
    state: State,
}

impl Device {
    /// Serves the messages that have arrived.
    fn serve(&mut self) {
        let table: &Table<State> = &TABLE;
        while self.link.serve_next_once(&mut self.replay, table, &mut self.state, Time::ZERO) != Ok(Served::TimeUp) {}
    }
}

fn wire() -> [Wire; 2] {
    let bytes = Rc::default();
    [0, 1].map(|side| Wire { bytes: Rc::clone(&bytes), side, sent: 0 })
}

fn link(wire: Wire, boot: u32) -> Link<Wire, Vec<u8>> {
    Link::with_boot_number(wire, vec![0; 200], vec![0; 200], boot)
}

fn device(wire: Wire, boot: u32) -> Device {
    Device { link: link(wire, boot), replay: Cache::new(), state: State::default() }
}

/// Returns a caller and a device that have exchanged hellos.
fn introduced() -> (Caller, Device) {
    let [near, far] = wire();
    let mut calls = Caller::new(Client::new(link(near, 7), XID));
    let mut device = device(far, 9);
    for _ in 0..3 {
        calls.poll().unwrap();
        device.serve();
    }
    assert!(calls.caller().link().peer().is_some_and(|peer| peer.boot == 9));
    (calls, device)
}

#[test]
fn calls_use_the_short_form() {
    let (mut calls, mut device) = introduced();
    let before = calls.caller().link().transport().sent;
    let tickets = [1, 2, 3].map(|i| start::add(&mut calls, i, i).unwrap());
    let name = start::name(&mut calls).unwrap();
    let sent = calls.caller().link().transport().sent - before;
    // The full headers alone would be 160 bytes; the arguments are 24.
    assert!(sent < 100, "{sent} bytes");
    device.serve();
    assert_eq!(calls.poll(), Ok(tally(0, 4)));
    assert_eq!(finish::name(&mut calls, name), Ok("peer"));
    assert_eq!(tickets.map(|ticket| finish::add(&mut calls, ticket)), [Ok(2), Ok(4), Ok(6)]);
}

#[test]
fn a_restart_of_the_peer_ends_all_calls() {
    let (mut calls, mut device) = introduced();
    let answered = start::add(&mut calls, 1, 1).unwrap();
    device.serve();
    calls.poll().unwrap();
    let lost = [(); 2].map(|()| start::add(&mut calls, 2, 2).unwrap());
    // The device restarts, and what was under way to it is lost.
    let bytes = Rc::clone(&device.link.transport().bytes);
    bytes.borrow_mut()[1].clear();
    let mut device = self::device(Wire { bytes, side: 1, sent: 0 }, 10);
    device.serve();
    let restarted = Tally { in_flight: 0, done: 3, closed: false, restarted: true };
    assert_eq!(calls.poll(), Ok(restarted));
    assert_eq!(finish::add(&mut calls, answered), Ok(2));
    assert_eq!(lost.map(|ticket| finish::add(&mut calls, ticket)), [const { Err(CallError::Restarted) }; 2]);
    // Further calls go to the restarted peer.
    let ticket = start::add(&mut calls, 3, 3).unwrap();
    for _ in 0..3 {
        device.serve();
        calls.poll().unwrap();
    }
    assert_eq!(finish::add(&mut calls, ticket), Ok(6));
}

#[test]
fn an_endpoint_forgets_its_replies_when_the_peer_restarts() {
    let [near, far] = wire();
    let bytes = Rc::clone(&near.bytes);
    let endpoint = Endpoint::new(link(far, 9), &TABLE, State::default(), 1).with_replay(Cache::new());
    let mut peer = CallsInFlight::<_, 1, { counter::SLOT_MAX }>::new(endpoint);
    let mut restarts = 0;
    let mut notes = |boot| {
        let near = Wire { bytes: Rc::clone(&bytes), side: 0, sent: 0 };
        let mut calls = Caller::new(Client::new(link(near, boot), XID));
        for _ in 0..3 {
            calls.poll().unwrap();
            restarts += u32::from(peer.poll().unwrap().restarted);
        }
        // The same xid each time, so that it looks like a retransmission.
        counter::Client::new(&mut calls).note("begun").unwrap();
        peer.poll().unwrap();
        let noted = peer.caller().state().notes.len();
        (noted, restarts)
    };
    assert_eq!(notes(7), (1, 0));
    assert_eq!(notes(8), (2, 1));
}

#[test]
fn a_call_that_waits_while_xids_repeat_is_not_mixed_up() {
    let (mut calls, mut device) = introduced();
    calls.caller().wait_for_ever();
    calls.caller().set_retry(Retry::NEVER);
    let long = start::add(&mut calls, 100, 100).unwrap();
    device.link.transport().bytes.borrow_mut()[1].clear();
    for i in 0..0x1_0100 {
        let ticket = start::add(&mut calls, i, 1).unwrap();
        assert_ne!(ticket.xid() & 0xffff, long.xid() & 0xffff);
        device.serve();
        calls.poll().unwrap();
        assert_eq!(finish::add(&mut calls, ticket), Ok(i + 1));
    }
    assert_eq!(calls.poll(), Ok(tally(1, 0)));
    assert!(!calls.is_done(&long));
}

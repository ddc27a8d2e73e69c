//! State behind a lock is locked while a call is answered, and not while a call is received or a reply is sent.

use std::cell::{Cell, RefCell};

use oncilla::framing::{Cobs, Framing};
use oncilla::{Link, Received, Replay, ReplayCache, Served, Time, Transport};

use crate::*;

/// A line that checks that nobody holds the lock.
struct Line<'l> {
    lock: &'l RefCell<State>,
    coming: Vec<u8>,
    sent: &'l Cell<usize>,
}

impl Line<'_> {
    fn assert_not_locked(&self) {
        assert!(self.lock.try_borrow_mut().is_ok(), "the state is locked while bytes travel");
    }
}

impl Transport for Line<'_> {
    type Error = &'static str;
    type Framing = Cobs;

    fn now(&mut self) -> Time {
        Time::ZERO
    }

    /// Returns one byte at a time.
    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, &'static str> {
        self.assert_not_locked();
        if self.coming.is_empty() {
            return Ok(Received::End);
        }
        into[0] = self.coming.remove(0);
        Ok(Received::Bytes(1))
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, &'static str> {
        self.assert_not_locked();
        self.sent.set(self.sent.get() + 1);
        Ok(frame.len())
    }
}

fn assert_locked_only_for_calls(replay: &mut impl Replay, executed: u32) {
    let mut buffer = [0; 256];
    let mut coming = Vec::new();
    // The same call twice, then another one.
    for xid in [1, 1, 2] {
        let call = call(xid, PROGRAM, 1, 2, &[]);
        Cobs::room(&mut buffer)[..call.len()].copy_from_slice(&call);
        coming.extend(Cobs::seal(&mut buffer, call.len()).unwrap());
    }
    let (lock, locked, sent) = (RefCell::default(), Cell::new(0), Cell::new(0));
    let mut link = Link::new(Line { lock: &lock, coming, sent: &sent }, [0; 256], [0; 256]);
    let take = || {
        locked.set(locked.get() + 1);
        lock.borrow_mut()
    };
    while link.serve_next_locking(replay, &TABLE, take, Time::NEVER).unwrap() != Served::End {}
    assert_eq!((locked.get(), sent.get()), (3, 3));
    assert_eq!(lock.borrow().runs, executed);
}

#[test]
fn state_is_locked_only_while_a_call_is_answered() {
    assert_locked_only_for_calls(&mut (), 3);
    assert_locked_only_for_calls(&mut ReplayCache::<2, 64>::new(), 2);
}

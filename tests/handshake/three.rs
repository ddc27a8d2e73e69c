//! More than two peers on one line. Each receives what any other sends.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use oncilla::{Received, Transport};

use crate::*;

/// The bytes on their way to each peer.
type Bus = Rc<RefCell<Vec<VecDeque<u8>>>>;

struct Tapped {
    bus: Bus,
    place: usize,
    /// Number of frames that this peer sent.
    sent: usize,
}

impl Transport for Tapped {
    type Error = &'static str;
    type Framing = Serial;

    fn now(&mut self) -> Time {
        Time::ZERO
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, Self::Error> {
        let waiting = &mut self.bus.borrow_mut()[self.place];
        let length = waiting.len().min(into.len());
        into.iter_mut().zip(waiting.drain(..length)).for_each(|(place, byte)| *place = byte);
        Ok(if length > 0 { Received::Bytes(length) } else { Received::TimeUp })
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Self::Error> {
        self.sent += 1;
        for (place, waiting) in self.bus.borrow_mut().iter_mut().enumerate() {
            if place != self.place {
                waiting.extend(frame);
            }
        }
        Ok(frame.len())
    }
}

fn hellos(ends: usize, rounds: usize) -> usize {
    let bus = Bus::new(RefCell::new(vec![VecDeque::new(); ends]));
    let end = |place| introduced(Tapped { bus: Rc::clone(&bus), place, sent: 0 }, 10 + place as u32);
    let mut links: Vec<_> = (0..ends).map(end).collect();
    for _ in 0..rounds {
        for link in &mut links {
            while link.serve_next(&TABLE, &mut Ledger::default(), Time::ZERO) != Ok(Served::TimeUp) {}
        }
    }
    links.iter_mut().map(|link| link.transport().sent).sum()
}

#[test]
fn peers_that_only_serve_stop_sending_hellos() {
    for ends in 2..=5 {
        let (some, many) = (hellos(ends, 100), hellos(ends, 1_000));
        assert_eq!(some, many, "{ends} ends say hello for ever");
        assert!(many <= 20 * ends, "{ends} ends say hello {many} times");
    }
}

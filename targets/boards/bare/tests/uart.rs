//! `Bytes` on a UART that is too slow for the deadline.

use std::cell::Cell;
use std::rc::Rc;

use oncilla::framing::Cobs;
use oncilla::{Clock, Stream, Time, Transport};
use oncilla_bare::{Bytes, Uart};

/// Microseconds per byte, and bytes that the UART holds.
const BYTE: u64 = 100;
const HOLDS: u64 = 16;

/// A board whose time advances with each check of the UART.
#[derive(Clone, Default)]
struct Board {
    now: Rc<Cell<u64>>,
    sent: Rc<Cell<u64>>,
}

impl Clock for Board {
    fn now(&mut self) -> Time {
        Time::from_micros(self.now.get())
    }
}

impl Uart for Board {
    fn has_received(&mut self) -> bool {
        false
    }

    fn received(&mut self) -> u8 {
        0
    }

    fn has_room(&mut self) -> bool {
        self.now.set(self.now.get() + 1);
        self.sent.get() < self.now.get() / BYTE + HOLDS
    }

    fn send(&mut self, _: u8) {
        self.sent.set(self.sent.get() + 1);
    }

    fn sleep(&mut self) {}
}

#[test]
fn a_frame_ends_at_its_deadline() {
    let board = Board::default();
    let mut stream = Stream::<Cobs, _, _>::new(Bytes(board.clone()), board.clone());
    // A thousand bytes need 100 ms; the deadline is after 10 ms.
    let sent = stream.send(&[7; 1000], Time::from_micros(10_000)).unwrap();
    assert_eq!(sent as u64, board.sent.get());
    assert!((100..130).contains(&sent), "{sent} bytes, at {} µs", board.now.get());
    assert!(board.now.get() < 11_000, "{} µs", board.now.get());
}

#[test]
fn a_frame_with_time_is_sent_whole() {
    let board = Board::default();
    let mut stream = Stream::<Cobs, _, _>::new(Bytes(board.clone()), board.clone());
    assert_eq!(stream.send(&[7; 1000], Time::NEVER), Ok(1000));
    assert_eq!(board.sent.get(), 1000);
}

//! A port may accept any number of bytes at any time, fail, and claim too much: a line neither hangs nor panics.

use std::{cell::Cell, rc::Rc, time::Duration};

use oncilla::{Clock, Received, Time, Transport, framing::Cobs};
use oncilla_hal::{Blocking, Line, PortError, Receive, Transmit};
use proptest::prelude::*;

/// What a port does when it is asked.
#[derive(Clone, Copy, Debug)]
enum Does {
    Nothing,
    Bytes(usize),
    /// It returns more than it was given or can hold.
    Lies,
    Fails,
}

fn does() -> impl Strategy<Value = Does> {
    prop_oneof![Just(Does::Nothing), (1..20_usize).prop_map(Does::Bytes), Just(Does::Lies), Just(Does::Fails)]
}

/// It follows a script, and then does nothing.
struct Scripted {
    script: std::vec::IntoIter<Does>,
    sent: Vec<u8>,
    next: u8,
}

impl Scripted {
    fn new(script: Vec<Does>) -> Self {
        Self { script: script.into_iter(), sent: Vec::new(), next: 0 }
    }
}

impl Receive for Scripted {
    type Error = ();

    fn take(&mut self, into: &mut [u8]) -> Result<usize, ()> {
        let count = match self.script.next().unwrap_or(Does::Nothing) {
            Does::Nothing => return Ok(0),
            Does::Bytes(count) => count.min(into.len()),
            Does::Lies => return Ok(into.len() + 1),
            Does::Fails => return Err(()),
        };
        for place in &mut into[..count] {
            *place = self.next;
            self.next = self.next.wrapping_add(1);
        }
        Ok(count)
    }
}

impl Transmit for Scripted {
    type Error = ();

    fn put(&mut self, bytes: &[u8]) -> Result<usize, ()> {
        match self.script.next().unwrap_or(Does::Nothing) {
            Does::Nothing => Ok(0),
            Does::Bytes(count) => {
                let accepted = &bytes[..count.min(bytes.len())];
                self.sent.extend(accepted);
                Ok(accepted.len())
            }
            Does::Lies => {
                self.sent.extend(bytes);
                Ok(bytes.len() + 1)
            }
            Does::Fails => Err(()),
        }
    }

    fn is_sent(&mut self) -> Result<bool, ()> {
        match self.script.next() {
            Some(Does::Fails) => Err(()),
            does => Ok(does.is_some()),
        }
    }
}

#[derive(Clone, Default)]
struct Ticks(Rc<Cell<u64>>);

impl Clock for Ticks {
    fn now(&mut self) -> Time {
        self.0.set(self.0.get() + 1);
        Time::from_micros(self.0.get())
    }
}

proptest! {
    #[test]
    fn sending_ends_and_reports_what_was_accepted(script in prop::collection::vec(does(), 0..20), length in 0..50_usize) {
        let ticks = Ticks::default();
        let mut line = Line::<Cobs, _, _>::new(Scripted::new(script.clone()), ticks.clone());
        let frame: Vec<u8> = (0..).take(length).collect();
        let deadline = Time::ZERO.after(Duration::from_micros(30));
        let sent = line.send(&frame, deadline);
        let accepted = &line.port().sent;
        prop_assert!(frame.starts_with(accepted));
        match sent {
            Ok(count) => prop_assert_eq!(count, accepted.len()),
            Err(error) => {
                prop_assert_eq!(error, PortError::Transmit(()));
                prop_assert!(script.iter().any(|does| matches!(does, Does::Fails)));
            }
        }
        prop_assert!(ticks.0.get() <= 31, "it ends at its deadline");
    }

    #[test]
    fn receiving_ends_and_returns_what_arrived(script in prop::collection::vec(does(), 0..20), size in 1..30_usize) {
        let ticks = Ticks::default();
        let mut line = Line::<Cobs, _, _>::new(Scripted::new(script.clone()), ticks.clone());
        let mut into = vec![0; size];
        let mut expected = 0_u8;
        for _ in 0..=script.len() {
            let deadline = line.now().after(Duration::from_micros(5));
            match line.receive(&mut into, deadline) {
                Ok(Received::Bytes(count)) => {
                    prop_assert!((1..=size).contains(&count));
                    // A lie leaves the buffer as it was.
                    if into[0] == expected {
                        for byte in &into[..count] {
                            if *byte != expected { break }
                            expected = expected.wrapping_add(1);
                        }
                    }
                }
                Ok(Received::TimeUp) => prop_assert!(line.now() > deadline),
                other => prop_assert_eq!(other, Err(PortError::Receive(()))),
            }
        }
        prop_assert!(script.iter().any(|does| matches!(does, Does::Lies)) || expected == line.port().next);
    }

    /// What `read_ready` has looked at is read next, in order.
    #[test]
    fn a_blocking_stream_keeps_the_order(counts in prop::collection::vec(0..5_usize, 1..30), size in 1..9_usize) {
        use embedded_io::{Read, ReadReady};

        let script = counts.iter().map(|count| Does::Bytes(*count)).collect();
        let mut stream = Blocking::new(Scripted::new(script));
        let mut expected = 0_u8;
        while stream.read_ready().unwrap() {
            let mut into = vec![0; size];
            let count = stream.read(&mut into).unwrap();
            prop_assert!(count >= 1 && count <= size);
            for byte in &into[..count] {
                prop_assert_eq!(*byte, expected);
                expected = expected.wrapping_add(1);
            }
            if stream.port().script.len() == 0 { break }
        }
    }
}

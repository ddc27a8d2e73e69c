//! SPI with a ready line: what both ends make of any bytes, compared with a model.

use core::cell::{Cell, RefCell};
use core::convert::Infallible;
use core::time::Duration;

use embedded_hal::digital::{self, InputPin};
use embedded_hal::spi::{self, Operation, SpiDevice};
use oncilla::framing::crc32;
use oncilla::{Clock, Received, Time, Transport};
use oncilla_hal::spi::{Controller, Peripheral, Unit};

/// What one end has received.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    Message(Vec<u8>),
    Oversize(usize, Vec<u8>),
}

/// A clock that goes on by a millisecond with each look.
struct Ticks<'a>(&'a Cell<u64>);

impl Clock for Ticks<'_> {
    fn now(&mut self) -> Time {
        self.0.set(self.0.get() + 1_000);
        Time::from_micros(self.0.get())
    }
}

/// A peripheral that sends these bytes, then zeros, whatever it gets.
struct Line<'a> {
    rest: &'a RefCell<Vec<u8>>,
    pause: u8,
    asked: u8,
}

impl spi::ErrorType for Line<'_> {
    type Error = Infallible;
}

impl SpiDevice for Line<'_> {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Infallible> {
        for operation in operations {
            match operation {
                Operation::Read(into) | Operation::Transfer(into, _) => {
                    into.copy_from_slice(&pulled(&mut self.rest.borrow_mut(), into.len()));
                }
                Operation::Write(from) => _ = pulled(&mut self.rest.borrow_mut(), from.len()),
                other => panic!("{other:?} is not used"),
            }
        }
        Ok(())
    }
}

impl digital::ErrorType for Line<'_> {
    type Error = Infallible;
}

impl InputPin for Line<'_> {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        self.asked = self.asked.wrapping_add(1);
        Ok(self.pause < 2 || !self.asked.is_multiple_of(self.pause))
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        self.is_high().map(|high| !high)
    }
}

/// The next bytes of a stream, which ends in zeros.
fn pulled(stream: &mut Vec<u8>, count: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = stream.drain(..count.min(stream.len())).collect();
    bytes.resize(count, 0);
    bytes
}

fn header(does: u8, length: usize) -> Vec<u8> {
    let [high, low] = u16::try_from(length).expect("a length has 16 bits").to_be_bytes();
    [&[does, 0, high, low][..], &crc32(&[does, 0, high, low]).to_be_bytes()].concat()
}

/// A message behind its header.
fn framed(does: u8, message: &[u8]) -> Vec<u8> {
    let covered = [&u16::try_from(message.len()).expect("it is short").to_be_bytes()[..], message].concat();
    [&header(does, message.len())[..], message, &crc32(&covered).to_be_bytes()].concat()
}

/// The length in a header of a sender, if these bytes are one.
fn sent(bytes: &[u8]) -> Option<usize> {
    let length = usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]));
    (length > 0 && bytes.get(..8)? == header(1, length)).then_some(length)
}

/// What a controller with a buffer of `size` bytes receives.
fn model_of_controller(mut stream: Vec<u8>, size: usize) -> Vec<Event> {
    let (mut events, mut announced) = (Vec::new(), None);
    while !stream.is_empty() {
        let count = announced.map_or(0, |length| if length <= size { length + 4 } else { size });
        let exchanged = pulled(&mut stream, 8 + count);
        let Some(length) = announced.take() else {
            announced = sent(&exchanged);
            continue;
        };
        if sent(&exchanged) != Some(length) {
            continue;
        }
        let message = &exchanged[8..8 + length.min(size)];
        if length > size {
            events.push(Event::Oversize(length, message.to_vec()));
        } else if exchanged == framed(1, message) {
            events.push(Event::Message(message.to_vec()));
        }
    }
    events
}

fn event(received: Received, into: &[u8]) -> Event {
    match received {
        Received::Bytes(length) => Event::Message(into[..length].to_vec()),
        Received::Oversize(length) => Event::Oversize(length, into.to_vec()),
        other => panic!("{other:?}"),
    }
}

fn controller(stream: &[u8], size: usize, pause: u8) {
    let (rest, now) = (RefCell::new(stream.to_vec()), Cell::new(0));
    let line = || Line { rest: &rest, pause, asked: 0 };
    let mut end = Controller::new(line(), line(), Ticks(&now));
    let (mut into, mut found) = (vec![0; size], Vec::new());
    while !rest.borrow().is_empty() {
        let soon = end.now().after(Duration::from_millis(40));
        match end.receive(&mut into, soon).unwrap() {
            Received::TimeUp => {}
            received => found.push(event(received, &into)),
        }
    }
    assert_eq!(found, model_of_controller(stream.to_vec(), size));
    // It still sends and receives.
    let soon = end.now().after(Duration::from_secs(1));
    *rest.borrow_mut() = [vec![0; 16], header(0, 0)].concat();
    assert_eq!(end.send(b"call", soon), Ok(4));
    *rest.borrow_mut() = [header(1, 1), framed(1, &[9])].concat();
    assert_eq!(end.receive(&mut into, soon), Ok(Received::Bytes(1)));
    assert_eq!(into[0], 9);
}

/// The unit of a peripheral that gets these exchanges.
struct Exchanges<'a> {
    left: std::slice::Iter<'a, Vec<u8>>,
    present: &'a [u8],
    armed: bool,
}

impl Unit for Exchanges<'_> {
    type Error = Infallible;

    fn arm(&mut self, _: [u8; 8], _: &[u8], _: [u8; 4]) -> Result<(), Infallible> {
        assert!(!self.armed, "it is ready already");
        self.armed = true;
        Ok(())
    }

    fn ended(&mut self) -> Result<Option<usize>, Infallible> {
        assert!(self.armed, "nothing is awaited");
        let Some(next) = self.left.next() else { return Ok(None) };
        (self.present, self.armed) = (next, false);
        Ok(Some(next.len()))
    }

    fn copy(&mut self, offset: usize, into: &mut [u8]) {
        into.copy_from_slice(&self.present[offset..][..into.len()]);
    }

    fn withdraw(&mut self) -> Result<bool, Infallible> {
        self.armed = false;
        Ok(true)
    }
}

/// Divides the stream into exchanges: a byte that is their size, and the bytes.
fn exchanges(mut stream: &[u8]) -> Vec<Vec<u8>> {
    let mut exchanges = Vec::new();
    while let Some((&size, rest)) = stream.split_first() {
        let (bytes, rest) = rest.split_at(rest.len().min(size.into()));
        exchanges.push(bytes.to_vec());
        stream = rest;
    }
    exchanges
}

fn peripheral(stream: &[u8], size: usize) {
    let (exchanges, now) = (exchanges(stream), Cell::new(0));
    let unit = Exchanges { left: exchanges.iter(), present: &[], armed: false };
    let mut end = Peripheral::new(unit, Ticks(&now));
    let (mut into, mut found) = (vec![0; size], Vec::new());
    // At least one exchange is looked at in each turn.
    for _ in 0..=exchanges.len() {
        match end.receive(&mut into, Time::ZERO).unwrap() {
            Received::TimeUp => {}
            received => found.push(event(received, &into)),
        }
    }
    let expected = exchanges.iter().filter_map(|exchange| {
        let length = sent(exchange).filter(|length| exchange.len() >= length + 12)?;
        let message = &exchange[8..8 + length.min(size)];
        if length > size {
            return Some(Event::Oversize(length, message.to_vec()));
        }
        exchange.starts_with(&framed(1, message)).then(|| Event::Message(message.to_vec()))
    });
    assert_eq!(found, expected.collect::<Vec<_>>());
    // It still has its message ready, and nobody takes it.
    assert_eq!(end.send(b"reply", Time::ZERO), Ok(0));
}

/// The first two bytes say how large the buffer is and how often the line is low; the rest is on the bus.
///
/// # Panics
/// When one end does not receive what the model does.
pub fn both_ends(data: &[u8]) {
    let Some((&[size, pause], stream)) = data.split_first_chunk() else { return };
    let size = usize::from(size).max(1);
    controller(stream, size, pause % 8);
    peripheral(stream, size);
}

/// Messages as they are looked at and taken, exchanges of a controller, and damaged ones of both.
pub fn seeds() -> Vec<Vec<u8>> {
    let message = b"a message of 24 bytes, .";
    let asked = |does| [header(1, message.len()), framed(does, message)].concat();
    let given = |does| {
        let exchange = framed(does, message);
        [vec![u8::try_from(exchange.len()).expect("it is short")], exchange].concat()
    };
    let mut damaged = asked(1);
    damaged[20] ^= 4;
    let streams = [
        [header(0, 0), asked(1), asked(1)].concat(),
        [damaged, header(1, 3), asked(1)].concat(),
        [given(1), given(2), given(3), given(1)].concat(),
        [vec![8], header(0, 0), given(1), vec![3, 1, 2, 3]].concat(),
    ];
    streams.iter().flat_map(|stream| [[&[1, 0][..], stream].concat(), [&[40, 3][..], stream].concat()]).collect()
}

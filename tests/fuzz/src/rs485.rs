//! Bytes on a bus with addresses, beside a simple model of what a device receives.

use core::cell::Cell;
use core::convert::Infallible;

use oncilla::framing::{Cobs, crc32};
use oncilla::{Clock, Received, Time, Transport};
use oncilla_hal::rs485::{Address, Device};
use oncilla_hal::{Receive, Transmit};

/// The device's number.
const OWN: u8 = 5;

/// Gives the bytes in pieces, with pauses.
struct Port<'a> {
    rest: &'a [u8],
    pause: u8,
    asked: u8,
}

impl Receive for Port<'_> {
    type Error = Infallible;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        self.asked = self.asked.wrapping_add(1);
        if self.pause > 0 && self.asked.is_multiple_of(self.pause) {
            return Ok(0);
        }
        let (bytes, rest) = self.rest.split_at(self.rest.len().min(into.len()));
        into[..bytes.len()].copy_from_slice(bytes);
        self.rest = rest;
        Ok(bytes.len())
    }
}

impl Transmit for Port<'_> {
    type Error = Infallible;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        Ok(bytes.len())
    }

    fn is_sent(&mut self) -> Result<bool, Infallible> {
        Ok(true)
    }
}

struct Ticks(Cell<u64>);

impl Clock for Ticks {
    fn now(&mut self) -> Time {
        self.0.set(self.0.get() + 1);
        Time::from_micros(self.0.get())
    }
}

fn header(to: u8, from: u8) -> [u8; 5] {
    let crc = crc32(&[to, from]);
    let [a, b, c] = [0, 7, 14].map(|shift| (crc >> shift) as u8 | 0x80);
    [to | 0x80, from | 0x80, a, b, c]
}

/// What the link of the device gets: a zero, the frame, and its zero if that has come.
fn model(stream: &[u8]) -> Vec<u8> {
    let mut expected: Vec<u8> = Vec::new();
    let mut announced = None;
    let mut pieces = stream.split(|byte| *byte == 0).peekable();
    while let Some(piece) = pieces.next() {
        let ended = pieces.peek().is_some();
        if piece.is_empty() {
            continue;
        }
        if let Some(to) = announced.take() {
            if to == OWN {
                expected.push(0);
                expected.extend(piece);
                expected.extend(ended.then_some(0));
            }
        } else if let [to, from, ..] = *piece {
            announced = (ended && piece == header(to & 0x7f, from & 0x7f)).then_some(to & 0x7f);
        }
    }
    expected
}

/// The first two bytes say how large the buffer is and how often nothing has arrived; the rest is on the bus.
///
/// # Panics
/// When the device does not receive what the model does.
pub fn bus(data: &[u8]) {
    let Some((&[size, pause], stream)) = data.split_first_chunk() else { return };
    let Some(address) = Address::new(OWN) else { return };
    let port = Port { rest: stream, pause: pause % 8, asked: 0 };
    // A port that always pauses would give nothing.
    let port = if port.pause == 1 { Port { pause: 0, ..port } } else { port };
    let mut device = Device::<Cobs, _, _>::new(port, Ticks(Cell::new(0)), address);
    let mut into = vec![0; usize::from(size).max(1)];
    let mut found: Vec<u8> = Vec::new();
    let mut silent = 0;
    // Bytes for others are received in silence.
    while silent < stream.len() + 4 {
        match device.receive(&mut into, Time::ZERO).expect("the port has no errors") {
            Received::Bytes(count) => {
                assert!((1..=into.len()).contains(&count));
                found.extend(&into[..count]);
                silent = 0;
            }
            Received::TimeUp => silent += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(found, model(stream));
    // It still sends and receives.
    assert_eq!(device.send(b"\0abc\0", Time::NEVER), Ok(5));
}

/// Frames for the device, for another, and with damaged headers.
pub fn seeds() -> Vec<Vec<u8>> {
    let frame = |to: u8| [&[0], &header(to, 0)[..], &[0, 0, 3, 1, 2, 0]].concat();
    let mut damaged = frame(OWN);
    damaged[3] ^= 1;
    [[frame(OWN), frame(6)].concat(), [damaged, frame(OWN)].concat(), [frame(6), frame(OWN), vec![9, 0]].concat()]
        .into_iter()
        .flat_map(|stream| [[&[1, 0][..], &stream].concat(), [&[40, 3][..], &stream].concat()])
        .collect()
}

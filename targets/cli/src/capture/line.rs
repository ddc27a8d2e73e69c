//! Messages among the bytes of a serial line, in both directions.

use oncilla::framing::{TEXT, TEXT_MAX, crc32};

use super::records::Records;
use super::session::{Content, Hello, Session};
use crate::target::Framing;

/// Bytes of a check value.
const CHECK: usize = 4;
/// How many dropped bytes are shown.
const SHOWN_MAX: usize = 256;

/// One of the two sides of a line, by which bytes are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    A = 0,
    B = 1,
}

impl Side {
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What is on the line beside messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beside {
    Hello(Hello),
    Log(Vec<u8>),
    Text(Vec<u8>),
    /// Bytes that are not a message: the first of them, and how many there were.
    Dropped(Vec<u8>, usize),
}

/// What was found on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A message in the full form, and how many bytes at its end are missing.
    Message(Vec<u8>, usize),
    Beside(Beside),
}

/// Finds messages on a line that is tapped.
pub struct Line {
    largest: usize,
    framing: Framing,
    sides: [Half; 2],
    session: Session,
}

/// The bytes of one side.
struct Half {
    records: Records,
    /// The bytes since the last zero.
    frame: Vec<u8>,
    /// How many more there were.
    beyond: usize,
}

impl Line {
    /// `largest` is the size of the largest message that is found.
    pub fn new(framing: Framing, largest: usize) -> Self {
        let half = || Half { records: Records::new(largest, true), frame: Vec::new(), beyond: 0 };
        Self { largest, framing, sides: [half(), half()], session: Session::default() }
    }

    /// Takes bytes that a side has sent.
    pub fn push(&mut self, side: Side, bytes: &[u8], take: &mut dyn FnMut(Found)) {
        if self.framing == Framing::Record {
            let records = &mut self.sides[side as usize].records;
            return records.push(bytes, &mut |message, missing| take(Found::Message(message, missing)));
        }
        // Stuffing adds the first code, and one for each 254 bytes.
        let room = self.largest + CHECK + 2 + (self.largest + CHECK) / 254;
        for piece in bytes.split_inclusive(|&byte| byte == 0) {
            let half = &mut self.sides[side as usize];
            let (is_end, piece) = match piece.split_last() {
                Some((0, piece)) => (true, piece),
                _ => (false, piece),
            };
            let kept = piece.get(..room.saturating_sub(half.frame.len())).unwrap_or(piece);
            half.frame.extend_from_slice(kept);
            half.beyond += piece.len() - kept.len();
            if is_end {
                let (frame, beyond) = (std::mem::take(&mut half.frame), std::mem::take(&mut half.beyond));
                self.end(side, frame, beyond, take);
            }
        }
    }

    /// States that so many bytes of a side were not seen.
    pub fn skip(&mut self, side: Side, count: usize, take: &mut dyn FnMut(Found)) {
        let half = &mut self.sides[side as usize];
        if self.framing == Framing::Record {
            return half.records.skip(count, &mut |message, missing| take(Found::Message(message, missing)));
        }
        // The present frame has lost bytes, so it is dropped.
        half.beyond += count;
    }

    /// Takes the bytes between two zeros.
    fn end(&mut self, side: Side, frame: Vec<u8>, beyond: usize, take: &mut dyn FnMut(Found)) {
        let text = frame.strip_prefix(&[TEXT]).map(<[u8]>::to_vec).filter(|text| text.len() <= TEXT_MAX && beyond == 0);
        if frame.is_empty() && beyond == 0 {
            return;
        }
        let contents = unstuff(&frame).filter(|_| beyond == 0).and_then(|message| self.check(side, &message));
        let Some(contents) = contents else {
            let count = frame.len() + beyond;
            return take(Found::Beside(match text {
                Some(text) => Beside::Text(text),
                None => Beside::Dropped(frame.into_iter().take(SHOWN_MAX).collect(), count),
            }));
        };
        for content in contents {
            take(match content {
                Content::Message(message) => Found::Message(message, 0),
                Content::Hello(hello) => Found::Beside(Beside::Hello(hello)),
                Content::Log(log) => Found::Beside(Beside::Log(log)),
            });
        }
    }

    /// Checks a frame, and returns what it holds, or `None` if it is damaged.
    fn check(&mut self, side: Side, frame: &[u8]) -> Option<Vec<Content>> {
        let (message, check) = frame.split_last_chunk::<CHECK>()?;
        let mark = crc32(message) ^ u32::from_le_bytes(*check);
        match self.framing {
            Framing::Serial => self.session.take(side, mark, message),
            _ => (mark == 0).then(|| vec![Content::Message(message.to_vec())]),
        }
    }
}

/// Reverses byte stuffing (COBS). Returns `None` if a code points beyond the end.
pub fn unstuff(mut frame: &[u8]) -> Option<Vec<u8>> {
    let mut message = Vec::with_capacity(frame.len());
    while let Some((&code, rest)) = frame.split_first() {
        let (block, rest) = rest.split_at_checked(usize::from(code).checked_sub(1)?)?;
        message.extend_from_slice(block);
        if code != u8::MAX && !rest.is_empty() {
            message.push(0);
        }
        frame = rest;
    }
    Some(message)
}

#[cfg(test)]
mod tests {
    use oncilla::framing::{Cobs, RecordAhead, Serial};
    use oncilla::message::{CallHeader, OpaqueAuth, ProcedureId, shorten, write_reply};

    use super::*;

    fn call(xid: u32) -> Vec<u8> {
        let id = ProcedureId { program: 0x2000_0042, version: 1, procedure: 1 };
        let mut message = vec![0; 44];
        CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE }.write(&mut message).unwrap();
        message
    }

    fn reply(xid: u32, results: usize) -> Vec<u8> {
        let mut message = vec![9; 64 + results];
        let length = write_reply(xid, Ok(()), &mut message).unwrap();
        message.truncate(length + results);
        message
    }

    fn sealed<F: oncilla::framing::Framing>(message: &[u8], mark: u32) -> Vec<u8> {
        let mut buffer = vec![0; 2 * message.len() + 64];
        F::room(&mut buffer)[..message.len()].copy_from_slice(message);
        F::seal_marked(&mut buffer, message.len(), mark).unwrap().to_vec()
    }

    fn short(message: &[u8]) -> Vec<u8> {
        let mut room = vec![0; message.len()];
        let length = shorten(message, &mut room).unwrap();
        room.truncate(length);
        room
    }

    fn found(line: &mut Line, side: Side, bytes: &[u8]) -> Vec<Found> {
        let mut found = Vec::new();
        bytes.chunks(5).for_each(|piece| line.push(side, piece, &mut |what| found.push(what)));
        found
    }

    fn message(message: Vec<u8>) -> Found {
        Found::Message(message, 0)
    }

    #[test]
    fn plain_messages_are_found_in_all_framings() {
        let (call, reply) = (call(7), reply(7, 600));
        let mut line = Line::new(Framing::Record, 1000);
        assert_eq!(found(&mut line, Side::A, &sealed::<RecordAhead>(&call, 0)), [message(call.clone())]);
        for framing in [Framing::Cobs, Framing::Serial] {
            let mut line = Line::new(framing, 1000);
            let bytes = [b"noise".as_slice(), &sealed::<Cobs>(&call, 0), b"\x7fready\n\0"].concat();
            let beside = [Beside::Dropped(b"noise".to_vec(), 5), Beside::Text(b"ready\n".to_vec())].map(Found::Beside);
            let all = [beside[0].clone(), message(call.clone()), beside[1].clone()];
            assert_eq!(found(&mut line, Side::A, &bytes), all);
            assert_eq!(found(&mut line, Side::B, &sealed::<Serial>(&reply, 0)), [message(reply.clone())]);
            // Longer than the largest message.
            let mut line = Line::new(framing, 100);
            let large = found(&mut line, Side::B, &sealed::<Cobs>(&reply, 0));
            assert!(matches!(&*large, [Found::Beside(Beside::Dropped(_, 600..))]), "{large:?}");
            assert_eq!(found(&mut line, Side::B, &sealed::<Cobs>(&call, 0)), [message(call.clone())]);
        }
    }

    #[test]
    fn short_messages_are_found_by_hellos_and_without_them() {
        let (a, b) = (7_u32, 0xfeed_beef);
        // The CRC register after four zero bytes, as the framing documents.
        let steps = |mut register: u32| {
            for _ in 0..32 {
                register = if register & 1 == 1 { register >> 1 ^ 0xedb8_8320 } else { register >> 1 };
            }
            register
        };
        const SHORT: u32 = 0x5348_4f52;
        let to_b = a ^ steps(b);
        let hello = |flags: u8, words: [u32; 3]| {
            let bytes: Vec<u8> =
                std::iter::once(0x80 | flags).chain(words.into_iter().flat_map(u32::to_be_bytes)).collect();
            sealed::<Serial>(&bytes, SHORT)
        };
        let mut line = Line::new(Framing::Serial, 1000);
        let hellos = [hello(1, [a, 0, 256]), hello(3, [a, b, 256])].concat();
        assert_eq!(found(&mut line, Side::A, &hellos).len(), 2);
        let (first, second) = (call(7), call(8));
        let calls = [sealed::<Serial>(&short(&first), to_b ^ SHORT), sealed::<Serial>(&second, to_b)].concat();
        assert_eq!(found(&mut line, Side::A, &calls), [message(first.clone()), message(second.clone())]);
        let answer = reply(7, 4);
        let replies = sealed::<Serial>(&short(&answer), b ^ steps(a) ^ SHORT);
        assert_eq!(found(&mut line, Side::B, &replies), [message(answer.clone())]);
        // Without hellos, the second message shows the mark.
        let mut line = Line::new(Framing::Serial, 1000);
        assert_eq!(found(&mut line, Side::A, &calls), [message(first.clone()), message(second)]);
        assert_eq!(found(&mut line, Side::A, &sealed::<Serial>(&short(&first), to_b ^ SHORT)), [message(first)]);
        // A damaged message is dropped.
        let mut damaged = sealed::<Serial>(&short(&answer), b ^ steps(a) ^ SHORT);
        damaged[5] ^= 1;
        let lost = found(&mut line, Side::B, &damaged);
        assert!(!lost.iter().any(|what| matches!(what, Found::Message(..))), "{lost:?}");
    }
}

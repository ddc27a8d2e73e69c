//! Frames of serial links in the short form: calls, replies, logs and text, sent and received.

use core::convert::Infallible;

use oncilla::framing::Serial;
use oncilla::message::{CallHeader, Form, OpaqueAuth, lengthen, shorten, write_reply};
use oncilla::{Beside, Link, ProcedureId, Received, Served, Table, Time, Transport};

use crate::frames::{Found, Receiver, seal_in};
use crate::vectors::Vectors;

static NOTHING: Table<()> = oncilla::table![];

/// A transport that returns these bytes, and records all sent bytes, text and logs.
#[derive(Default)]
struct Line {
    incoming: &'static [u8],
    sent: Vec<u8>,
    text: Vec<u8>,
    log: Vec<u8>,
}

impl Transport for Line {
    type Error = Infallible;
    type Framing = Serial;
    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        Time::ZERO
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, Infallible> {
        let (now, later) = self.incoming.split_at(into.len().min(self.incoming.len()));
        into[..now.len()].copy_from_slice(now);
        self.incoming = later;
        Ok(if now.is_empty() { Received::TimeUp } else { Received::Bytes(now.len()) })
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Infallible> {
        self.sent.extend(frame);
        Ok(frame.len())
    }

    fn beside(&mut self, what: Beside<'_>) {
        match what {
            Beside::Text(text) | Beside::Unverified(text) => self.text.extend(text),
            Beside::Log(log) => self.log.extend(log),
            Beside::Dropped(dropped) => panic!("the bytes {dropped:02x?} were dropped"),
        }
    }
}

type TestLink = Link<Line, Vec<u8>>;

/// Creates a link that will receive these bytes.
fn link(incoming: &'static [u8]) -> TestLink {
    let line = Line { incoming, ..Line::default() };
    Link::new(line, vec![0; Serial::buffer(110)], vec![0; Serial::buffer(110)])
}

fn receive(link: &mut TestLink) {
    assert_eq!(link.serve_next(&NOTHING, &mut (), Time::ZERO), Ok(Served::TimeUp));
}

/// Checks that `frame` holds the short form of the message `standard`, sent and received.
fn both(frame: &[u8], standard: &[u8]) {
    let mut room = vec![0xee; standard.len()];
    let length = shorten(standard, &mut room).unwrap();
    let short = &room[..length];
    assert_eq!(seal_in::<Serial>(Form::Short, short), frame);
    let mut found = Vec::new();
    Receiver::<Serial>::of_all(64).feed(frame, &mut found);
    assert_eq!(found, [Found::Short(short.to_vec())]);
    let mut room = vec![0xee; length + 36];
    let length = lengthen(short, &mut room);
    assert_eq!(length.map(|length| &room[..length]), Some(standard));
}

fn call(xid: u32, program: u32, version: u32, procedure: u32, arguments: &[i32]) -> Vec<u8> {
    let id = ProcedureId { program, version, procedure };
    let header = CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut message = vec![0; header.size()];
    header.write(&mut message).unwrap();
    message.extend(arguments.iter().flat_map(|word| word.to_be_bytes()));
    message
}

fn reply(xid: u32, results: &[i32]) -> Vec<u8> {
    let mut message = vec![0; 32];
    let length = write_reply(xid, Ok(()), &mut message).unwrap();
    message.truncate(length);
    message.extend(results.iter().flat_map(|word| word.to_be_bytes()));
    message
}

#[test]
fn short() {
    let mut v = Vectors::parse(include_str!("short.txt"));
    both(v.take("null call"), &call(7, 0x2000_0042, 1, 0, &[]));
    both(v.take("null reply"), &reply(7, &[]));
    both(v.take("call of version 1"), &call(0xfffe, 0x2000_0042, 1, 5, &[1, -3]));
    both(v.take("call of another version"), &call(8, 100_000, 2, 4, &[]));
    both(v.take("call of a large procedure"), &call(9, 0x2000_0080, 1, 200, &[]));
    both(v.take("call with the largest header"), &call(0xffff, u32::MAX, u32::MAX, u32::MAX, &[]));
    both(v.take("reply"), &reply(0xfffe, &[-2]));
    logs(&mut v);
    v.finish();
}

fn logs(v: &mut Vectors) {
    let (log, text) = (v.take("log"), v.take("text"));
    let mut ours = link(&[]);
    ours.log(&[1, 0, 0xff], Time::ZERO).unwrap();
    assert_eq!(ours.transport().sent, log);
    ours.transport().sent.clear();
    ours.print("sensor über 20°\r\n", Time::ZERO).unwrap();
    assert_eq!(ours.transport().sent, text);

    let mut theirs = link(log);
    receive(&mut theirs);
    assert_eq!(theirs.transport().log, [1, 0, 0xff]);
    let mut theirs = link(text);
    receive(&mut theirs);
    assert_eq!(theirs.transport().text, "sensor über 20°\r\n".as_bytes());
}

//! What comes to an end of a serial line that has introduced itself: short messages, hellos, logs.

use core::convert::Infallible;

use oncilla::framing::Serial;
use oncilla::message::{Form, Origin, lengthen, shorten};
use oncilla::{Beside, Link, Received, ReplayCache, Served, Time, Transport};

use crate::everything::{Echo, TABLE};
use crate::frames::{Found, Receiver, seal_marked};
use crate::marks;

/// A message in the short form: what is accepted is what would have been written, and is answered as the standard one.
pub fn short(data: &[u8]) {
    let mut standard = vec![0xee; data.len() + 36];
    let Some(length) = lengthen(data, &mut standard) else {
        assert!(changed(shorten, data, data.len()).is_none_or(|short| changed(lengthen, &short, data.len()).is_some()));
        return;
    };
    standard.truncate(length);
    assert_eq!(changed(shorten, &standard, data.len()).as_deref(), Some(data));
    assert!((0..data.len()).all(|room| changed(shorten, &standard, room).is_none()));
    same_answer(data, &standard);
}

fn changed(change: fn(&[u8], &mut [u8]) -> Option<usize>, message: &[u8], room: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0xee; room];
    let length = change(message, &mut bytes)?;
    bytes.truncate(length);
    Some(bytes)
}

fn same_answer(short: &[u8], standard: &[u8]) {
    use oncilla::Replay;

    let (mut state, mut other) = (Echo::default(), Echo::default());
    let (mut reply, mut expected) = (vec![0xc5; TABLE.reply_max()], vec![0x3a; TABLE.reply_max()]);
    let length = ().answer(Some(Form::Short), Origin::default(), &TABLE, &mut state, short, &mut reply);
    let expected =
        oncilla::answer(&TABLE, &mut other, standard, &mut expected).map(|length| expected[..length].to_vec());
    assert_eq!(state.runs, other.runs);
    // Results are in the form of the call, and a refusal in the full one, whose xid begins with a zero.
    let reply = length.map(|length| match &reply[..length] {
        short @ [0x60, ..] => changed(lengthen, short, length + 36).expect("a reply in the short form"),
        refusal => refusal.to_vec(),
    });
    assert_eq!(reply, expected);
}

/// A line that brings bytes in pieces, and then closes; what is sent is kept.
struct Line<'d> {
    rest: &'d [u8],
    most: usize,
    sent: Vec<u8>,
    shown: usize,
}

impl Transport for Line<'_> {
    type Error = Infallible;
    type Framing = Serial;
    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        Time::ZERO
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, Infallible> {
        let (bytes, rest) = self.rest.split_at(into.len().min(self.most).min(self.rest.len()));
        into[..bytes.len()].copy_from_slice(bytes);
        self.rest = rest;
        Ok(if bytes.is_empty() { Received::End } else { Received::Bytes(bytes.len()) })
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Infallible> {
        self.sent.extend(frame);
        Ok(frame.len())
    }

    fn beside(&mut self, what: Beside<'_>) {
        let (Beside::Text(bytes) | Beside::Log(bytes) | Beside::Unverified(bytes) | Beside::Dropped(bytes)) = what;
        self.shown += bytes.len();
    }
}

/// The boot number of this end.
const BOOT: u32 = 7;

/// The first byte says in what pieces the rest comes, an odd one as a stream, an even one as messages in the short
/// form: each behind a byte that is its length, and sealed as the peer that said hello last would do it.
pub fn link(data: &[u8]) {
    let Some((&most, rest)) = data.split_first() else { return };
    let stream = if most % 2 == 1 { rest.to_vec() } else { messages(rest) };
    let line = Line { rest: &stream, most: usize::from(most).max(1), sent: Vec::new(), shown: 0 };
    let buffer = || vec![0xc5; Serial::buffer(TABLE.reply_max())];
    let mut link = Link::with_boot_number(line, buffer(), buffer(), BOOT);
    let (mut cache, mut state, mut restarts) = (ReplayCache::<2, { TABLE.reply_max() }>::new(), Echo::default(), 0);
    loop {
        match link.serve_next_once(&mut cache, &TABLE, &mut state, Time::NEVER) {
            Ok(Served::End) => break,
            Ok(Served::Restart) => restarts += 1,
            Ok(Served::Message) => {}
            other => panic!("{other:?}"),
        }
    }
    let line = link.transport();
    assert!(line.shown <= stream.len(), "more is shown than came");
    check(&line.sent, &stream, state.runs, restarts);
}

/// What is sent is hellos and replies, each whole, and replies in the short form only between ends that have met: with the
/// mark of this end and of one that has said hello.
fn check(sent: &[u8], came: &[u8], runs: u32, restarts: u32) {
    let mut found = Vec::new();
    Receiver::<Serial>::of_all(1 << 16).feed(came, &mut found);
    let boots: Vec<u32> = found.iter().filter_map(boot).collect();
    assert!(restarts as usize <= boots.len());
    let mut replies = 0;
    for frame in sent.split(|&byte| byte == 0).filter(|frame| !frame.is_empty()) {
        let (mark, message) = marks::open(frame);
        if mark == marks::SHORT && boot(&Found::Short(message.clone())) == Some(BOOT) {
            continue;
        }
        replies += 1;
        let met = |change: u32| boots.iter().any(|&boot| mark == marks::between(BOOT, boot) ^ change);
        match message[..] {
            [0x60, ..] if met(marks::SHORT) => {}
            _ => assert!(message[4..8] == [0, 0, 0, 1] && (mark == 0 || met(0)), "{message:02x?} with {mark:08x}"),
        }
    }
    assert!(runs <= replies, "{runs} ran, and {replies} replies were sent");
}

/// The boot number that a hello says.
fn boot(found: &Found) -> Option<u32> {
    match found {
        Found::Short(hello) if hello.len() >= 13 && hello[0] >> 5 == 4 => {
            hello[1..5].try_into().ok().map(u32::from_be_bytes)
        }
        _ => None,
    }
}

/// Frames, those of calls and replies with the mark of the end that said hello last.
fn messages(data: &[u8]) -> Vec<u8> {
    let (mut stream, mut rest, mut mark) = (Vec::new(), data, 0);
    while let Some((&length, after)) = rest.split_first() {
        let (message, after) = after.split_at(after.len().min(length.into()));
        let beside = message.first().is_some_and(|first| first >> 5 >= 4);
        let change = if beside { 0 } else { mark };
        stream.extend(seal_marked::<Serial>(change ^ marks::SHORT, message));
        if let Some(boot) = boot(&Found::Short(message.to_vec())) {
            mark = marks::between(boot, BOOT);
        }
        rest = after;
    }
    stream
}

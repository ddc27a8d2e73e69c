//! What is on a serial line whose ends introduce themselves, both ways.

use std::collections::VecDeque;
use std::convert::Infallible;

use oncilla::framing::Serial;
use oncilla::message::SysCredential;
use oncilla::{Client, Link, Peer, Received, Retry, Served, Table, Time, Transport};

use crate::marks;
use crate::vectors::Vectors;

oncilla::program! {
    mod ledger = 0x2000_0077, version 1 {
        fn add(amount: u32) -> u32 = 1;
    }
}

#[derive(Default)]
struct Ledger(u32);

impl ledger::Service for Ledger {
    fn add(&mut self, amount: u32) -> u32 {
        self.0 += amount;
        self.0
    }
}

static TABLE: Table<Ledger> = oncilla::table![ledger::program()];

/// A line on which one frame after another comes, each when it is waited for, and where all that is sent is kept.
#[derive(Default)]
struct Line {
    comes: VecDeque<Vec<u8>>,
    sent: Vec<u8>,
}

impl Transport for Line {
    type Error = Infallible;
    type Framing = Serial;

    fn now(&mut self) -> Time {
        Time::ZERO
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, Infallible> {
        let Some(frame) = self.comes.pop_front() else { return Ok(Received::TimeUp) };
        into[..frame.len()].copy_from_slice(&frame);
        Ok(Received::Bytes(frame.len()))
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Infallible> {
        self.sent.extend(frame);
        Ok(frame.len())
    }
}

type TestLink = Link<Line, Vec<u8>>;

/// An end that can receive 110 bytes, and to which these frames come.
fn link(boot: u32, comes: &[&[u8]]) -> TestLink {
    let line = Line { comes: comes.iter().map(|frame| frame.to_vec()).collect(), ..Line::default() };
    Link::with_boot_number(line, vec![0; Serial::buffer(110)], vec![0; Serial::buffer(110)], boot)
}

fn serve(link: &mut TestLink) -> u32 {
    let mut ledger = Ledger::default();
    while link.serve_next(&TABLE, &mut ledger, Time::ZERO) != Ok(Served::TimeUp) {}
    ledger.0
}

#[test]
fn hellos() {
    let mut v = Vectors::parse(include_str!("hello.txt"));
    let wanted = v.take("hello that wants an answer");
    let heard = v.take("hello that has heard one");
    let zero = v.take("hello to an end whose number is zero");

    let mut ours = link(7, &[]);
    serve(&mut ours);
    assert_eq!((ours.peer(), &ours.transport().sent[..]), (None, wanted));

    let mut ours = link(7, &[heard]);
    serve(&mut ours);
    assert_eq!(ours.peer(), Some(Peer { boot: 0xdead_beef, largest: 1024 }));
    // It was told its own boot number, and has nothing more to say.
    assert_eq!(ours.transport().sent, wanted);

    let mut ours = link(1, &[]);
    serve(&mut ours);
    ours.transport().comes.push_back(wanted.to_vec());
    serve(&mut ours);
    assert_eq!(ours.peer(), Some(Peer { boot: 7, largest: 110 }));

    // Zero is a number that may have been heard.
    let mut zeroth = link(0, &[zero]);
    serve(&mut zeroth);
    assert_eq!(zeroth.peer(), Some(Peer { boot: 1, largest: 110 }));
    assert_eq!(zeroth.transport().sent.len(), 2 * wanted.len(), "it answers, since an answer is wanted");

    calls(&mut v, wanted, heard);
    v.finish();
}

/// Calls from the end whose number is 7 to that whose number is deadbeef.
fn calls(v: &mut Vectors, from_7: &[u8], to_7: &'static [u8]) {
    let short = [v.take("call in the short form"), v.take("reply in the short form")];
    let full = [v.take("call in the full form"), v.take("reply in the full form")];
    let [there, back] = [marks::between(7, 0xdead_beef), marks::between(0xdead_beef, 7)];
    assert_eq!(marks::open(&short[0][1..short[0].len() - 1]).0, there ^ marks::SHORT);
    assert_eq!(marks::open(&short[1][1..short[1].len() - 1]).0, back ^ marks::SHORT);
    assert_eq!(marks::open(&full[0][1..full[0].len() - 1]).0, there);
    assert_eq!(marks::open(&full[1][1..full[1].len() - 1]).0, back);

    let user = SysCredential::new(1, "", 0, 0, &[]).unwrap();
    for [call, reply] in [short, full] {
        // Served by the one, and by no other.
        for (boot, sum) in [(0xdead_beef, 5), (0xdead_bef0, 0)] {
            let mut server = link(boot, &[from_7, call]);
            assert_eq!(serve(&mut server), sum);
            assert_eq!(server.transport().sent.ends_with(reply), sum > 0);
        }
    }
    // Made and understood by the other.
    let client = |reply: &[u8]| {
        let mut met = link(7, &[to_7]);
        serve(&mut met);
        met.transport().comes.push_back(reply.to_vec());
        let mut client = Client::new(met, 0x1234_fffe);
        client.set_retry(Retry::NEVER);
        client
    };
    let mut calls = client(short[1]);
    assert_eq!(ledger::Client::new(&mut calls).add(5), Ok(5));
    assert!(calls.link().transport().sent.ends_with(short[0]));
    let mut calls = client(full[1]).with_credential(user);
    assert_eq!(ledger::Client::new(&mut calls).add(5), Ok(5));
    let sent = &calls.link().transport().sent;
    let frames: Vec<_> = sent.split(|&byte| byte == 0).filter(|frame| !frame.is_empty()).collect();
    assert_eq!(marks::open(frames.last().unwrap()).0, there);
}

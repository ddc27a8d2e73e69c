//! Frames of serial links with sessions: hellos, calls and replies, sent and received.

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

/// A transport that returns one frame for each `receive`, and records all sent bytes.
#[derive(Default)]
struct Line {
    incoming: VecDeque<Vec<u8>>,
    sent: Vec<u8>,
}

impl Transport for Line {
    type Error = Infallible;
    type Framing = Serial;

    fn now(&mut self) -> Time {
        Time::ZERO
    }

    fn receive(&mut self, into: &mut [u8], _: Time) -> Result<Received, Infallible> {
        let Some(frame) = self.incoming.pop_front() else { return Ok(Received::TimeUp) };
        into[..frame.len()].copy_from_slice(&frame);
        Ok(Received::Bytes(frame.len()))
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Infallible> {
        self.sent.extend(frame);
        Ok(frame.len())
    }
}

type TestLink = Link<Line, Vec<u8>>;

/// Creates a link that can receive messages of 110 bytes, and that will receive these frames.
fn link(boot: u32, incoming: &[&[u8]]) -> TestLink {
    let line = Line { incoming: incoming.iter().map(|frame| frame.to_vec()).collect(), ..Line::default() };
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
    // The peer has received the hello, so no further hello is sent.
    assert_eq!(ours.transport().sent, wanted);

    let mut ours = link(1, &[]);
    serve(&mut ours);
    ours.transport().incoming.push_back(wanted.to_vec());
    serve(&mut ours);
    assert_eq!(ours.peer(), Some(Peer { boot: 7, largest: 110 }));

    // Zero is a valid boot number.
    let mut zeroth = link(0, &[zero]);
    serve(&mut zeroth);
    assert_eq!(zeroth.peer(), Some(Peer { boot: 1, largest: 110 }));
    assert_eq!(zeroth.transport().sent.len(), 2 * wanted.len(), "a hello that wants an answer is answered");

    calls(&mut v, wanted, heard);
    v.finish();
}

/// Checks calls from the peer with boot number 7 to the peer with boot number deadbeef.
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
        // Only the server with the right boot number executes the call.
        for (boot, sum) in [(0xdead_beef, 5), (0xdead_bef0, 0)] {
            let mut server = link(boot, &[from_7, call]);
            assert_eq!(serve(&mut server), sum);
            assert_eq!(server.transport().sent.ends_with(reply), sum > 0);
        }
    }
    // The client sends the call, and accepts the reply.
    let client = |reply: &[u8]| {
        let mut met = link(7, &[to_7]);
        serve(&mut met);
        met.transport().incoming.push_back(reply.to_vec());
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

//! Whole links over transports in memory: every framing, deadlines, faults, the end.

use std::thread;
use std::time::Duration;

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead, Serial};
use oncilla::{Beside, CallError, Client, Link, Received, ReplayCache, Retry, Served, Table, Time, Transport, table};
use oncilla_host::{Pipe, pipe};

oncilla::program! { mod counter = 0x2000_0009, version 1 { fn add(number: u32) -> u32 = 1; } }

struct Device(u32);

impl counter::Service for Device {
    fn add(&mut self, number: u32) -> u32 {
        self.0 += number;
        self.0
    }
}

static TABLE: Table<Device> = table![counter::program()];

/// Returns what the server counted when `calls` are made on the other transport.
fn served<F: Framing + 'static>(calls: impl FnOnce(Pipe<F>)) -> u32 {
    let (firmware, host) = pipe::<F>();
    let serving = thread::spawn(move || {
        let mut device = Device(0);
        // On a busy machine a call is sent again before its reply has come.
        let mut replay = ReplayCache::<4, 64>::new();
        let mut link = Link::new(firmware, [0; 256], [0; 256]);
        while link.serve_next_once(&mut replay, &TABLE, &mut device, Time::NEVER).unwrap() != Served::End {}
        device.0
    });
    calls(host);
    serving.join().unwrap()
}

fn client<F: Framing>(transport: Pipe<F>) -> Client<Pipe<F>, [u8; 256]> {
    let mut client = Client::new(Link::new(transport, [0; 256], [0; 256]), 1);
    client.set_retry(Retry { pause: Duration::from_millis(20), ..Retry::DEFAULT });
    client
}

fn counts<F: Framing + 'static>() {
    let sum = served::<F>(|host| {
        let mut client = client(host);
        for number in 1..=10 {
            counter::Client::new(&mut client).add(number).unwrap();
        }
    });
    assert_eq!(sum, 55);
}

#[test]
fn every_framing_is_carried() {
    counts::<Record>();
    counts::<RecordAhead>();
    counts::<Cobs>();
    counts::<Serial>();
    counts::<Datagram>();
}

/// Changes the frames whose numbers are given, from 0.
fn at(numbers: &'static [usize], change: fn(&mut Vec<u8>)) -> impl FnMut(&mut Vec<u8>) + Send + 'static {
    let mut number = 0;
    move |frame| {
        if numbers.contains(&number) {
            change(frame);
        }
        number += 1;
    }
}

fn faults<F: Framing + 'static>(change: fn(&mut Vec<u8>)) {
    let sum = served::<F>(|host| {
        let mut client = client(host.with_faults(at(&[0, 1, 3], change)));
        assert_eq!(counter::Client::new(&mut client).add(5).unwrap(), 5);
        assert_eq!(counter::Client::new(&mut client).add(6).unwrap(), 11);
    });
    assert_eq!(sum, 11);
}

#[test]
fn lost_calls_are_retransmitted() {
    faults::<Cobs>(Vec::clear);
    faults::<Datagram>(Vec::clear);
}

#[test]
fn damaged_calls_are_retransmitted() {
    faults::<Cobs>(|frame| {
        let middle = frame.len() / 2;
        frame[middle] ^= 0x10;
    });
}

#[test]
fn without_a_reply_a_call_ends_at_its_time_out() {
    let (_silent, host) = pipe::<Record>();
    let mut client = client(host);
    client.set_timeout(Duration::from_millis(30));
    let outcome = counter::Client::new(&mut client).add(1);
    assert!(matches!(outcome, Err(CallError::TimedOut { .. })), "{outcome:?}");
}

#[test]
fn what_was_sent_comes_before_the_end() {
    let (mut one, mut other) = pipe::<Record>();
    assert_eq!(one.send(&[1, 2, 3], Time::ZERO).unwrap(), 3);
    drop(one);
    let mut into = [0; 2];
    assert_eq!(other.receive(&mut into, Time::ZERO).unwrap(), Received::Bytes(2));
    assert_eq!(other.receive(&mut into, Time::NEVER).unwrap(), Received::Bytes(1));
    assert_eq!(other.receive(&mut into, Time::NEVER).unwrap(), Received::End);
    // Nobody receives it, however much it is.
    assert_eq!(other.send(&[0; 100_000], Time::NEVER), Ok(100_000));
}

#[test]
fn a_call_under_way_ends_when_the_peer_is_dropped() {
    let (device, host) = pipe::<Cobs>();
    let calling = thread::spawn(move || {
        let mut client = client(host);
        client.wait_for_ever();
        let outcome = counter::Client::new(&mut client).add(1);
        assert_eq!(outcome, Err(CallError::Closed));
    });
    drop(device);
    calling.join().unwrap();
}

#[test]
fn a_stream_takes_what_there_is_room_for() {
    let (mut one, mut other) = pipe::<Record>();
    let frame = vec![7; 70_000];
    assert_eq!(one.send(&frame, Time::ZERO).unwrap(), 65_536);
    assert_eq!(one.send(&frame, Time::ZERO).unwrap(), 0);
    let reading = thread::spawn(move || {
        let (mut into, mut total) = ([0; 1_000], 0);
        while let Received::Bytes(length) = other.receive(&mut into, Time::NEVER).unwrap() {
            total += length;
        }
        total
    });
    assert_eq!(one.send(&frame, Time::NEVER).unwrap(), 70_000);
    drop(one);
    assert_eq!(reading.join().unwrap(), 65_536 + 70_000);
}

#[test]
fn datagrams_stay_whole() {
    let (mut one, mut other) = pipe::<Datagram>();
    let large = vec![7; 70_000];
    // The largest goes when nothing else is there, and none goes in part.
    assert_eq!(one.send(&large, Time::ZERO).unwrap(), 70_000);
    assert_eq!(one.send(&[1, 2, 3], Time::ZERO).unwrap(), 0);
    let mut into = [0; 8];
    assert_eq!(other.receive(&mut into, Time::ZERO).unwrap(), Received::Oversize(70_000));
    assert_eq!(other.receive(&mut into, Time::ZERO).unwrap(), Received::TimeUp);
    assert_eq!(one.send(&[1, 2, 3], Time::ZERO).unwrap(), 3);
    assert_eq!(one.send(&[4], Time::ZERO).unwrap(), 1);
    assert_eq!(other.receive(&mut into, Time::ZERO).unwrap(), Received::Bytes(3));
    assert_eq!(other.receive(&mut into, Time::ZERO).unwrap(), Received::Bytes(1));
}

#[test]
fn text_beside_messages_is_shown() {
    let (sender, texts) = std::sync::mpsc::channel();
    let (device, host) = pipe::<Serial>();
    let mut link = Link::new(device, [0; 256], [0; 256]);
    link.print("hello", Time::NEVER).unwrap();
    drop(link);
    let host = host.with_log(move |what| {
        if let Beside::Text(text) = what {
            sender.send(text.to_vec()).unwrap();
        }
    });
    Link::new(host, [0; 256], [0; 256]).serve(&TABLE, &mut Device(0)).unwrap();
    assert_eq!(texts.iter().flatten().collect::<Vec<_>>(), b"hello");
}

//! Clients on serial ports: a pair of pseudo-terminals stands for the line.

#[path = "support/sockets.rs"]
mod sockets;

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use oncilla::framing::{Cobs, Framing};
use oncilla::{CallError, Client, Link, Time};
use oncilla_host::{Error, Serial};
use serialport::{SerialPort, TTYPort};
use sockets::*;

/// What a small device would have.
const BUFFER: usize = Cobs::buffer(1024);

type SmallClient = Client<Serial, [u8; BUFFER]>;

/// A client, and the other end of its line.
fn line() -> (SmallClient, TTYPort) {
    let (far, near) = TTYPort::pair().unwrap();
    let mut client = Client::new(Link::new(Serial::from(near), [0; BUFFER], [0; BUFFER]), 1);
    client.set_timeout(PATIENCE);
    (client, far)
}

/// Serves on the other end while `test` calls.
fn served(test: impl FnOnce(&mut SmallClient)) {
    let (mut client, far) = line();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut link = Link::new(Serial::<Cobs>::from(far), vec![0; 2048], vec![0; Cobs::buffer(probe::REPLY_MAX)]);
            // The line is hung up when the client is dropped.
            link.serve(&TABLE, &mut Service::default()).unwrap();
        });
        test(&mut client);
        drop(client);
    });
}

/// Reads the frame of a call and returns its message.
fn read_frame(port: &mut TTYPort) -> Vec<u8> {
    port.set_timeout(PATIENCE).unwrap();
    let mut buffer = [0; BUFFER];
    let mut framing = Cobs::default();
    loop {
        if let oncilla::framing::Progress::Message { start, length } = framing.next(&mut buffer) {
            return buffer[start..start + length].to_vec();
        }
        let length = port.read(framing.window(&mut buffer)).unwrap();
        framing.filled(length);
    }
}

fn frame(message: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; Cobs::buffer(message.len())];
    Cobs::room(&mut buffer)[..message.len()].copy_from_slice(message);
    Cobs::seal(&mut buffer, message.len()).unwrap().to_vec()
}

#[test]
fn calls_give_what_they_should() {
    served(|client| {
        let mut probe = probe::Client::new(client);
        probe.null().unwrap();
        assert_eq!(probe.add(2, 3).unwrap(), 5);
        for length in [0, 1, 255, 900] {
            // Bytes that terminals would take for something else: raw mode is set.
            let data: Vec<u8> = (0..length).map(|i| i as u8).collect();
            assert_eq!(probe.echo(&data).unwrap(), data);
        }
    });
}

#[test]
fn a_device_that_never_replies_costs_the_time_out_and_no_more() {
    let (mut client, _far) = line();
    for timeout in [Duration::ZERO, MOMENT] {
        client.set_timeout(timeout);
        let unanswered = probe::Client::new(&mut client).count();
        assert!(matches!(unanswered, Err(CallError::TimedOut { after }) if after == timeout), "{unanswered:?}");
    }
}

#[test]
fn garbage_and_a_late_reply_are_not_taken_for_the_next_one() {
    let (mut client, mut far) = line();
    client.set_timeout(MOMENT);
    assert!(matches!(probe::Client::new(&mut client).count(), Err(CallError::TimedOut { .. })));
    let first = read_frame(&mut far);
    let mut damaged = frame(&reply(xid(&first) + 1, &[0, 0, 0, 8]));
    damaged[10] ^= 0x10;
    far.write_all(b"boot: ready\r\n").unwrap();
    far.write_all(&frame(&reply(xid(&first), &[0, 0, 0, 1]))).unwrap();
    far.write_all(&damaged).unwrap();
    far.write_all(&frame(&reply(xid(&first) + 1, &[0, 0, 0, 2]))).unwrap();
    client.set_timeout(PATIENCE);
    assert_eq!(probe::Client::new(&mut client).count().unwrap(), 2);
}

#[test]
fn a_line_that_takes_no_more_is_an_error_in_time() {
    let (far, near) = TTYPort::pair().unwrap();
    let mut port = Serial::<Cobs>::from(near);
    // Nobody reads at the other end.
    let sent = oncilla::Transport::send(&mut port, &[1; 1 << 20], Time::ZERO).unwrap();
    assert!(sent < 1 << 20, "{sent}");
    drop(far);
}

#[test]
fn a_line_that_is_hung_up_is_the_end() {
    let (mut client, far) = line();
    drop(far);
    let cut = probe::Client::new(&mut client).count();
    assert!(matches!(cut, Err(CallError::Closed | CallError::Link(_))), "{cut:?}");
}

#[test]
fn a_port_that_is_not_there_is_named() {
    let Err(error) = oncilla_host::serial("/dev/no-such-port", 115_200) else { panic!("it is there") };
    assert!(matches!(error, Error::Connect { .. }));
    assert!(error.to_string().contains("/dev/no-such-port"), "{error}");
}

//! Calls in flight on real sockets.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use oncilla::Table;
use oncilla::framing::{Record, RecordAhead};
use oncilla::message::{Call, write_reply};

use crate::counter::{finish, start};
use crate::script::framed;
use crate::*;

/// Returns a record of a stream, without its mark.
fn record(stream: &mut TcpStream) -> Vec<u8> {
    let mut mark = [0; 4];
    stream.read_exact(&mut mark).unwrap();
    let mut message = vec![0; (u32::from_be_bytes(mark) & 0x7fff_ffff) as usize];
    stream.read_exact(&mut message).unwrap();
    message
}

/// Returns the reply to a call of `add`.
fn answer(message: &[u8]) -> Vec<u8> {
    let call = Call::parse(message).unwrap();
    let (a, b): ([u8; 4], [u8; 4]) =
        (call.arguments()[..4].try_into().unwrap(), call.arguments()[4..].try_into().unwrap());
    let sum = i32::from_be_bytes(a) + i32::from_be_bytes(b);
    let mut reply = [0; 32];
    let header = write_reply(call.xid(), Ok(()), &mut reply).unwrap();
    [&reply[..header], &sum.to_be_bytes()].concat()
}

#[test]
fn replies_of_a_server_that_answers_in_reverse_order() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for _ in 0..50 {
            // The server answers when all calls have arrived: a client that waited for one reply would wait for ever.
            let calls: Vec<_> = (0..4).map(|_| record(&mut stream)).collect();
            for call in calls.iter().rev() {
                stream.write_all(&framed::<Record>(&answer(call))).unwrap();
            }
        }
    });
    let mut calls = CallsInFlight::<_, 4, { counter::SLOT_MAX }>::new(oncilla_host::tcp(address).unwrap());
    for i in 0..50 {
        let tickets = [0, 1, 2, 3].map(|j| start::add(&mut calls, i, j).unwrap());
        if i % 2 == 0 {
            while calls.poll().unwrap().in_flight > 0 {
                thread::yield_now();
            }
        }
        for (j, ticket) in tickets.into_iter().enumerate() {
            assert_eq!(finish::add(&mut calls, ticket).unwrap(), i + j as i32);
        }
    }
    serving.join().unwrap();
    // The server has closed the connection.
    let ticket = start::add(&mut calls, 1, 2).unwrap();
    assert!(matches!(finish::add(&mut calls, ticket), Err(CallError::Closed | CallError::Link(_))));
}

/// The state of a server.
struct Service;

impl counter::Service for Service {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        a + b
    }
    fn reset(&mut self) {}
    fn name(&mut self) -> &str {
        "host"
    }
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
    fn level(&mut self, _: heapless::Vec<u16, 3>) -> Result<bool, u32> {
        Ok(true)
    }
    fn note(&mut self, _: &str) {}
}

static TABLE: Table<Service> = oncilla::table![counter::program()];

/// Makes a thousand calls, up to eight at once.
fn thousand<F: Framing>(client: oncilla_host::Client<F>) {
    let mut calls = CallsInFlight::<_, 8, { counter::SLOT_MAX }>::new(client);
    let mut tickets = std::collections::VecDeque::new();
    for i in 0..1_000 {
        tickets.push_back((i, start::add(&mut calls, i, 1).unwrap()));
        if tickets.len() == 8 {
            let (i, ticket) = tickets.pop_front().unwrap();
            assert_eq!(finish::add(&mut calls, ticket).unwrap(), i + 1);
        }
    }
    for (i, ticket) in tickets {
        assert_eq!(finish::add(&mut calls, ticket).unwrap(), i + 1);
    }
}

#[test]
fn a_thousand_calls_to_a_server_for_many_clients() {
    let mut server = oncilla_host::Server::new().unwrap().tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap();
    let (tcp, udp, stopper) = (server.tcp_addresses()[0], server.udp_addresses()[0], server.stopper());
    let serving = thread::spawn(move || server.serve(&TABLE, &mut Service));
    thousand::<RecordAhead>(oncilla_host::tcp(tcp).unwrap());
    thousand(oncilla_host::udp(udp).unwrap());
    stopper.stop();
    serving.join().unwrap().unwrap();
}

#[test]
fn polling_does_not_wait_for_a_silent_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = oncilla_host::tcp(listener.local_addr().unwrap()).unwrap();
    client.set_timeout(Duration::from_millis(50));
    let mut calls = CallsInFlight::<_, 1, { counter::SLOT_MAX }>::new(client);
    let (begun, mut polls) = (Instant::now(), 0);
    let ticket = start::add(&mut calls, 1, 2).unwrap();
    while !calls.is_done(&ticket) {
        calls.poll().unwrap();
        polls += 1;
    }
    // If each poll waited, there would be one.
    assert!(polls > 3, "{polls}");
    assert!(begun.elapsed() >= Duration::from_millis(50));
    let result = finish::add(&mut calls, ticket);
    assert!(matches!(result, Err(CallError::TimedOut { after, .. }) if after == Duration::from_millis(50)));
}

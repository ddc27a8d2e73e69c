//! Time-outs, slots and many clients.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use oncilla_host::{Closed, Connector, Event, Server};

use super::*;
use crate::certificates::SERVER;
use crate::sockets::*;

/// A probe, and its reply.
pub fn probed(address: std::net::SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let words = [9, 0, 2, 0x2000_0099, 3, 0, 7, 0, 0, 0_u32];
    stream.write_all(&record(&words.map(u32::to_be_bytes).concat())).unwrap();
    assert_eq!(read_record(&mut stream).unwrap().len(), 32);
    stream
}

/// The beginning of a ClientHello: the header of a TLS record of 512 bytes, and some of them.
const HALF_HELLO: [u8; 9] = [22, 3, 1, 2, 0, 1, 0, 1, 252];

#[test]
fn a_handshake_has_a_time_limit() {
    let (sender, ends) = mpsc::channel();
    let observe = move |event: &Event<'_>| {
        if let Event::Closed { why, .. } = event {
            sender.send(*why).unwrap_or_default();
        }
    };
    let timeout = Duration::from_millis(200);
    let served = Served::new(|server| server.tls(settings()).message_timeout(timeout).observe(observe));
    for part in [&HALF_HELLO[..], &[]] {
        let mut stream = probed(served.address);
        stream.write_all(part).unwrap();
        assert!(is_closed(&mut stream));
        assert_eq!(ends.recv_timeout(PATIENCE), Ok(Closed::MessageTimeout));
    }
    // A session that is established may be idle for longer.
    let mut client = Connector::new().tls(served.address, SERVER, &trusting()).unwrap();
    thread::sleep(3 * timeout);
    assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
}

#[test]
fn parts_of_handshakes_keep_nobody_out() {
    let served = Served::new(|server| server.tls(settings()).connections(3).message_timeout(20 * PATIENCE));
    let mut client = Connector::new().tls(served.address, SERVER, &trusting()).unwrap();
    assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
    let mut halves = Vec::new();
    for part in 0..3 * HALF_HELLO.len() {
        let mut half = probed(served.address);
        half.write_all(&HALF_HELLO[..part % HALF_HELLO.len()]).unwrap();
        halves.push(half);
        // Another one gives way, not the client that has called inside TLS.
        assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
        let mut other = Connector::new().tls(served.address, SERVER, &trusting()).unwrap();
        assert_eq!(probe::Client::new(&mut other).add(2, 3).unwrap(), 5);
    }
}

/// Where TLS is required, a call in the clear proves nothing: it is refused, and its client stays a stranger.
#[test]
fn calls_in_the_clear_keep_nobody_out() {
    let served = Served::new(|server| server.tls(settings()).connections(3).message_timeout(20 * PATIENCE));
    let mut client = Connector::new().tls(served.address, SERVER, &trusting()).unwrap();
    assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
    let mut clear = Vec::new();
    for _ in 0..20 {
        let mut stream = served.raw();
        stream.write_all(&record(&call(5, procedure(4), &[]))).unwrap();
        read_record(&mut stream).unwrap();
        clear.push(stream);
        assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
    }
}

#[test]
fn many_clients_call_at_the_same_time() {
    let served = Served::new(|server| server.tls(mutual()).connections(32));
    thread::scope(|scope| {
        for client in 0..32_i32 {
            let (address, tls) = (served.address, known());
            scope.spawn(move || {
                let connector = Connector::new().connect_timeout(PATIENCE).buffer(1 << 17);
                let mut connection = connector.tls(address, SERVER, &tls).unwrap();
                connection.set_timeout(PATIENCE);
                let mut probe = probe::Client::new(&mut connection);
                let data = vec![client as u8; 60_000];
                for number in 0..10 {
                    assert_eq!(probe.add(client, number).unwrap(), client + number);
                    assert_eq!(probe.echo(&data).unwrap(), data);
                }
            });
        }
    });
    assert_eq!(served.stop().calls, 640);
}

#[test]
fn calls_in_one_tls_record_are_all_answered() {
    // The first read opens all of them, and the socket has nothing more to report.
    let served = serve(settings());
    let count = 500;
    let calls: Vec<u8> = (0..count).flat_map(|xid| record(&call(xid, procedure(2), &[0; 8]))).collect();
    let steps = format!("probe tls raw={} {}", hex(&calls), "read ".repeat(count as usize));
    let lines = peer::Peer::call(served.address, peer::Settings::client(), &steps).lines();
    let replies: Vec<_> = (0..count).map(|xid| hex(&reply(xid, &[0; 4]))).collect();
    assert_eq!(lines[2..], replies);
}

#[test]
fn a_client_that_reads_late_gets_all_replies() {
    let served = serve(settings());
    // Its window is smaller than the reply, so the server waits until it reads.
    let steps = format!("window=32768 probe tls large={DATA_MAX} same large={DATA_MAX} same large=3 same");
    let lines = peer::Peer::call(served.address, peer::Settings::client(), &steps).lines();
    assert_eq!(lines[2..], ["same"; 3]);
}

#[test]
fn workers_serve_inside_tls() {
    let mut server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap().tls(settings());
    let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    let serving = thread::spawn(move || server.serve_with_workers(2, &WORKERS, Shared));
    let mut client = Connector::new().tls(address, SERVER, &trusting()).unwrap();
    assert_eq!(twice::Client::new(&mut client).twice(21).unwrap(), 42);
    stopper.stop();
    serving.join().unwrap().unwrap();
}

oncilla::program! {
    pub mod twice = 0x2000_0098, version 1 {
        fn twice(number: u32) -> u32 = 1;
    }
}

#[derive(Clone)]
struct Shared;

impl twice::Service for Shared {
    fn twice(&mut self, number: u32) -> u32 {
        2 * number
    }
}

static WORKERS: oncilla::Table<Shared> = oncilla::table![twice::program()];

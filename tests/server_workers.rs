//! A server with workers: procedures of different clients run at the same time, those of one connection in order.

#[path = "support/shared_house.rs"]
mod shared_house;
#[path = "support/sockets.rs"]
mod sockets;

use std::io::Write;
use std::net::UdpSocket;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use oncilla_host::Server;
use shared_house::*;
use sockets::{MOMENT, PATIENCE, call, is_closed, read_record, record, reply};

const MEET: u32 = 1;
const NOTE: u32 = 2;
const PANIC: u32 = 3;

#[test]
fn calls_of_four_connections_run_at_the_same_time() {
    let served = Served::new(4, |server| server);
    // Each call returns when four run.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = served.client();
                for _ in 0..100 {
                    house::Client::new(&mut client).meet(4).unwrap();
                }
            });
        }
    });
    assert_eq!(served.stop().calls(), 400);
}

#[test]
fn datagrams_run_at_the_same_time() {
    let server = Server::new().unwrap().udp("127.0.0.1:0").unwrap();
    let address = server.udp_addresses()[0];
    let served = Served::on(4, server);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = oncilla_host::udp(address).unwrap();
                client.set_timeout(PATIENCE);
                for _ in 0..100 {
                    house::Client::new(&mut client).meet(4).unwrap();
                }
            });
        }
    });
    assert_eq!(served.stop().calls(), 400);
}

#[test]
fn the_calls_of_a_connection_run_in_order() {
    let served = Served::new(4, |server| server);
    thread::scope(|scope| {
        for client in 0..8_u32 {
            let served = &served;
            scope.spawn(move || {
                let mut stream = served.raw();
                let mut writer = stream.try_clone().unwrap();
                // All at once, so that the server always has the next call before the last has ended.
                let calls: Vec<u8> = (0..500).flat_map(|xid| record(&note(client, xid))).collect();
                scope.spawn(move || writer.write_all(&calls).unwrap());
                for xid in 0..500 {
                    assert_eq!(read_record(&mut stream).unwrap(), reply(xid, &xid.to_be_bytes()));
                }
            });
        }
    });
    let house = served.stop();
    for client in 0..8 {
        let order: Vec<u32> = house.notes().iter().filter(|note| note.0 == client).map(|note| note.1).collect();
        assert_eq!(order, (0..500).collect::<Vec<_>>());
    }
}

#[test]
fn a_datagram_that_comes_again_while_its_procedure_runs_is_not_executed_again() {
    let server = Server::new().unwrap().udp("127.0.0.1:0").unwrap();
    let address = server.udp_addresses()[0];
    let served = Served::on(4, server);
    let [one, other] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    for socket in [&one, &other] {
        socket.connect(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
    }
    let meet = call(7, procedure(MEET), &2_u32.to_be_bytes());
    for _ in 0..3 {
        one.send(&meet).unwrap();
    }
    // It waits for a second caller. The copies have arrived before that one.
    thread::sleep(MOMENT);
    other.send(&meet).unwrap();
    for socket in [&one, &other] {
        let mut bytes = [0; 100];
        let length = socket.recv(&mut bytes).unwrap();
        assert_eq!(bytes[..length], reply(7, &[]));
    }
    one.set_read_timeout(Some(MOMENT)).unwrap();
    assert!(one.recv(&mut [0; 100]).is_err());
    // After its end it is answered from the cache.
    one.send(&meet).unwrap();
    assert!(one.recv(&mut [0; 100]).is_ok());
    assert_eq!(served.stop().calls(), 2);
}

#[test]
fn more_clients_than_workers_wait_for_their_turn() {
    let served = Served::new(2, |server| server);
    thread::scope(|scope| {
        for client in 0..16 {
            let served = &served;
            scope.spawn(move || {
                let mut caller = served.client();
                for number in 0..50 {
                    house::Client::new(&mut caller).note(client, number).unwrap();
                }
            });
        }
    });
    assert_eq!(served.stop().calls(), 16 * 50);
}

#[test]
fn a_connection_lost_while_its_procedure_runs_does_not_disturb_the_next_in_its_slot() {
    let served = Served::new(2, |server| server.connections(3));
    for round in 0..20 {
        let mut lost = served.raw();
        lost.write_all(&record(&call(round, procedure(MEET), &2_u32.to_be_bytes()))).unwrap();
        drop(lost);
        let mut other = served.raw();
        other.write_all(&record(&call(1000 + round, procedure(MEET), &2_u32.to_be_bytes()))).unwrap();
        assert_eq!(read_record(&mut other).unwrap(), reply(1000 + round, &[]));
    }
    assert_eq!(served.stop().calls(), 40);
}

#[test]
fn a_panic_in_a_procedure_ends_the_server_with_that_panic() {
    let served = Served::new(4, |server| server);
    let mut panicking = served.raw();
    let mut other = served.raw();
    other.write_all(&record(&note(1, 1))).unwrap();
    read_record(&mut other).unwrap();
    panicking.write_all(&record(&call(1, procedure(PANIC), &[]))).unwrap();
    assert!(is_closed(&mut panicking) && is_closed(&mut other));
    let panic = catch_unwind(AssertUnwindSafe(|| served.stop())).err().expect("it has panicked");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the house is on fire"));
}

#[test]
fn a_stop_answers_all_calls_that_were_received() {
    let served = Served::new(4, |server| server.stop_limit(PATIENCE));
    let mut clients: Vec<_> = (0..12).map(|_| served.raw()).collect();
    for (client, stream) in clients.iter_mut().enumerate() {
        let calls: Vec<u8> = (0..5).flat_map(|xid| record(&slow_note(client as u32, xid))).collect();
        stream.write_all(&calls).unwrap();
    }
    // All calls have been read when each connection has had an answer.
    for stream in &mut clients {
        read_record(stream).unwrap();
    }
    let house = served.stop();
    let mut answered = clients.len();
    for stream in &mut clients {
        while read_record(stream).is_ok() {
            answered += 1;
        }
    }
    assert_eq!(answered, 60);
    assert_eq!(house.calls(), 60);
}

#[test]
fn a_stop_has_a_limit_and_sends_the_replies_of_procedures_that_end_after_it() {
    let served = Served::new(2, |server| server);
    let mut clients = [served.raw(), served.raw(), served.raw()];
    for (client, stream) in clients.iter_mut().enumerate() {
        let calls: Vec<u8> = (0..2).flat_map(|xid| record(&slow_note(client as u32, xid))).collect();
        stream.write_all(&calls).unwrap();
    }
    read_record(&mut clients[0]).unwrap();
    let house = served.stop_within(Duration::ZERO);
    let mut answered = 1;
    for stream in &mut clients {
        while read_record(stream).is_ok() {
            answered += 1;
        }
    }
    // Those that ran at the stop have been answered, and no others were begun.
    assert_eq!(house.calls(), answered);
    assert!(answered < 6, "{answered}");
}

fn note(client: u32, number: u32) -> Vec<u8> {
    let arguments = [client.to_be_bytes(), number.to_be_bytes()].concat();
    call(number, procedure(NOTE), &arguments)
}

/// A call that takes a tenth of a second.
fn slow_note(client: u32, number: u32) -> Vec<u8> {
    let arguments = [client.to_be_bytes(), number.to_be_bytes()].concat();
    call(number, procedure(4), &arguments)
}

#[test]
fn a_datagram_that_comes_again_to_another_socket_is_answered_after_its_end() {
    let server = Server::new().unwrap().udp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap();
    let addresses = server.udp_addresses();
    let served = Served::on(4, server);
    let [one, other] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    one.set_read_timeout(Some(PATIENCE)).unwrap();
    let meet = call(7, procedure(MEET), &2_u32.to_be_bytes());
    for address in &addresses {
        one.send_to(&meet, address).unwrap();
        thread::sleep(MOMENT);
    }
    other.send_to(&meet, addresses[0]).unwrap();
    assert!(one.recv(&mut [0; 100]).is_ok());
    one.send_to(&meet, addresses[1]).unwrap();
    assert!(one.recv(&mut [0; 100]).is_ok());
    assert_eq!(served.stop().calls(), 2);
}

//! Calls that come again over a new connection: executed once, answered from the server's replay cache.

#[path = "support/shared_house.rs"]
mod shared_house;
#[path = "support/sockets.rs"]
mod sockets;

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::thread;

use oncilla::message::{CallHeader, OpaqueAuth, SysCredential};
use oncilla_host::Server;
use shared_house::*;
use sockets::{MOMENT, call, read_record, record, reply};

const MEET: u32 = 1;
const NOTE: u32 = 2;

fn note(xid: u32, client: u32) -> Vec<u8> {
    record(&call(xid, procedure(NOTE), &[client.to_be_bytes(), xid.to_be_bytes()].concat()))
}

fn meet(xid: u32) -> Vec<u8> {
    record(&call(xid, procedure(MEET), &2_u32.to_be_bytes()))
}

#[test]
fn a_call_over_a_new_connection_is_executed_once() {
    for workers in [0, 4] {
        let served = Served::new(workers, |server| server.connection_replay_memory(16));
        for xid in 0..10 {
            for _ in 0..3 {
                let mut client = served.raw();
                client.write_all(&note(xid, 1)).unwrap();
                assert_eq!(read_record(&mut client).unwrap(), reply(xid, &xid.to_be_bytes()));
            }
        }
        assert_eq!(served.stop().calls(), 10, "with {workers} workers");
    }
}

#[test]
fn without_a_replay_cache_it_is_executed_again() {
    let served = Served::new(0, |server| server);
    for _ in 0..2 {
        let mut client = served.raw();
        client.write_all(&note(1, 1)).unwrap();
        read_record(&mut client).unwrap();
    }
    assert_eq!(served.stop().calls(), 2);
}

/// The same xid with other bytes, such as other arguments or another user, is another call.
#[test]
fn another_call_with_the_same_xid_is_executed() {
    let served = Served::new(0, |server| server.connection_replay_memory(16));
    let mut client = served.raw();
    let arguments = [0_u32, 7].map(u32::to_be_bytes).concat();
    let of_user = |uid| {
        let user = SysCredential::new(0, "host", uid, 0, &[]).unwrap();
        let header = CallHeader { xid: 7, id: procedure(NOTE), credential: user.as_auth(), verifier: OpaqueAuth::NONE };
        let mut message = vec![0; 200];
        let length = header.write(&mut message).unwrap();
        message.truncate(length);
        message.extend(&arguments);
        record(&message)
    };
    for call in [note(7, 0), note(7, 1), of_user(1), of_user(2), of_user(1)] {
        client.write_all(&call).unwrap();
        read_record(&mut client).unwrap();
    }
    assert_eq!(served.stop().calls(), 4);
}

/// The first execution still runs in a worker. The client has lost its connection and calls again.
#[test]
fn a_call_that_comes_again_while_it_runs_waits_for_the_reply_of_the_first() {
    let served = Served::new(4, |server| server.connection_replay_memory(16));
    let mut lost = served.raw();
    lost.write_all(&meet(7)).unwrap();
    while served.house().calls() < 1 {
        thread::yield_now();
    }
    drop(lost);
    // More copies than workers: none may take one.
    let mut again: Vec<_> = (0..8).map(|_| served.raw()).collect();
    for client in &mut again {
        client.write_all(&meet(7)).unwrap();
    }
    thread::sleep(MOMENT);
    assert_eq!(served.house().calls(), 1);
    // Other clients are served meanwhile; this one is whom the first call waits for.
    let mut other = served.raw();
    other.write_all(&meet(8)).unwrap();
    assert_eq!(read_record(&mut other).unwrap(), reply(8, &[]));
    for client in &mut again {
        assert_eq!(read_record(client).unwrap(), reply(7, &[]));
    }
    assert_eq!(served.stop().calls(), 2);
}

/// Clients of one user are one machine, whatever process they are.
#[test]
fn on_a_unix_socket_it_is_executed_once() {
    let path = std::env::temp_dir().join(format!("oncilla-again-{}", std::process::id()));
    let server = Server::new().unwrap().unix(&path).unwrap().connection_replay_memory(16);
    let served = Served::on(0, server);
    for _ in 0..3 {
        let mut client = UnixStream::connect(&path).unwrap();
        client.write_all(&note(7, 1)).unwrap();
        assert_eq!(read_record(&mut client).unwrap(), reply(7, &7_u32.to_be_bytes()));
    }
    assert_eq!(served.stop().calls(), 1);
}

/// Replies are lost with their connections, at any point of many calls.
#[test]
fn under_load_with_connections_lost_at_random_no_call_is_executed_twice() {
    let served = Served::new(3, |server| server.connections(100).connection_replay_memory(256));
    thread::scope(|scope| {
        for client in 0..8_u32 {
            let served = &served;
            scope.spawn(move || {
                for number in 0..100 {
                    let xid = client * 1000 + number;
                    // It gives up before the reply one to three times.
                    for _ in 0..xid % 3 + 1 {
                        let mut lost = served.raw();
                        lost.write_all(&note(xid, client)).unwrap();
                    }
                    let mut connection = served.raw();
                    connection.write_all(&note(xid, client)).unwrap();
                    assert_eq!(read_record(&mut connection).unwrap(), reply(xid, &xid.to_be_bytes()));
                }
            });
        }
    });
    let mut notes = served.stop().notes();
    let executed = notes.len();
    notes.sort_unstable();
    notes.dedup();
    assert_eq!((notes.len(), executed), (800, 800));
}

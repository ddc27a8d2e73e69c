//! One client for many threads, with this library's server and with servers played by hand.

mod alone;
mod hostile;
mod lost;
mod order;
mod sending;
#[path = "../support/sockets.rs"]
mod sockets;
mod threads;
mod turns;

use std::net::{TcpListener, TcpStream};
use std::thread;

use oncilla_host::{Connector, SharedClient};
use sockets::*;

/// Runs a server played by hand, which has the one connection, and a test with a client of it.
fn played<R>(script: impl FnOnce(TcpStream) + Send, test: impl FnOnce(SharedClient) -> R) -> R {
    played_with(4096, script, test)
}

/// The same with buffers of so many bytes.
fn played_with<R>(buffer: usize, script: impl FnOnce(TcpStream) + Send, test: impl FnOnce(SharedClient) -> R) -> R {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            let stream = listener.accept().unwrap().0;
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.set_write_timeout(Some(PATIENCE)).unwrap();
            script(stream);
        });
        test(patient(Connector::new().buffer(buffer).shared_tcp(address).unwrap()))
    })
}

fn patient(mut client: SharedClient) -> SharedClient {
    client.set_timeout(PATIENCE);
    client
}

/// The reply to a call of `add`: the sum of its arguments.
fn sum(call: &[u8]) -> Vec<u8> {
    let word = |at: usize| i32::from_be_bytes(call[at..][..4].try_into().unwrap());
    reply(xid(call), &word(40).wrapping_add(word(44)).to_be_bytes())
}

//! Many clients of one server, and procedures that wait.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use oncilla::ProcedureId;
use oncilla::message::{CallHeader, OpaqueAuth};
use oncilla_host::Server;

use crate::ours::{server, speed};
use crate::ratio::Run;

/// Clients of a server whose procedures wait.
const CLIENTS: usize = 16;

/// Calls of each client, one after another.
const CALLS: u64 = 4;

oncilla::program! {
    mod waiting = 0x2000_0779, version 1 {
        /// Takes a millisecond.
        fn wait() = 1;
    }
}

#[derive(Clone)]
struct Waiting;

impl waiting::Service for Waiting {
    fn wait(&mut self) {
        thread::sleep(Duration::from_millis(1));
    }
}

static TABLE: oncilla::Table<Waiting> = oncilla::table![waiting::program()];

/// Serves procedures that wait, in one thread or with four workers.
pub fn serve_waiting(role: &str) {
    let mut server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap();
    println!("{}", server.tcp_addresses()[0].port());
    match role {
        "four waiting" => server.serve_with_workers(4, &TABLE, Waiting).unwrap(),
        _ => server.serve(&TABLE, &mut Waiting).unwrap(),
    }
}

/// 64 calls of 16 clients at once, whose procedures wait, in a server with `one` thread of procedures or `four`.
pub fn waiting(kind: &str) -> Run {
    let (process, address) = server(kind, "waiting");
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| oncilla_host::tcp(&*address).unwrap()).collect();
    Box::new(move |times| {
        let _server = &process;
        let begun = Instant::now();
        thread::scope(|scope| {
            for client in &mut clients {
                let mut waiting = waiting::Client::new(client);
                scope.spawn(move || (0..times * CALLS).for_each(|_| waiting.wait().unwrap()));
            }
        });
        begun.elapsed()
    })
}

/// Null calls of so many clients, each of which has one call under way.
pub fn null(clients: usize) -> Run {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    let (process, address) = server("many", "tcp");
    let connect = |_| {
        let stream = TcpStream::connect(&*address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    };
    let mut streams: Vec<TcpStream> = (0..clients).map(connect).collect();
    let id = ProcedureId { program: speed::PROGRAM, version: speed::VERSION, procedure: 0 };
    let header = CallHeader { xid: 7, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut call = [0; 44];
    call[..4].copy_from_slice(&(1 << 31 | 40_u32).to_be_bytes());
    header.write(&mut call[4..]).unwrap();
    Box::new(move |times| {
        let _server = &process;
        let begun = Instant::now();
        let mut left = usize::try_from(times).unwrap();
        while left > 0 {
            let round = left.min(streams.len());
            for stream in &mut streams[..round] {
                stream.write_all(&call).unwrap();
            }
            for stream in &mut streams[..round] {
                stream.read_exact(&mut [0; 28]).unwrap();
            }
            left -= round;
        }
        begun.elapsed()
    })
}

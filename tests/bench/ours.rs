//! Our clients and servers.

use std::collections::VecDeque;
use std::env;
use std::net::TcpListener;
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use oncilla::framing::RecordAhead;
use oncilla::{Caller, CallsInFlight, Link, Transport};
use oncilla_host::{Connector, Datagrams, Reconnect, Server, Socket};

use crate::peers::{Process, serve};
use crate::ratio::Run;

pub const DATA_MAX: usize = 65_536;

oncilla::program! {
    pub mod speed = 0x2000_0778, version 1 {
        fn echo(data: &[u8] [..DATA_MAX]) -> &[u8] [..DATA_MAX] = 1;
    }
}

struct Service;

impl speed::Service for Service {
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
}

static TABLE: oncilla::Table<Service> = oncilla::table![speed::program()];

/// Tells a process which server to be.
const ROLE: &str = "ONCILLA_BENCHMARK_SERVES";

/// Serves for ever if this process was started to.
pub fn serves() -> bool {
    let Ok(role) = env::var(ROLE) else { return false };
    // No thread waits for the end of the process that has started it: system calls cost more in a process that
    // has several.
    set_pdeathsig(Signal::SIGKILL).unwrap();
    match role.as_str() {
        "one tcp" => {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            println!("{}", listener.local_addr().unwrap().port());
            let (stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            serve_link::<Socket>(stream.into());
        }
        "one udp" => {
            let socket = Datagrams::bind("127.0.0.1:0").unwrap();
            println!("{}", socket.address().port());
            serve_link(socket);
        }
        "one waiting" | "four waiting" => crate::many::serve_waiting(&role),
        _ => {
            let mut server = Server::new().unwrap().call_max(speed::CALL_MAX).connections(1000);
            // The counters are not asked here, only counted.
            let _metrics = role.starts_with("counted").then(|| server.metrics());
            let mut server = server.tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap();
            println!("{} {}", server.tcp_addresses()[0].port(), server.udp_addresses()[0].port());
            server.serve(&TABLE, &mut Service).unwrap();
        }
    }
    true
}

/// Serves one client, in as few system calls as there can be.
fn serve_link<T: Transport>(transport: T)
where
    T::Error: std::fmt::Debug,
{
    let buffer = || vec![0; RecordAhead::buffer(speed::CALL_MAX)].into_boxed_slice();
    Link::new(transport, buffer(), buffer()).serve(&TABLE, &mut Service).unwrap();
}

/// Starts a server in a role, such as `many tcp`, and returns where it listens.
pub fn server(kind: &str, transport: &str) -> (Process, String) {
    let role = format!("{kind} {transport}");
    let (process, ports) = serve(Command::new(env::current_exe().unwrap()).env(ROLE, role));
    let port = if kind != "one" && transport == "udp" { &ports[1] } else { &ports[0] };
    let address = format!("127.0.0.1:{port}");
    (process, address)
}

fn connector() -> Connector {
    Connector::new().buffer(RecordAhead::buffer(speed::CALL_MAX))
}

/// Null calls of a client, which keeps its server.
fn calls<T: Caller + 'static>(mut caller: T, server: Process) -> Run
where
    T::Error: std::fmt::Debug,
{
    Box::new(move |times| {
        let _server = &server;
        let mut client = speed::Client::new(&mut caller);
        measured(times, || client.null().unwrap())
    })
}

/// NULL, on `tcp` or `udp`, of a server for `one` client, `many`, or many that are `counted`.
pub fn null(transport: &str, kind: &str) -> Run {
    let (server, address) = server(kind, transport);
    match transport {
        "tcp" => calls(connector().tcp(address).unwrap(), server),
        _ => calls(connector().udp(address).unwrap(), server),
    }
}

/// NULL on TCP, of a client for many threads that one thread uses, and that would connect again.
pub fn null_shared() -> Run {
    let (server, address) = server("many", "tcp");
    let policy = Reconnect::within(Duration::from_secs(10));
    calls(connector().reconnect(policy).shared_tcp(address).unwrap(), server)
}

/// Threads that call at once.
const THREADS: usize = 8;

/// Calls of each thread in one measured piece, so that starting the threads hardly counts.
const CALLS: u64 = 200;

/// An echo of 16 bytes on TCP, of threads that share a connection.
pub fn threads_on_one_connection() -> Run {
    let (server, address) = server("many", "tcp");
    let shared = connector().shared_tcp(address).unwrap();
    at_once((0..THREADS).map(|_| shared.clone()).collect(), server)
}

/// An echo of 16 bytes on TCP, of threads that have a connection each.
pub fn threads_on_connections() -> Run {
    let (server, address) = server("many", "tcp");
    at_once((0..THREADS).map(|_| connector().tcp(&address).unwrap()).collect(), server)
}

/// 200 echoes of 16 bytes by each caller, in a thread of its own.
fn at_once<C: Caller<Error = std::io::Error> + Send + 'static>(mut callers: Vec<C>, server: Process) -> Run {
    Box::new(move |times| {
        let _server = &server;
        let ready = Barrier::new(callers.len() + 1);
        let begun = thread::scope(|scope| {
            for caller in &mut callers {
                let (ready, mut client) = (&ready, speed::Client::new(caller));
                scope.spawn(move || {
                    ready.wait();
                    for _ in 0..times * CALLS {
                        assert_eq!(client.echo(&[7; 16]).unwrap().len(), 16);
                    }
                });
            }
            ready.wait();
            Instant::now()
        });
        begun.elapsed()
    })
}

/// NULL on TCP, by a client that would connect again.
pub fn null_reconnecting(kind: &str) -> Run {
    let (server, address) = server(kind, "tcp");
    calls(connector().reconnect(Reconnect::for_ever()).tcp(address).unwrap(), server)
}

/// An echo of 64 KiB on TCP.
pub fn echo(kind: &str) -> Run {
    let (server, address) = server(kind, "tcp");
    let mut caller = connector().tcp(address).unwrap();
    let data = vec![7; DATA_MAX];
    Box::new(move |times| {
        let _server = &server;
        let mut client = speed::Client::new(&mut caller);
        measured(times, || assert_eq!(client.echo(&data).unwrap().len(), DATA_MAX))
    })
}

/// An echo of 16 bytes on TCP, one call after the other.
pub fn small_echo(kind: &str) -> Run {
    let (server, address) = server(kind, "tcp");
    let mut caller = connector().tcp(address).unwrap();
    Box::new(move |times| {
        let _server = &server;
        let mut client = speed::Client::new(&mut caller);
        measured(times, || assert_eq!(client.echo(&[7; 16]).unwrap().len(), 16))
    })
}

/// The same, eight calls at once.
pub fn small_echoes(kind: &str) -> Run {
    let (server, address) = server(kind, "tcp");
    let mut caller = connector().tcp(address).unwrap();
    Box::new(move |times| {
        let _server = &server;
        let mut calls = CallsInFlight::<_, 8, 32>::new(&mut caller);
        let mut tickets = VecDeque::with_capacity(8);
        let begun = Instant::now();
        for call in 0..times + 8 {
            if call >= 8
                && let Some(ticket) = tickets.pop_front()
            {
                assert_eq!(speed::finish::echo(&mut calls, ticket).unwrap().len(), 16);
            }
            if call < times {
                tickets.push_back(speed::start::echo(&mut calls, &[7; 16]).unwrap());
            }
        }
        begun.elapsed()
    })
}

/// How long it takes to do something so many times.
pub fn measured(times: u64, mut once: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        once();
    }
    start.elapsed()
}

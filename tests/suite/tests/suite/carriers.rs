//! The whole suite over every carrier that a host has.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread;

use oncilla::framing::{Datagram, RecordAhead};
use oncilla::{Link, ReplayCache, Served, Time};
use oncilla_host::{Server, Socket};
use oncilla_suite::checks::{Board, Report, run};
use oncilla_suite::{CALL_MAX, Parts, REPLY_MAX, Suite, TABLE};

/// What a server of many clients has: nothing that needs a line, and no replay cache.
const SERVER: Parts = Parts::BUILT;

/// Shows the table to whoever runs the test with `--nocapture`.
pub fn is_good(report: &Report, least: usize) {
    println!("{report}");
    assert!(report.is_good(), "{report}");
    assert!(report.passed() >= least, "only {} checks were made:\n{report}", report.passed());
}

/// A connection that does not wait for more to send, which would make every batch and burst slow.
pub fn tcp(address: SocketAddr) -> io::Result<Socket<RecordAhead>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    Ok(stream.into())
}

/// Serves by `Server` while the checks run.
fn on_server(mut server: Server, checks: impl FnOnce() -> Report) -> Report {
    let stopper = server.stopper();
    let serving = thread::spawn(move || server.serve(&TABLE, &mut Suite::new(Parts::NONE)));
    let report = checks();
    stopper.stop();
    serving.join().unwrap().unwrap();
    report
}

#[test]
fn on_tcp() {
    let server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap();
    let address = server.tcp_addresses()[0];
    is_good(&on_server(server, || run(&Board::new(SERVER), || tcp(address))), 40);
}

#[test]
fn on_udp() {
    let server = Server::new().unwrap().udp("127.0.0.1:0").unwrap();
    let address = server.udp_addresses()[0];
    let connect = || {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(address)?;
        io::Result::Ok(Socket::<Datagram>::from(socket))
    };
    is_good(&on_server(server, || run(&Board::new(SERVER), connect)), 35);
}

#[test]
fn on_a_unix_socket() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("suite-{}", std::process::id()));
    let server = Server::new().unwrap().unix(&path).unwrap();
    let connect = || UnixStream::connect(&path).map(Socket::<RecordAhead>::from);
    is_good(&on_server(server, || run(&Board::new(SERVER), connect)), 40);
}

/// As a board does that has one socket: it takes the next connection when the one before is closed.
#[test]
fn one_connection_at_a_time_with_a_memory_of_replies() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut stopped = false;
    thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let (mut suite, mut replay) = (Suite::new(Parts::REPLAY), ReplayCache::<4, 64>::new());
            let (mut rx, mut tx) = (vec![0; RecordAhead::buffer(CALL_MAX)], vec![0; RecordAhead::buffer(REPLY_MAX)]);
            // A connection that is closed without a call ends it.
            while !stopped {
                let socket = Socket::<RecordAhead>::from(listener.accept().unwrap().0);
                let mut link = Link::new(socket, &mut rx[..], &mut tx[..]);
                stopped = true;
                while link.serve_next_once(&mut replay, &TABLE, &mut suite, Time::NEVER).unwrap() != Served::End {
                    stopped = false;
                }
            }
        });
        let report = run(&Board::new(SERVER | Parts::REPLAY), || tcp(address));
        drop(tcp(address).unwrap());
        serving.join().unwrap();
        is_good(&report, 43);
    });
}

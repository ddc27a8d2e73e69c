//! Clients that read nothing, send nothing or exhaust the descriptors must not delay other clients.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::socket::{setsockopt, sockopt};

use crate::examples::{LIMIT, Server, WAYS, Way, add, ours};

/// A call of `add`, with its record mark.
fn call() -> Vec<u8> {
    [0x8000_0030, 1, 0, 2, 0x2000_0055, 1, 1, 0, 0, 0, 0, 1, 2].into_iter().flat_map(u32::to_be_bytes).collect()
}

/// Calls on a connection that reads nothing, until the server takes no more calls.
fn stuffed(server: &Server) -> TcpStream {
    let mut connection = TcpStream::connect(server.address("tcp")).unwrap();
    // Small buffers, so that it does not take long.
    setsockopt(&connection, sockopt::RcvBuf, &4096).unwrap();
    setsockopt(&connection, sockopt::SndBuf, &4096).unwrap();
    connection.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    let calls = call().repeat(100);
    while connection.write_all(&calls).is_ok() {}
    connection
}

#[test]
fn a_client_that_reads_nothing_does_not_delay_others() {
    for way in WAYS {
        // Longer than this test would wait.
        let mut command = ours("server", way);
        command.args(["0", "", "100000"]);
        let server = Server::start(command);
        let mut other = server.connect();
        assert_eq!(add(&mut other, 1, 1).unwrap(), 2);
        let mut stuffed = stuffed(&server);
        for number in 0..3 {
            assert_eq!(add(&mut other, number, 1).unwrap(), number + 1);
            assert_eq!(add(&mut server.datagrams(), number, 2).unwrap(), number + 2);
        }
        // A client that reads late receives the replies to all calls that were taken.
        stuffed.set_read_timeout(Some(LIMIT)).unwrap();
        let mut reply = [0; 32];
        for _ in 0..1000 {
            stuffed.read_exact(&mut reply).unwrap();
            assert_eq!((reply[..4] == [0x80, 0, 0, 28], reply[31]), (true, 3));
        }
        // A reply sent in part does not prevent the server's end.
        server.end();
    }
}

#[test]
fn a_client_that_reads_nothing_is_disconnected() {
    for way in WAYS {
        let mut command = ours("server", way);
        command.args(["0", "", "100"]);
        let server = Server::start(command);
        let mut stuffed = stuffed(&server);
        stuffed.set_read_timeout(Some(LIMIT)).unwrap();
        let _ = stuffed.shutdown(Shutdown::Write);
        let end = loop {
            match stuffed.read(&mut [0; 1 << 16]) {
                Ok(0) => break None,
                Ok(_) => {}
                Err(error) => break Some(error.kind()),
            }
        };
        assert!(matches!(end, None | Some(ErrorKind::ConnectionReset)), "the server closes: {end:?}");
        server.end();
    }
}

#[test]
fn an_idle_connection_is_replaced_by_a_new_one() {
    for way in WAYS {
        // Two simultaneous connections.
        let server = Server::start(ours("server", way));
        let (mut first, mut second) = (server.connect(), server.connect());
        assert_eq!(add(&mut first, 1, 1).unwrap(), 2);
        assert_eq!(add(&mut second, 2, 2).unwrap(), 4);
        assert_eq!(add(&mut first, 3, 3).unwrap(), 6);
        let mut third = server.connect();
        assert_eq!(add(&mut third, 4, 4).unwrap(), 8);
        // The second connection was idle longest. Its call was not executed.
        let gone = add(&mut second, 5, 5);
        assert!(gone.is_err(), "{gone:?}");
        assert_eq!(add(&mut first, 6, 6).unwrap(), 12);
        assert_eq!(server.end(), "5 additions\n");
    }
}

#[test]
fn a_connection_without_a_descriptor_delays_no_others() {
    let program = ours("server", Way::Plain);
    let mut command = Command::new("sh");
    // Descriptors: the standard streams, the listener, UDP, a pipe, and one connection.
    command.args(["-c", "ulimit -n 8 && exec \"$0\""]).arg(program.get_program());
    let server = Server::start(command);
    let mut other = server.connect();
    assert_eq!(add(&mut other, 1, 1).unwrap(), 2);
    // With a part of a call sent, so that it is not replaced.
    let mut amid = TcpStream::connect(server.address("tcp")).unwrap();
    let (last, most) = (call()[51], call()[..51].to_vec());
    drop(other);
    amid.write_all(&most).unwrap();
    thread::sleep(Duration::from_millis(50));
    let stranger = TcpStream::connect(server.address("tcp")).unwrap();
    let start = Instant::now();
    let mut datagrams = server.datagrams();
    for number in 0..1000 {
        assert_eq!(add(&mut datagrams, number, 1).unwrap(), number + 1);
    }
    // A tenth of a second in each round would be 100 seconds.
    assert!(start.elapsed() < Duration::from_secs(50), "{:?}", start.elapsed());
    amid.write_all(&[last]).unwrap();
    amid.read_exact(&mut [0; 32]).unwrap();
    drop(stranger);
    server.end();
}

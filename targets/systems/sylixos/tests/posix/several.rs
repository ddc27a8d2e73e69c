//! One server thread serves several clients, and ends when it is stopped.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::examples::{LIMIT, Server, WAYS, add, ours};

/// A connection that has sent a part of a call.
fn half_a_call(server: &Server) -> TcpStream {
    let mut connection = TcpStream::connect(server.address("tcp")).unwrap();
    connection.write_all(&[0x80, 0, 0, 48, 1, 2, 3]).unwrap();
    connection
}

#[test]
fn a_slow_client_does_not_delay_others() {
    for way in WAYS {
        let server = Server::start(ours("server", way));
        let _slow = half_a_call(&server);
        let mut other = server.connect();
        let mut datagrams = server.datagrams();
        for number in 0..3 {
            assert_eq!(add(&mut other, number, 1).unwrap(), number + 1);
            assert_eq!(add(&mut datagrams, number, 2).unwrap(), number + 2);
        }
        // The server is stopped while two connections are open.
        server.end();
    }
}

#[test]
fn a_new_client_waits_when_all_links_are_in_a_call() {
    for way in WAYS {
        let server = Server::start(ours("server", way));
        let slow = [half_a_call(&server), half_a_call(&server)];
        let mut other = server.connect();
        other.set_timeout(Duration::from_millis(100));
        assert!(matches!(add(&mut other, 2, 2), Err(oncilla::CallError::TimedOut { .. })));
        drop(slow);
        other.set_timeout(LIMIT);
        assert_eq!(add(&mut other, 3, 3).unwrap(), 6);
        // The call that timed out was executed late.
        assert_eq!(server.end(), "2 additions\n");
    }
}

#[test]
fn a_silent_client_is_disconnected_by_the_server() {
    for way in WAYS {
        let mut command = ours("server", way);
        command.arg("100");
        let server = Server::start(command);
        let mut slow = TcpStream::connect(server.address("tcp")).unwrap();
        // Half a call. It may arrive after the server has closed, because this process may be slow too.
        let _ = slow.write_all(&[0x80, 0, 0, 48, 1, 2, 3]);
        let end = slow.read(&mut [0]);
        let reset = |error: &Error| error.kind() == ErrorKind::ConnectionReset;
        assert!(matches!(end, Ok(0)) || end.as_ref().is_err_and(reset), "the server closes: {end:?}");
        // Not on a connection, which might also be closed before its call arrives.
        assert_eq!(add(&mut server.datagrams(), 1, 1).unwrap(), 2);
        server.end();
    }
}

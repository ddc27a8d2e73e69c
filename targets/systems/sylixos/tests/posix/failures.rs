//! Failed calls: the errors of the shim's client, and the refusals that a client of libtirpc receives.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;

use crate::examples::{LIMIT, Server, WAYS, failure, ours, peers};

/// Bytes of a call of the adder, with its record mark.
const CALL: usize = 52;

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    (listener, port)
}

/// Accepts one connection, reads a call from it, and passes both to `then`.
fn take_call(then: fn(TcpStream)) -> String {
    let (listener, port) = listener();
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.read_exact(&mut [0; CALL]).unwrap();
        then(connection);
    });
    port
}

#[test]
fn no_server_listens() {
    for way in WAYS {
        let (gone, port) = listener();
        drop(gone);
        let said = failure(ours("client", way).args(["tcp", &port, "1", "2"]));
        assert!(said.starts_with("ONCILLA_TRANSPORT") && said.ends_with(": Connection refused\n"), "{said}");
    }
}

#[test]
fn no_server_has_the_udp_port() {
    let gone = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = gone.local_addr().unwrap().port().to_string();
    drop(gone);
    for way in WAYS {
        let said = failure(ours("client", way).args(["udp", &port, "1", "2", "1", "100"]));
        assert!(said.starts_with("ONCILLA_TIMED_OUT"), "{said}");
    }
}

#[test]
fn the_server_is_silent() {
    for way in WAYS {
        // Reads until the client has left.
        let port = take_call(|mut connection| assert_eq!(connection.read(&mut [0]).unwrap(), 0));
        let said = failure(ours("client", way).args(["tcp", &port, "1", "2", "1", "100"]));
        assert!(said.starts_with("ONCILLA_TIMED_OUT"), "{said}");
    }
}

#[test]
fn a_connection_is_not_made_in_time() {
    // The queue of the listener is full, so further connections are not answered.
    let (listener, port) = listener();
    let address: SocketAddr = listener.local_addr().unwrap();
    let socket = nix::sys::socket::listen(&listener, nix::sys::socket::Backlog::new(0).unwrap());
    socket.unwrap();
    let _waiting: Vec<_> = (0..2)
        .map_while(|_| TcpStream::connect_timeout(&address, std::time::Duration::from_millis(200)).ok())
        .collect();
    for way in WAYS {
        let said = failure(ours("client", way).args(["tcp", &port, "1", "2", "1", "100"]));
        assert!(said.starts_with("ONCILLA_TIMED_OUT"), "{said}");
    }
}

/// A call of `add`, with empty credentials.
fn call(xid: u32) -> Vec<u8> {
    [xid, 0, 2, 0x2000_0055, 1, 1, 0, 0, 0, 0, 1, 2].into_iter().flat_map(u32::to_be_bytes).collect()
}

#[test]
fn a_call_in_a_datagram_that_is_too_large_is_refused() {
    for way in WAYS {
        let server = Server::start(ours("server", way));
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        let mut large = call(1);
        large.resize(4096, 0);
        let mut reply = [0; 64];
        for message in [large, call(2)] {
            socket.send_to(&message, server.address("udp")).unwrap();
        }
        assert_eq!(socket.recv(&mut reply).unwrap(), 24);
        assert_eq!((reply[3], reply[23]), (1, 4), "the reply to the first, GARBAGE_ARGS");
        assert_eq!(socket.recv(&mut reply).unwrap(), 28);
        assert_eq!((reply[3], reply[27]), (2, 3), "the reply to the second, with the sum");
        assert_eq!(server.end(), "1 additions\n");
    }
}

#[test]
fn a_reply_in_a_datagram_that_is_too_large_ends_its_call() {
    for way in WAYS {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        server.set_read_timeout(Some(LIMIT)).unwrap();
        let port = server.local_addr().unwrap().port().to_string();
        thread::spawn(move || {
            let mut call = [0; 64];
            let (_, from) = server.recv_from(&mut call).unwrap();
            let mut reply = vec![0; 1000];
            reply[..4].copy_from_slice(&call[..4]);
            reply[7] = 1;
            server.send_to(&reply, from).unwrap();
        });
        let said = failure(ours("client", way).args(["udp", &port, "1", "2"]));
        assert!(said.starts_with("ONCILLA_REPLY_TOO_LARGE"), "{said}");
    }
}

#[test]
fn the_server_leaves_during_a_call() {
    for way in WAYS {
        let port = take_call(drop);
        let said = failure(ours("client", way).args(["tcp", &port, "1", "2"]));
        assert!(said.starts_with("ONCILLA_CLOSED"), "{said}");
    }
}

#[test]
fn libtirpcs_server_has_another_version() {
    let server = Server::start(peers("peer_server"));
    for way in WAYS {
        for (transport, port) in server.ports() {
            let said = failure(ours("client", way).args([transport, port, "1", "2", "7"]));
            assert!(said.starts_with("ONCILLA_PROG_MISMATCH 1-1"), "{said}");
        }
    }
}

#[test]
fn our_server_has_another_version_than_libtirpcs_client_wants() {
    for way in WAYS {
        let server = Server::start(ours("server", way));
        for (transport, port) in server.ports() {
            let said = failure(peers("peer_client").args([transport, port, "1", "2", "7"]));
            assert!(said.contains("Program/version mismatch; low version = 1, high version = 1"), "{said}");
        }
        assert_eq!(server.end(), "0 additions\n");
    }
}

//! Datagrams on a host: messages larger than the buffer, strangers, and peers that are away for a while.

#[path = "support/sockets.rs"]
mod sockets;

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use oncilla::framing::Datagram;
use oncilla::{CallError, Caller, Client, Link, Received, Retry, Served as Outcome, Time, Transport};
use oncilla_host::{Connector, Datagrams, Server};
use sockets::*;

const HERE: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// The size of the clients' buffers.
const BUFFER: usize = 100;

/// A socket on which the test plays a peer by hand.
fn raw() -> UdpSocket {
    let socket = UdpSocket::bind(HERE).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 1 << 16];
    let (length, from) = socket.recv_from(&mut buffer).unwrap();
    buffer.truncate(length);
    (buffer, from)
}

/// Calls a server whose reply has `size` bytes; returns the size of the results.
fn reply_of<T>(
    connect: impl FnOnce(SocketAddr) -> Client<T, Box<[u8]>>,
    size: usize,
) -> Result<usize, CallError<T::Error>>
where
    T: Transport<Framing = Datagram>,
{
    let server = raw();
    let mut client = connect(server.local_addr().unwrap());
    client.set_timeout(PATIENCE);
    client.set_retry(Retry::NEVER);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (call, from) = receive(&server);
            server.send_to(&reply(xid(&call), &vec![0; size - 24]), from).unwrap();
        });
        client.call(procedure(4), |_| Ok(()), |results| Ok(results.len()))
    })
}

#[test]
fn a_reply_larger_than_the_buffer_is_an_error_and_not_its_beginning() {
    for size in [BUFFER + 4, 1284] {
        let to_one = reply_of(|address| Connector::new().buffer(BUFFER).udp(address).unwrap(), size);
        assert!(
            matches!(to_one, Err(CallError::ReplyTooLarge { size: found }) if found as usize == size),
            "{to_one:?}"
        );
        let to_any = reply_of(|address| Connector::new().buffer(BUFFER).udp_any_port(address).unwrap(), size);
        assert!(
            matches!(to_any, Err(CallError::ReplyTooLarge { size: found }) if found as usize == size),
            "{to_any:?}"
        );
    }
}

#[test]
fn a_reply_as_large_as_the_buffer_is_whole() {
    assert_eq!(reply_of(|address| Connector::new().buffer(BUFFER).udp(address).unwrap(), BUFFER).unwrap(), BUFFER - 24);
    let to_any = reply_of(|address| Connector::new().buffer(BUFFER).udp_any_port(address).unwrap(), BUFFER);
    assert_eq!(to_any.unwrap(), BUFFER - 24);
}

/// Sends to `address` from `socket` without pause until `wait` returns, which must not take as long as the sending.
fn while_flooded<R>(socket: &UdpSocket, address: SocketAddr, message: &[u8], wait: impl FnOnce() -> R) -> R {
    let (done, gave_up) = (AtomicBool::new(false), AtomicBool::new(false));
    let end = Instant::now() + PATIENCE / 4;
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) && !gave_up.load(Ordering::Relaxed) {
                // Without privileges a send may fail when buffers are full.
                let _ = socket.send_to(message, address);
                gave_up.store(Instant::now() > end, Ordering::Relaxed);
            }
        });
        let result = wait();
        done.store(true, Ordering::Relaxed);
        assert!(!gave_up.load(Ordering::Relaxed), "waited as long as datagrams came");
        result
    })
}

/// Waits on a link for a message, while `socket` sends datagrams that are no message.
fn wait_flooded<T: Transport<Error: std::fmt::Debug>>(
    mut transport: T,
    socket: &UdpSocket,
    address: SocketAddr,
    message: &[u8],
) {
    let came = while_flooded(socket, address, message, || {
        let deadline = transport.now().after(MOMENT);
        transport.receive(&mut [0; 64], deadline)
    });
    assert_eq!(came.unwrap(), Received::TimeUp);
}

#[test]
fn datagrams_that_are_no_message_do_not_extend_a_wait() {
    // A connected client: empty datagrams of its own server.
    let server = raw();
    let socket = raw();
    socket.connect(server.local_addr().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    wait_flooded(oncilla_host::Socket::<Datagram>::from(socket), &server, address, &[]);

    // A server: empty datagrams of any sender.
    let datagrams = Datagrams::bind(HERE).unwrap();
    let address = datagrams.address();
    wait_flooded(datagrams, &raw(), address, &[]);
}

#[test]
fn datagrams_of_strangers_do_not_extend_a_call() {
    let server = raw();
    let mut client = Connector::new().udp_any_port(server.local_addr().unwrap()).unwrap();
    client.set_timeout(MOMENT);
    // The first call shows the client's address.
    assert!(matches!(probe::Client::new(&mut client).count(), Err(CallError::TimedOut { .. })));
    let (_, address) = receive(&server);
    // From another machine's address.
    let stranger = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).unwrap();
    let port = SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()));
    let call = while_flooded(&stranger, port, b"a stranger's message", || probe::Client::new(&mut client).count());
    assert!(matches!(call, Err(CallError::TimedOut { .. })), "{call:?}");
}

#[test]
fn datagrams_of_strangers_do_not_extend_a_search() {
    let rpcbind = raw();
    let SocketAddr::V4(asked) = rpcbind.local_addr().unwrap() else { unreachable!() };
    let mut search = oncilla_host::search_at([asked], 7, 1, MOMENT).unwrap();
    let (_, address) = receive(&rpcbind);
    let found = while_flooded(&raw(), address, b"a stranger's message", || search.next());
    assert!(found.is_none(), "{found:?}");
}

#[test]
fn a_reply_to_a_search_that_is_too_long_is_dropped() {
    let rpcbind = raw();
    let SocketAddr::V4(asked) = rpcbind.local_addr().unwrap() else { unreachable!() };
    let asked: SocketAddrV4 = asked;
    let mut search = oncilla_host::search_at([asked], 7, 1, PATIENCE).unwrap();
    let (call, from) = receive(&rpcbind);
    // The port 5, and the longest results of 400 bytes: 432 bytes. With more bytes it is no valid reply.
    let found = |port: u8, more: usize| {
        let mut results = vec![0, 0, 0, port, 0, 0, 1, 0x90];
        results.resize(8 + 400 + more, 0);
        reply(xid(&call), &results)
    };
    rpcbind.send_to(&found(5, 4), from).unwrap();
    rpcbind.send_to(&found(6, 0), from).unwrap();
    assert_eq!(search.next().unwrap().unwrap().port(), 6);
}

#[test]
fn a_server_that_restarts_within_the_time_out_is_called() {
    // A port without a socket: the system reports that to the caller.
    let address = raw().local_addr().unwrap();
    let mut client = Connector::new().udp(address).unwrap();
    client.set_timeout(PATIENCE);
    client.set_retry(Retry::every(Duration::from_millis(20)));
    thread::scope(|scope| {
        let back = scope.spawn(|| {
            thread::sleep(MOMENT);
            Served::on(Server::new().unwrap().udp(address).unwrap())
        });
        assert_eq!(probe::Client::new(&mut client).add(2, 3).unwrap(), 5);
        drop(back.join().unwrap());
    });
}

#[test]
fn without_a_server_a_call_waits_until_its_time_out() {
    let address = raw().local_addr().unwrap();
    let mut client = Connector::new().udp(address).unwrap();
    client.set_timeout(MOMENT);
    client.set_retry(Retry::every(Duration::from_millis(10)));
    let gone = probe::Client::new(&mut client).null();
    assert!(matches!(gone, Err(CallError::TimedOut { .. })), "{gone:?}");
}

#[test]
fn a_call_too_large_for_the_server_is_refused_and_not_cut_short() {
    let datagrams = Datagrams::bind(HERE).unwrap();
    let address = datagrams.address();
    // Exactly enough for the call of `add`: the beginning of a longer call looks like a whole one.
    let mut link = Link::new(datagrams, vec![0; 48], vec![0; probe::REPLY_MAX]);
    let mut service = Service::default();
    let socket = raw();
    socket.send_to(&call(1, procedure(2), &[0; 12]), address).unwrap();
    let deadline = link.transport().now().after(PATIENCE);
    assert!(matches!(link.serve_next(&TABLE, &mut service, deadline), Ok(Outcome::Message)));
    let mut garbage = reply(1, &[]);
    garbage[23] = 4;
    assert_eq!(receive(&socket).0, garbage);
    assert_eq!(service.calls, 0);
    assert!(matches!(link.serve_next(&TABLE, &mut service, Time::ZERO), Ok(Outcome::TimeUp)));
}

/// Sends three useless datagrams to a transport whose deadline has passed. It may take one and no more, because there
/// might be any number.
fn receives_no_more_than_one(
    mut transport: impl Transport<Error: std::fmt::Debug>,
    socket: &UdpSocket,
    stranger: &UdpSocket,
    message: &[u8],
) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, socket.local_addr().unwrap().port()));
    for _ in 0..3 {
        stranger.send_to(message, address).unwrap();
    }
    assert_eq!(transport.receive(&mut [0; 64], Time::ZERO).unwrap(), Received::TimeUp);
    drop(transport);
    let mut left = 0;
    socket.set_nonblocking(true).unwrap();
    while socket.recv(&mut [0; 64]).is_ok() {
        left += 1;
    }
    assert_eq!(left, 2);
}

#[test]
fn a_receive_after_the_deadline_takes_one_datagram() {
    let server = raw();
    let socket = raw();
    socket.connect(server.local_addr().unwrap()).unwrap();
    receives_no_more_than_one(
        oncilla_host::Socket::<Datagram>::from(socket.try_clone().unwrap()),
        &socket,
        &server,
        &[],
    );

    let datagrams = Datagrams::bind(HERE).unwrap();
    let socket = UdpSocket::from(datagrams.as_fd().try_clone_to_owned().unwrap());
    receives_no_more_than_one(datagrams, &socket, &raw(), &[]);

    let mut client = Connector::new().udp_any_port(server.local_addr().unwrap()).unwrap();
    let socket = client.link().transport().socket().try_clone().unwrap();
    let stranger = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).unwrap();
    receives_no_more_than_one(client.link().transport(), &socket, &stranger, b"a stranger's message");
}

//! Every datagram path of the host: messages larger than the buffer, strangers, and peers that are away for a while.

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

/// Bytes of the buffers of the clients here.
const BUFFER: usize = 100;

/// A socket to be played on by hand.
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

/// Calls a server that replies with `size` bytes in all, of which it is told here how many arrive.
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

/// Waits for a message on a link by itself, in which `socket`'s datagrams are nothing.
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
fn datagrams_that_are_no_message_hold_no_wait_past_its_deadline() {
    // A connected client: empty datagrams of its own server.
    let server = raw();
    let socket = raw();
    socket.connect(server.local_addr().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    wait_flooded(oncilla_host::Socket::<Datagram>::from(socket), &server, address, &[]);

    // A server: empty datagrams of anybody.
    let datagrams = Datagrams::bind(HERE).unwrap();
    let address = datagrams.address();
    wait_flooded(datagrams, &raw(), address, &[]);
}

#[test]
fn strangers_hold_no_call_past_its_time_out() {
    let server = raw();
    let mut client = Connector::new().udp_any_port(server.local_addr().unwrap()).unwrap();
    client.set_timeout(MOMENT);
    // The first call tells where the client is.
    assert!(matches!(probe::Client::new(&mut client).count(), Err(CallError::TimedOut { .. })));
    let (_, address) = receive(&server);
    // Another machine's address.
    let stranger = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).unwrap();
    let port = SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()));
    let call = while_flooded(&stranger, port, b"a stranger's message", || probe::Client::new(&mut client).count());
    assert!(matches!(call, Err(CallError::TimedOut { .. })), "{call:?}");
}

#[test]
fn strangers_hold_no_search_past_its_end() {
    let rpcbind = raw();
    let SocketAddr::V4(asked) = rpcbind.local_addr().unwrap() else { unreachable!() };
    let mut search = oncilla_host::search_at([asked], 7, 1, MOMENT).unwrap();
    let (_, address) = receive(&rpcbind);
    let found = while_flooded(&raw(), address, b"a stranger's message", || search.next());
    assert!(found.is_none(), "{found:?}");
}

#[test]
fn a_reply_to_a_search_that_is_too_long_is_nobodys() {
    let rpcbind = raw();
    let SocketAddr::V4(asked) = rpcbind.local_addr().unwrap() else { unreachable!() };
    let asked: SocketAddrV4 = asked;
    let mut search = oncilla_host::search_at([asked], 7, 1, PATIENCE).unwrap();
    let (call, from) = receive(&rpcbind);
    // The port 5, and results of 400 bytes, the most there can be: 432 bytes. What follows makes another of it.
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
fn a_server_that_comes_back_within_the_time_out_is_called_again() {
    // A port where nobody is: the system reports so to who calls there.
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
fn a_client_of_nobody_waits_until_its_time_out() {
    let address = raw().local_addr().unwrap();
    let mut client = Connector::new().udp(address).unwrap();
    client.set_timeout(MOMENT);
    client.set_retry(Retry::every(Duration::from_millis(10)));
    let gone = probe::Client::new(&mut client).null();
    assert!(matches!(gone, Err(CallError::TimedOut { .. })), "{gone:?}");
}

#[test]
fn a_call_that_a_server_cannot_hold_is_refused_and_not_cut_into_another() {
    let datagrams = Datagrams::bind(HERE).unwrap();
    let address = datagrams.address();
    // Room for the call of `add` and not a byte more: what is left of a longer one looks whole.
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

/// Puts three datagrams of no use before a transport whose deadline is over. It may take one, and no more: there might be
/// any number.
fn look_at_no_more_than_one(
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
fn a_look_takes_one_datagram_whatever_it_is() {
    let server = raw();
    let socket = raw();
    socket.connect(server.local_addr().unwrap()).unwrap();
    look_at_no_more_than_one(
        oncilla_host::Socket::<Datagram>::from(socket.try_clone().unwrap()),
        &socket,
        &server,
        &[],
    );

    let datagrams = Datagrams::bind(HERE).unwrap();
    let socket = UdpSocket::from(datagrams.as_fd().try_clone_to_owned().unwrap());
    look_at_no_more_than_one(datagrams, &socket, &raw(), &[]);

    let mut client = Connector::new().udp_any_port(server.local_addr().unwrap()).unwrap();
    let socket = client.link().transport().socket().try_clone().unwrap();
    let stranger = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).unwrap();
    look_at_no_more_than_one(client.link().transport(), &socket, &stranger, b"a stranger's message");
}

//! What one client can take from the others.

use std::io::Write;
#[cfg(target_os = "linux")]
use std::net::SocketAddr;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use oncilla_vxi11::interface::{CreateLinkParms, DeviceReadParms, DeviceRemoteFunc};
use oncilla_vxi11::{ErrorCode, InstrumentServer, PortMapping};
#[cfg(target_os = "linux")]
use socket2::{Domain, Socket, Type};

use crate::meter::{Meter, PATIENCE, client, options, serve, until};
use crate::raw::{read_reply, send};

/// An hour.
const LONG: u32 = 3_600_000;

const OPEN: CreateLinkParms<'static> =
    CreateLinkParms { client_id: 1, lock_device: false, lock_timeout: 0, device: "inst0" };

const fn read(lid: i32, request_size: u32) -> DeviceReadParms {
    DeviceReadParms { lid, request_size, io_timeout: LONG, lock_timeout: 0, flags: 0, term_char: 0 }
}

/// Opens a link; returns its number.
fn link(stream: &mut TcpStream) -> i32 {
    send(stream, 10, &OPEN);
    i32::from_be_bytes(read_reply(stream)[28..32].try_into().unwrap())
}

/// Makes an interrupt channel to a port of this machine; does not wait for the reply.
fn ask_for_channel(stream: &mut TcpStream, port: u16) {
    let host_addr = Ipv4Addr::LOCALHOST.to_bits();
    let channel = DeviceRemoteFunc { host_addr, host_port: port, prog_num: 0x0607B1, prog_vers: 1, prog_family: 0 };
    send(stream, 25, &channel);
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_reconnects_from_one_port_keeps_no_places() {
    // In a process without other tests: one that is started by them may keep a socket open for a moment.
    crate::namespace::alone("bounds::a_client_that_reconnects_from_one_port_keeps_no_places", || {
        let serving = serve();
        serving.with(|meter| meter.held = true);
        for _ in 0..150 {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.set_reuse_address(true).unwrap();
            socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 45_001)).into()).unwrap();
            socket.connect(&serving.core_address().into()).unwrap();
            // Closing resets the connection, so that its port is free while the server still has it.
            socket.set_linger(Some(Duration::ZERO)).unwrap();
            let mut stream = TcpStream::from(socket);
            let lid = link(&mut stream);
            send(&mut stream, 12, &read(lid, 100));
        }
        until(|| serving.open_links() == 0);
        serving.with(|meter| meter.held = false);
        let mut clients: Vec<_> = (0..32).map(|_| client(&serving)).collect();
        for client in &mut clients {
            assert_eq!(client.query("usable").unwrap(), "usable");
        }
    });
}

#[test]
fn an_interrupt_channel_that_is_flooded_is_closed() {
    let serving = serve();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut core = TcpStream::connect(serving.core_address()).unwrap();
    ask_for_channel(&mut core, listener.local_addr().unwrap().port());
    let (mut channel, _) = listener.accept().unwrap();
    channel.set_write_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(read_reply(&mut core)[24..], [0; 4]);
    let zeros = vec![0; 1 << 20];
    let sent = (0..1024).try_for_each(|_| channel.write_all(&zeros));
    let error = sent.unwrap_err().kind();
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    assert!(matches!(error, ConnectionReset | BrokenPipe | ConnectionAborted), "{error}");
    assert_eq!(client(&serving).query("usable").unwrap(), "usable");
}

/// Threads that serve interrupt channels in this process.
#[cfg(target_os = "linux")]
fn interrupt_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // A thread that has ended meanwhile has no name.
    let names = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap_or_default());
    names.filter(|name| name.starts_with("vxi11-interrupt")).count()
}

#[cfg(target_os = "linux")]
#[test]
fn channels_that_nobody_accepts_take_one_thread() {
    crate::namespace::alone("bounds::channels_that_nobody_accepts_take_one_thread", || {
        let serving = serve();
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        // Its queue is full.
        let waiting: Vec<_> = (0..4)
            .map(|_| {
                let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
                socket.set_nonblocking(true).unwrap();
                let _ = socket.connect(&address);
                socket
            })
            .collect();
        let mut most = 0;
        for _ in 0..50 {
            let mut core = TcpStream::connect(serving.core_address()).unwrap();
            let lid = link(&mut core);
            assert!(lid > 0);
            ask_for_channel(&mut core, address.as_socket().unwrap().port());
            until(|| interrupt_threads() > 0);
            most = most.max(interrupt_threads());
        }
        assert_eq!(most, 1);
        drop((listener, waiting));
        // The client that is served by that machine again gets its channel.
        let mut client = client(&serving);
        until(|| client.service_requests().is_ok());
    });
}

#[test]
fn a_connection_has_a_number_of_links() {
    let serving = serve();
    let mut core = TcpStream::connect(serving.core_address()).unwrap();
    for _ in 0..16 {
        assert!(link(&mut core) > 0);
    }
    send(&mut core, 10, &OPEN);
    assert_eq!(read_reply(&mut core)[24..28], [0, 0, 0, 9]);
    assert_eq!(client(&serving).query("usable").unwrap(), "usable");

    let server = InstrumentServer::new(Meter::default()).address([127, 0, 0, 1]).links_per_client(1);
    let serving = server.port_mapping(PortMapping::None).start().unwrap();
    let mut core = TcpStream::connect(serving.core_address()).unwrap();
    assert!(link(&mut core) > 0);
    send(&mut core, 10, &OPEN);
    assert_eq!(read_reply(&mut core)[24..28], [0, 0, 0, 9]);
}

#[test]
fn calls_that_wait_leave_room_for_those_that_do_not() {
    let serving = serve();
    serving.with(|meter| meter.held = true);
    let mut waiting: Vec<_> = (0..24).map(|_| TcpStream::connect(serving.core_address()).unwrap()).collect();
    for (index, stream) in waiting.iter_mut().enumerate() {
        let lid = link(stream);
        let reads = serving.with(|meter| meter.readers.len());
        assert_eq!(reads, index);
        send(stream, 12, &read(lid, 100));
        until(|| serving.with(|meter| meter.readers.len()) > index);
    }
    // One more does not wait for an hour, and everybody else is served.
    let mut more = options(&serving).timeout(Duration::from_secs(3600)).open("127.0.0.1", "inst0").unwrap();
    assert_eq!(more.read().unwrap_err().code(), Some(ErrorCode::TIMED_OUT));
    for _ in 0..40 {
        assert_eq!(client(&serving).status_byte().unwrap(), 0);
    }
    // A place among those that wait is free again.
    drop(waiting.pop());
    thread::scope(|scope| {
        let again = scope.spawn(|| {
            more.write("later").unwrap();
            loop {
                match more.read() {
                    Err(error) if error.code() == Some(ErrorCode::TIMED_OUT) => {}
                    read => return read.unwrap(),
                }
            }
        });
        serving.with(|meter| meter.held = false);
        assert_eq!(again.join().unwrap(), b"later");
    });
}

#[test]
fn a_read_returns_65_536_bytes_at_most() {
    let serving = serve();
    let mut core = TcpStream::connect(serving.core_address()).unwrap();
    let lid = link(&mut core);
    let data = vec![7; 70_000];
    for (part, flags) in [(&data[..40_000], 0), (&data[40_000..], 8)] {
        let io_timeout = LONG;
        let write = oncilla_vxi11::interface::DeviceWriteParms { lid, io_timeout, lock_timeout: 0, flags, data: part };
        send(&mut core, 11, &write);
        assert_eq!(read_reply(&mut core)[24..28], [0; 4]);
    }
    send(&mut core, 12, &read(lid, 100_000));
    let reply = read_reply(&mut core);
    // Error and reason are 0: neither is the response complete, nor are there as many bytes as requested.
    assert_eq!(reply[24..32], [0; 8]);
    assert_eq!((reply[32..36].to_vec(), reply.len()), (65_536_u32.to_be_bytes().to_vec(), 36 + 65_536));
}

#[test]
fn a_name_of_any_length_is_error_3() {
    let serving = serve();
    for length in [300, 5000] {
        let error = options(&serving).open("127.0.0.1", &"x".repeat(length)).unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::NOT_ACCESSIBLE), "{error}");
    }
}

//! `oncilla bridge`: calls on a network to a device on a serial line.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

use oncilla::framing::{Cobs, Framing, Serial};
use oncilla::message::{CallHeader, OpaqueAuth, ProcedureId, SysCredential};
use oncilla::{Link, Table, Transport};
use oncilla_thermostat::{Device, thermostat};
use serialport::{SerialPort, TTYPort};

use crate::rpcinfo::rpcinfo;
use crate::running::{Running, address};

/// A limit against hanging.
const PATIENCE: Duration = Duration::from_secs(60);

static TABLE: Table<Device> = oncilla::table![thermostat::program()];

/// The size of the device's buffers: a call with a credential fits.
const BUFFER: usize = Cobs::buffer(1024);

/// Makes the device's link over its port.
type MakeLink<T> = fn(T, Vec<u8>, Vec<u8>) -> Link<T, Vec<u8>>;

type Short = oncilla_host::Serial<Serial>;
type Plain = oncilla_host::Serial<Cobs>;

/// A link that uses the short form after the hellos.
const SHORT: MakeLink<Short> = |port, rx, tx| Link::with_boot_number(port, rx, tx, 7);
const PLAIN: MakeLink<Plain> = Link::new;

/// Serves a device on a pseudo-terminal, until the process ends. Returns the target of a bridge, and its port, which
/// keeps the line open.
fn device<F: Framing + Send + 'static>(make: MakeLink<oncilla_host::Serial<F>>) -> (String, TTYPort)
where
    oncilla_host::Serial<F>: Transport<Framing = F, Error = std::io::Error> + Send,
{
    let (far, near) = TTYPort::pair().unwrap();
    thread::spawn(move || {
        let mut link = make(far.into(), vec![0; BUFFER], vec![0; BUFFER]);
        link.serve(&TABLE, &mut Device::default())
    });
    (format!("serial:{}", near.name().unwrap()), near)
}

/// Starts a bridge to a device. Returns it with the addresses it listens on.
fn bridge(from: &str, to: &[&str], options: &[&str]) -> (Running, Vec<SocketAddr>) {
    let arguments = ["bridge", from].into_iter().chain(to.iter().copied()).chain(options.iter().copied());
    let mut running = Running::start(arguments);
    let addresses = to.iter().map(|_| address(&running.target())).collect();
    (running, addresses)
}

/// Messages of every kind, each with an xid that the short form cannot carry.
fn messages() -> Vec<Vec<u8>> {
    let user = SysCredential::new(1, "host", 1000, 1000, &[4, 27]).unwrap();
    let strange = OpaqueAuth { flavor: 6, body: &[1, 2, 3, 4] };
    let id = ProcedureId { program: thermostat::PROGRAM, version: thermostat::VERSION, procedure: 0 };
    let call = |id, credential, arguments: &[u8]| {
        let header = CallHeader { xid: 0xdead_beef, id, credential, verifier: OpaqueAuth::NONE };
        let mut message = vec![0; header.size()];
        header.write(&mut message).unwrap();
        message.extend(arguments);
        message
    };
    let to = |procedure| ProcedureId { procedure, ..id };
    let none = OpaqueAuth::NONE;
    let mut messages = vec![
        call(id, none, &[]),
        call(to(1), none, &[0; 4]),
        call(to(1), none, &[0, 0, 0, 7]),
        call(to(1), user.as_auth(), &[0; 4]),
        call(to(1), strange, &[0; 4]),
        call(to(4), none, &[0, 0, 0, 3, 1, 2, 3, 0]),
        call(to(5), none, &[]),
        call(to(5), none, &[0; 4]),
        call(to(99), none, &[]),
        call(ProcedureId { version: 7, ..id }, none, &[]),
        call(ProcedureId { program: 100_000, ..id }, none, &[]),
    ];
    // An RPC version that does not exist.
    let mut version = messages[0].clone();
    version[11] = 3;
    messages.push(version);
    messages
}

fn record(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u32 | 1 << 31).to_be_bytes(), message].concat()
}

fn every_answer(from: &str) {
    let (_running, addresses) = bridge(from, &["tcp://127.0.0.1:0"], &[]);
    let mut stream = TcpStream::connect(addresses[0]).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut device = Device::default();
    // Twice, because at first the two ends of the line have not exchanged hellos.
    for message in messages().iter().chain(&messages()) {
        let mut reply = [0; 256];
        let length = oncilla::answer(&TABLE, &mut device, message, &mut reply).unwrap();
        let expected = record(&reply[..length]);
        let mut came = vec![0; expected.len()];
        stream.write_all(&record(message)).unwrap();
        stream.read_exact(&mut came).unwrap();
        assert_eq!(came, expected, "{message:02x?}");
    }
}

#[test]
fn a_device_with_short_headers_answers_as_the_standard_requires() {
    let (from, _line) = device(SHORT);
    every_answer(&from);
}

#[test]
fn a_device_with_plain_frames_answers_as_the_standard_requires() {
    let (from, _line) = device(PLAIN);
    every_answer(&format!("{from}?framing=cobs"));
}

#[test]
fn clients_with_the_same_xids_get_their_own_replies() {
    let (from, _line) = device(SHORT);
    let (running, addresses) = bridge(&from, &["tcp://127.0.0.1:0"], &[]);
    thread::scope(|scope| {
        for client in 0..4u8 {
            let address = addresses[0];
            scope.spawn(move || {
                let mut caller = oncilla_host::tcp(address).unwrap();
                caller.set_timeout(PATIENCE);
                for i in 0..50 {
                    let picture = [client, i];
                    let check = thermostat::Client::new(&mut caller).show(&picture).unwrap();
                    assert_eq!(check, oncilla::framing::crc32(&picture));
                }
            });
        }
    });
    let (code, _, errors) = running.interrupt();
    assert_eq!((code, errors.as_str()), (0, "200 calls, 0 refused, 0 without a reply\n"));
}

#[test]
fn rpcinfo_finds_the_device_on_tcp_and_udp() {
    let (from, _line) = device(SHORT);
    let (_running, addresses) = bridge(&from, &["tcp://127.0.0.1:0", "udp://127.0.0.1:0"], &[]);
    for (transport, address) in [("tcp", addresses[0]), ("udp", addresses[1])] {
        let (success, text) = rpcinfo(transport, address, thermostat::PROGRAM, Some(thermostat::VERSION));
        assert!(success, "{text}");
        assert_eq!(text, "program 536870978 version 1 ready and waiting\n");
        let (success, text) = rpcinfo(transport, address, thermostat::PROGRAM, Some(2));
        assert!(!success, "{text}");
        assert!(text.contains("Program/version mismatch; low version = 1, high version = 1"), "{text}");
    }
}

#[test]
fn a_datagram_that_is_sent_twice_is_executed_once() {
    let (from, _line) = device(SHORT);
    let (running, addresses) = bridge(&from, &["udp://127.0.0.1:0"], &[]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut replies = Vec::new();
    for _ in 0..2 {
        socket.send_to(&messages()[1], addresses[0]).unwrap();
        let mut reply = [0; 256];
        let (length, _) = socket.recv_from(&mut reply).unwrap();
        replies.push(reply[..length].to_vec());
    }
    assert_eq!(replies[0], replies[1]);
    let (code, _, errors) = running.interrupt();
    assert_eq!((code, errors.as_str()), (0, "1 calls, 0 refused, 0 without a reply\n"));
}

/// Makes a call of procedure 0, and returns whether a reply came.
fn answers_null(stream: &mut TcpStream) -> bool {
    let [mark, xid, version, call]: [u32; 4] = [0x8000_0028, 7, 2, 0];
    let words = [mark, xid, call, version, thermostat::PROGRAM, thermostat::VERSION, 0, 0, 0, 0, 0];
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    stream.write_all(&bytes).is_ok() && stream.read_exact(&mut [0; 28]).is_ok()
}

#[test]
fn further_connections_are_closed() {
    let (from, _line) = device(SHORT);
    let (_running, addresses) = bridge(&from, &["tcp://127.0.0.1:0"], &["--connections", "2"]);
    // Each has made a call, so it is no stranger, and has a byte of the next one on its way, so it is not idle. After a
    // part of the time-out of messages they would give way, so a slow machine tries again.
    let is_closed = (0..50).any(|_| {
        let mut busy: Vec<_> = (0..2).map(|_| TcpStream::connect(addresses[0]).unwrap()).collect();
        busy.iter_mut().all(|stream| answers_null(stream) && stream.write_all(&[0x80]).is_ok())
            && oncilla_host::tcp(addresses[0])
                .is_ok_and(|mut caller| thermostat::Client::new(&mut caller).null().is_err())
    });
    assert!(is_closed, "a third connection is served beside two that are busy");
    while oncilla_host::tcp(addresses[0]).is_ok_and(|mut caller| thermostat::Client::new(&mut caller).null().is_err()) {
    }
}

#[test]
fn a_line_that_is_lost_is_opened_again() {
    let folder = tempfile::TempDir::new().unwrap();
    let port = folder.path().join("port");
    // A stand-in on a pseudo-terminal, whose name is that of the port.
    let plug = || {
        let mut standin = Running::start(["serve", crate::support::SENSOR_X, "--listen", "pty"]);
        let target = standin.target();
        std::os::unix::fs::symlink(target.strip_prefix("serial:").unwrap(), &port).unwrap();
        standin
    };
    let first = plug();
    let from = format!("serial:{}", port.display());
    let (running, addresses) = bridge(&from, &["tcp://127.0.0.1:0"], &["--timeout", "3s"]);
    let call = || {
        let target = format!("tcp://{}", addresses[0]);
        crate::support::run(["-t", &target, "-x", crate::support::SENSOR_X, "call", "sensor.read", "0"]).0
    };
    assert_eq!(call(), 0);
    // Another test may be given the pseudo-terminal of this name.
    std::fs::remove_file(&port).unwrap();
    drop(first);
    // The error states that the call may have been executed.
    assert_eq!(call(), 1);
    let _second = plug();
    // One call may learn that the device has restarted.
    assert!((0..2).any(|_| call() == 0), "{}", running.errors());
    let (code, _, errors) = running.interrupt();
    assert_eq!(code, 0);
    assert!(errors.contains("program 0x20000051 version 1 procedure 1: "), "{errors}");
    let (lost, again) = (": the connection is lost; trying to reconnect\n", ": connected again\n");
    let (lost, again) = (errors.find(lost).expect(&errors), errors.rfind(again).expect(&errors));
    assert!(lost < again, "{errors}");
    assert!(errors.ends_with(" refused, 0 without a reply\n"), "{errors}");
}

#[test]
fn an_absent_device_and_a_wrong_place_are_errors() {
    let (code, _, err) = crate::support::run(["bridge", "serial:/dev/ttyNONE", "tcp://127.0.0.1:0"]);
    assert_eq!(code, 3);
    assert!(err.contains("/dev/ttyNONE"), "{err}");
    let (code, _, err) = crate::support::run(["bridge", "serial:/dev/ttyNONE", "rpc://nas"]);
    assert_eq!(code, 2);
    assert!(err.contains("is not a place to listen; write tcp://"), "{err}");
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("tcp://{}", busy.local_addr().unwrap());
    let (code, _, err) = crate::support::run(["bridge", "tcp://127.0.0.1:1", &place]);
    assert_eq!(code, 2);
    assert!(err.contains("in use"), "{err}");
}

//! A device on a serial line can be called through the bridge as if it were on TCP.

#[path = "support/rpcinfo.rs"]
mod tool;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use oncilla::framing::{Cobs, Framing, Serial};
use oncilla::message::{CallHeader, OpaqueAuth, ProcedureId, SysCredential};
use oncilla::{Link, Table, Transport};
use oncilla_bridge::Bridge;
use oncilla_thermostat::{Device, thermostat};
use serialport::TTYPort;
use tool::rpcinfo;

/// A limit against hanging.
const PATIENCE: Duration = Duration::from_secs(60);

static TABLE: Table<Device> = oncilla::table![thermostat::program()];

/// The size of the device's buffers: a call with a credential fits.
const BUFFER: usize = Cobs::buffer(1024);

/// Creates the device's link over its port.
type MakeLink<T> = fn(T, Vec<u8>, Vec<u8>) -> Link<T, Vec<u8>>;

type Short = oncilla_host::Serial<Serial>;
type Plain = oncilla_host::Serial<Cobs>;

/// A link that uses the short form after the hellos.
const SHORT: MakeLink<Short> = |port, rx, tx| Link::with_boot_number(port, rx, tx, 7);
const PLAIN: MakeLink<Plain> = Link::new;

/// Lets `test` make `connections` connections to a bridge, behind which a device serves.
fn bridged<F: Framing>(make: MakeLink<oncilla_host::Serial<F>>, connections: usize, test: impl FnOnce(SocketAddr)) {
    let (far, near) = TTYPort::pair().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut link = make(far.into(), vec![0; BUFFER], vec![0; BUFFER]);
            // Until the bridge closes the port.
            link.serve(&TABLE, &mut Device::default()).unwrap();
        });
        scope.spawn(move || {
            oncilla_bridge::serve(&listener, &Bridge::new(oncilla_host::Serial::from(near)), connections)
        });
        let _release = Release { address, connections };
        test(address);
    });
}

/// Makes the connections for which the bridge still waits if a test fails early.
struct Release {
    address: SocketAddr,
    connections: usize,
}

impl Drop for Release {
    fn drop(&mut self) {
        for _ in 0..self.connections {
            // Refused if the bridge has ended.
            let _ = TcpStream::connect(self.address);
        }
    }
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

fn every_answer<F: Framing>(make: MakeLink<oncilla_host::Serial<F>>)
where
    oncilla_host::Serial<F>: Transport<Framing = F>,
{
    bridged(make, 1, |address| {
        let mut stream = TcpStream::connect(address).unwrap();
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
    });
}

#[test]
fn a_device_with_short_headers_answers_as_the_standard_requires() {
    every_answer(SHORT);
}

#[test]
fn a_device_with_plain_frames_answers_as_the_standard_requires() {
    every_answer(PLAIN);
}

#[test]
fn clients_with_the_same_xids_get_their_own_replies() {
    bridged(SHORT, 4, |address| {
        thread::scope(|scope| {
            for client in 0..4u8 {
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
    });
}

#[test]
fn rpcinfo_finds_the_device() {
    bridged(SHORT, 2, |address| {
        let (success, text) = rpcinfo("tcp", address, thermostat::PROGRAM, Some(thermostat::VERSION));
        assert!(success, "{text}");
        assert_eq!(text, "program 536870978 version 1 ready and waiting\n");
        let (success, text) = rpcinfo("tcp", address, thermostat::PROGRAM, Some(2));
        assert!(!success, "{text}");
        assert!(text.contains("Program/version mismatch; low version = 1, high version = 1"), "{text}");
    });
}

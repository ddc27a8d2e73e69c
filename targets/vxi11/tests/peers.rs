//! The client with an instrument on python-vxi11, and the multimeter on this machine with lab software.
//!
//! `cargo xtask test --only instrument` runs it, with an environment of Python that it makes.
#![cfg(target_os = "linux")]

#[path = "../../../tests/support/namespace.rs"]
mod namespace;

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use oncilla_instrument::{Multimeter, Simulated};
use oncilla_vxi11::{Client, ErrorCode, InstrumentServer, Options, PortMapping};

/// More than anything takes here.
const PATIENCE: Duration = Duration::from_secs(20);

/// The Python interpreter that has python-vxi11.
const PYTHON: &str = "ONCILLA_INSTRUMENT_PYTHON";

/// Returns the command that runs that interpreter.
fn python() -> Command {
    let python = env::var_os(PYTHON);
    let python = python.unwrap_or_else(|| panic!("{PYTHON} is not set; run cargo xtask test --only instrument"));
    let mut command = Command::new(python);
    // python-vxi11 warns that it uses xdrlib.
    command.args(["-W", "ignore::DeprecationWarning"]);
    command
}

struct Peer {
    process: Child,
    port: u16,
}

impl Peer {
    fn start() -> Self {
        let peer = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peer.py");
        let mut process = python().arg(peer).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, port: line.trim().parse().unwrap() }
    }

    fn options(&self) -> Options {
        Client::options().core_port(self.port).timeout(PATIENCE)
    }

    fn open(&self) -> Client {
        self.options().open("127.0.0.1", "inst0").unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn messages_by_parts_of_200_bytes_and_responses_by_pieces_of_50() {
    let peer = Peer::start();
    let mut client = peer.open();
    for length in [1, 49, 50, 51, 199, 200, 201, 1000] {
        let text = "x".repeat(length);
        assert_eq!(client.query(&text).unwrap(), text);
    }
    for _ in 0..100 {
        assert_eq!(client.query("again").unwrap(), "again");
    }
    client.write("lost").unwrap();
    client.clear().unwrap();
    assert_eq!(client.query("kept").unwrap(), "kept");
}

#[test]
fn links_that_the_instrument_drops() {
    let peer = Peer::start();
    let mut plain = peer.open();
    plain.write("forget").unwrap();
    assert_eq!(plain.query("lost").unwrap_err().code(), Some(ErrorCode::INVALID_LINK));
    let mut again = peer.options().reopen_links().open("127.0.0.1", "inst0").unwrap();
    again.write("forget").unwrap();
    assert_eq!(again.query("found").unwrap(), "found");
}

#[test]
fn time_outs_and_aborts() {
    let peer = Peer::start();
    let mut client = peer.open();
    client.set_timeout(Duration::from_millis(50));
    assert_eq!(client.read().unwrap_err().code(), Some(ErrorCode::TIMED_OUT));
    client.set_timeout(PATIENCE);
    let mut aborter = client.aborter().unwrap();
    thread::scope(|scope| {
        let reading = scope.spawn(|| client.read().unwrap_err().code());
        aborter.abort().unwrap();
        assert_eq!(reading.join().unwrap(), Some(ErrorCode::ABORTED));
    });
    assert_eq!(client.query("usable").unwrap(), "usable");
}

#[test]
fn locks() {
    let peer = Peer::start();
    let [mut one, mut two] = [peer.open(), peer.open()];
    one.lock().unwrap();
    assert_eq!(two.write("no").unwrap_err().code(), Some(ErrorCode::LOCKED));
    assert_eq!(two.unlock().unwrap_err().code(), Some(ErrorCode::NOT_LOCKED));
    one.unlock().unwrap();
    assert_eq!(two.query("yes").unwrap(), "yes");
}

#[test]
fn service_requests() {
    let peer = Peer::start();
    let mut client = peer.open();
    let requests = client.service_requests().unwrap();
    for _ in 0..3 {
        client.trigger().unwrap();
        assert!(requests.wait(PATIENCE));
        assert_eq!(client.status_byte().unwrap(), 0x40);
    }
    client.end_service_requests(requests).unwrap();
    client.trigger().unwrap();
    assert_eq!(client.status_byte().unwrap(), 0);
}

/// An address of this machine in a network of its own, where broadcasts come back.
const HOST: &str = "192.0.2.7";

const NETWORK: [&str; 5] = [
    "link add meter0 type veth peer name meter1",
    "link set meter0 up",
    "link set meter1 up",
    "address add 192.0.2.7/24 broadcast + dev meter0",
    // For broadcasts to 255.255.255.255.
    "route add default dev meter0",
];

#[test]
fn lab_software_finds_and_controls_the_multimeter() {
    namespace::alone("lab_software_finds_and_controls_the_multimeter", || {
        for command in NETWORK {
            let done = Command::new(namespace::found("ip")).args(command.split(' ')).status();
            assert!(done.is_ok_and(|status| status.success()), "ip {command}");
        }
        const LINKS: usize = InstrumentServer::<()>::LINKS;
        let meter = Multimeter::<_, LINKS>::new(Simulated::default());
        let serving = InstrumentServer::new(meter).port_mapping(PortMapping::Own).start().unwrap();
        let checks = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/instrument/tests/clients.py");
        let status = python().args([checks, HOST]).status().unwrap();
        assert!(status.success(), "{status}");
        let ended = Instant::now();
        while serving.open_links() > 0 {
            assert!(ended.elapsed() < PATIENCE, "a client has left a link behind");
            thread::sleep(Duration::from_millis(10));
        }
    });
}

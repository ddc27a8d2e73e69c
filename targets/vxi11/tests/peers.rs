//! The client with an instrument on python-vxi11. `cargo xtask test --only instrument` runs it.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use oncilla_vxi11::{Client, ErrorCode, Options};

/// More than anything takes here.
const PATIENCE: Duration = Duration::from_secs(20);

/// The Python interpreter that has python-vxi11.
const PYTHON: &str = "ONCILLA_INSTRUMENT_PYTHON";

struct Peer {
    process: Child,
    port: u16,
}

impl Peer {
    fn start() -> Self {
        let python = env::var_os(PYTHON)
            .unwrap_or_else(|| panic!("{PYTHON} is not set; run cargo xtask test --only instrument"));
        let peer = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peer.py");
        let mut command = Command::new(python);
        let mut process = command.arg(peer).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
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

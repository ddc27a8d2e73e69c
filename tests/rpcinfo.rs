//! The standard's own tool finds the quickstart's server.
//!
//! It is told the address as `-a 127.0.0.1.78.81`, the port in two decimal bytes: with `-n`
//! some versions of it look for a port mapper all the same.

#[allow(dead_code)] // Only what it serves is used here.
#[path = "../examples/quickstart.rs"]
mod quickstart;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread;

use oncilla_host::Server;
use quickstart::{Device, TABLE, thermostat};

/// Where it may be although the user's path does not say so.
const ELSEWHERE: [&str; 2] = ["/usr/sbin/rpcinfo", "/sbin/rpcinfo"];

/// Runs `rpcinfo` and returns whether it succeeded and all it printed.
fn rpcinfo(transport: &str, address: SocketAddr, program: u32, version: Option<u32>) -> (bool, String) {
    let [high, low] = address.port().to_be_bytes();
    let elsewhere = ELSEWHERE.into_iter().find(|path| Path::new(path).exists());
    let output = Command::new(elsewhere.unwrap_or("rpcinfo"))
        .args(["-a", &format!("{}.{high}.{low}", address.ip()), "-T", transport, &program.to_string()])
        .args(version.map(|version| version.to_string()))
        .output()
        .unwrap_or_else(|error| panic!("cannot run rpcinfo: {error}; install it: apt install rpcbind"));
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// Serves the quickstart's table on TCP and UDP while `test` runs for both.
fn serving(test: impl Fn(&str, SocketAddr)) {
    let mut server = Server::new().unwrap().tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap();
    let (tcp, udp, stopper) = (server.tcp_addresses()[0], server.udp_addresses()[0], server.stopper());
    let serving = thread::spawn(move || server.serve(&TABLE, &mut Device::default()));
    test("tcp", tcp);
    test("udp", udp);
    stopper.stop();
    serving.join().unwrap().unwrap();
}

#[test]
fn the_program_is_ready_and_waiting() {
    serving(|transport, address| {
        let (success, text) = rpcinfo(transport, address, thermostat::PROGRAM, Some(thermostat::VERSION));
        assert!(success, "{text}");
        assert_eq!(text, "program 536870978 version 1 ready and waiting\n");
    });
}

#[test]
fn without_a_version_every_version_is_found() {
    serving(|transport, address| {
        let (success, text) = rpcinfo(transport, address, thermostat::PROGRAM, None);
        assert!(success, "{text}");
        assert_eq!(text, "program 536870978 version 1 ready and waiting\n");
    });
}

#[test]
fn a_wrong_version_is_refused_with_the_lowest_and_highest() {
    serving(|transport, address| {
        let (success, text) = rpcinfo(transport, address, thermostat::PROGRAM, Some(2));
        assert!(!success, "{text}");
        assert!(text.contains("Program/version mismatch; low version = 1, high version = 1"), "{text}");
    });
}

#[test]
fn a_wrong_program_is_refused() {
    serving(|transport, address| {
        let (success, text) = rpcinfo(transport, address, thermostat::PROGRAM + 1, Some(1));
        assert!(!success, "{text}");
        assert!(text.contains("Program unavailable"), "{text}");
    });
}

//! rpcinfo, the standard's tool, finds the quickstart's server.

#[allow(dead_code)] // Only what it serves is used here.
#[path = "../examples/quickstart.rs"]
mod quickstart;
#[path = "support/rpcinfo.rs"]
mod tool;

use std::net::SocketAddr;
use std::thread;

use oncilla_host::Server;
use quickstart::{Device, TABLE, thermostat};
use tool::rpcinfo;

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

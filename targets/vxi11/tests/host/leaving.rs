//! Clients that vanish in the middle of a call.

use std::net::TcpStream;

use oncilla_vxi11::interface::{CreateLinkParms, DeviceReadParms};

use crate::meter::{PATIENCE, options, serve, until};
use crate::raw::{read_reply, send};

#[test]
fn the_lock_of_a_client_that_vanishes_while_its_read_waits_is_free_at_once() {
    let serving = serve();
    serving.with(|meter| meter.held = true);
    for reset in [false, true] {
        let mut client = TcpStream::connect(serving.core_address()).unwrap();
        let open = CreateLinkParms { client_id: 1, lock_device: true, lock_timeout: 0, device: "inst0" };
        send(&mut client, 10, &open);
        let reply = read_reply(&mut client);
        let lid = i32::from_be_bytes(reply[28..32].try_into().unwrap());
        // For an hour.
        let io_timeout = 3_600_000;
        let read = DeviceReadParms { lid, request_size: 100, io_timeout, lock_timeout: 0, flags: 0, term_char: 0 };
        let before = serving.with(|meter| meter.given_up);
        let reads = serving.with(|meter| meter.reads);
        send(&mut client, 12, &read);
        until(|| serving.with(|meter| meter.reads) > reads);
        if reset {
            // Unread bytes make the system reset the connection.
            send(&mut client, 0, &());
        }
        drop(client);
        until(|| serving.open_links() == 0);
        assert_eq!(serving.with(|meter| meter.given_up), before + 1);
        let mut other = options(&serving).lock_timeout(PATIENCE).open("127.0.0.1", "inst0").unwrap();
        other.lock().unwrap();
    }
}

#[test]
fn many_clients_that_vanish_leave_nothing_behind() {
    let serving = serve();
    for _ in 0..200 {
        let mut client = TcpStream::connect(serving.core_address()).unwrap();
        for _ in 0..3 {
            let open = CreateLinkParms { client_id: 1, lock_device: false, lock_timeout: 0, device: "inst0" };
            send(&mut client, 10, &open);
        }
        read_reply(&mut client);
    }
    until(|| serving.open_links() == 0);
    let mut client = options(&serving).open("127.0.0.1", "inst0").unwrap();
    assert_eq!(client.query("usable").unwrap(), "usable");
}

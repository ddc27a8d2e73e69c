//! Calls between the shim and programs of libtirpc made by rpcgen, in both directions.

use std::process::Command;

use crate::examples::{Server, WAYS, Way, ours, peers, run};

fn calls(client: impl Fn() -> Command, server: &Server) {
    for (transport, port) in server.ports() {
        for (a, b, sum) in [("2", "3", "5\n"), ("-2147483648", "-1", "2147483647\n")] {
            let output = run(client().args([transport, port, a, b]), "valgrind");
            assert_eq!(String::from_utf8_lossy(&output.stdout), sum, "{transport}");
        }
    }
}

#[test]
fn a_client_of_libtirpc_calls_our_server() {
    for way in WAYS {
        let server = Server::start(ours("server", way));
        calls(|| peers("peer_client"), &server);
        server.end();
    }
}

#[test]
fn our_client_calls_a_server_of_libtirpc() {
    let server = Server::start(peers("peer_server"));
    for way in WAYS {
        calls(|| ours("client", way), &server);
    }
}

#[test]
fn our_client_calls_our_server() {
    let server = Server::start(ours("server", Way::Plain));
    calls(|| ours("client", Way::Plain), &server);
    server.end();
}

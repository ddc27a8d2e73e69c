//! The shim on this system, and programs of libtirpc made by rpcgen, in both directions.

#[path = "../../../tests/support/libtirpc.rs"]
mod libtirpc;
#[path = "../../capi/tests/support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use support::{WAYS, Way, command, compile, run};

const SHIM: [&str; 2] = ["sylixos/src/oncilla_posix.c", "capi/c/oncilla_fd.c"];

fn ours(name: &str, way: Way) -> Command {
    let main = format!("sylixos/c/{name}.c");
    command(&compile(name, &[&main, SHIM[0], SHIM[1]], way), way)
}

fn peers(name: &str) -> Command {
    static COMPILED: std::sync::Once = std::sync::Once::new();
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sylixos");
    COMPILED.call_once(|| {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("c");
        let client = ["peer_client.c", "adder_xdr.c", "adder_clnt.c"];
        let server = ["peer_server.c", "adder_xdr.c", "adder_svc.c"];
        libtirpc::compile(&sources, "adder", &into, &[("peer_client", &client), ("peer_server", &server)]);
    });
    Command::new(into.join(name))
}

/// A server that prints its ports of TCP and UDP, ended when it is dropped.
struct Server {
    process: Child,
    ports: String,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut ports = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut ports).unwrap();
        Self { process, ports }
    }

    fn ports(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let ports: Vec<_> = self.ports.split_whitespace().collect();
        assert_eq!(ports.len(), 2, "the server prints two ports");
        ["tcp", "udp"].into_iter().zip(ports)
    }

    /// Ends ours as it is meant to end.
    fn end(mut self) {
        drop(self.process.stdin.take());
        let status = self.process.wait().unwrap();
        assert!(status.success(), "the server ended with {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which the test will have noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

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

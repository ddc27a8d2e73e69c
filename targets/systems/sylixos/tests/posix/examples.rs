//! The example programs of the shim, and programs of libtirpc as their peers.

#[path = "../../../../../tests/support/libtirpc.rs"]
mod libtirpc;
#[path = "../../../../capi/tests/support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oncilla::framing::Datagram;
use oncilla::message::ProcedureId;
use oncilla::{CallError, Caller, Reader, Writer, Xdr};

pub use support::{WAYS, Way, run};
use support::{command, compile};

const SHIM: [&str; 4] = [
    "systems/sylixos/src/oncilla_posix.c",
    "systems/sylixos/src/oncilla_posix_server.c",
    "systems/sylixos/src/oncilla_serial.c",
    "capi/c/oncilla_fd.c",
];

/// Longer than any call takes.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Compiles one of the examples.
pub fn ours(name: &str, way: Way) -> Command {
    let main = format!("systems/sylixos/c/{name}.c");
    let sources: Vec<_> = [main.as_str()].into_iter().chain(SHIM).collect();
    command(&compile(name, &sources, way), way)
}

/// Compiles one of the programs of libtirpc.
pub fn peers(name: &str) -> Command {
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

/// Returns the error output of a client that fails.
pub fn failure(client: &mut Command) -> String {
    let output = client.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "it should have failed, and said: {said}");
    said
}

/// A server that prints its ports of TCP and UDP. It ends when it is dropped.
pub struct Server {
    process: Child,
    ports: String,
}

impl Server {
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the server starts");
        let mut ports = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut ports).unwrap();
        Self { process, ports }
    }

    pub fn ports(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let ports: Vec<_> = self.ports.split_whitespace().collect();
        assert_eq!(ports.len(), 2, "the server prints two ports");
        ["tcp", "udp"].into_iter().zip(ports)
    }

    /// Returns the server's address for TCP or UDP.
    pub fn address(&self, transport: &str) -> SocketAddr {
        let (_, port) = self.ports().find(|(name, _)| *name == transport).unwrap();
        ([127, 0, 0, 1], port.parse().unwrap()).into()
    }

    /// Returns a Rust client on TCP. Its time-out allows for valgrind.
    pub fn connect(&self) -> oncilla_host::Client {
        let mut client = oncilla_host::tcp(self.address("tcp")).unwrap();
        client.set_timeout(LIMIT);
        client
    }

    /// Returns a Rust client on UDP.
    pub fn datagrams(&self) -> oncilla_host::Client<Datagram> {
        let mut client = oncilla_host::udp(self.address("udp")).unwrap();
        client.set_timeout(LIMIT);
        client
    }

    /// Ends the server by closing its standard input; returns its error output.
    pub fn end(mut self) -> String {
        drop(self.process.stdin.take());
        let mut said = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        let status = self.process.wait().unwrap();
        assert!(status.success(), "the server ended with {status}: {said}");
        said
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which the test has noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Calls the adder.
pub fn add<C: Caller>(caller: &mut C, a: i32, b: i32) -> Result<i32, CallError<C::Error>> {
    let id = ProcedureId { program: 0x2000_0055, version: 1, procedure: 1 };
    let arguments = |writer: &mut Writer<'_>| {
        writer.put::<Xdr, _>(&a)?;
        writer.put::<Xdr, _>(&b)
    };
    caller.call(id, arguments, |results| Reader::new(results).take::<Xdr, i32>())
}

//! The C server and the C client.

#[path = "../../../support/libtirpc.rs"]
mod libtirpc;

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Once;

/// A program of this name, compiled before it is needed for the first time.
fn program(name: &str) -> Command {
    static COMPILED: Once = Once::new();
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated");
    COMPILED.call_once(|| {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop").canonicalize().unwrap();
        let server: &[&str] = &["c/server.c", "c/describe.c", "constructs_xdr.c", "constructs_svc.c"];
        let client: &[&str] = &["c/client.c", "c/samples.c", "c/describe.c", "constructs_xdr.c", "constructs_clnt.c"];
        libtirpc::compile(&sources, "constructs", &into, &[("server", server), ("client", client)]);
    });
    Command::new(into.join(name))
}

/// The C server, ended when it is dropped. It ends by itself after some minutes.
pub struct Server {
    process: Child,
    pub tcp: SocketAddr,
    pub udp: SocketAddr,
}

impl Server {
    pub fn start() -> Self {
        let mut process = program("server").stdout(Stdio::piped()).spawn().unwrap();
        let mut ports = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut ports).unwrap();
        let mut ports = ports.split_whitespace().map(|port| port.parse().expect("the server prints its ports"));
        let mut address = || (Ipv4Addr::LOCALHOST, ports.next().expect("two ports")).into();
        Self { tcp: address(), udp: address(), process }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which the test will have noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs the C client to its success and returns the lines it printed.
pub fn client(transport: &str, address: SocketAddr) -> Vec<String> {
    let output = program("client").args([transport, &address.port().to_string()]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the C client over {transport} ({}): {errors}", output.status);
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

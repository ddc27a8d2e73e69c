//! The C server and the C client.

#[path = "../../../support/c_server.rs"]
mod c_server;
#[path = "../../../support/libtirpc.rs"]
mod libtirpc;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Once;

use c_server::CServer;

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

/// The C server.
pub struct Server {
    pub tcp: SocketAddr,
    pub udp: SocketAddr,
    _server: CServer,
}

impl Server {
    pub fn start() -> Self {
        let server = CServer::start(program("server"));
        Self { tcp: server.addresses[0], udp: server.addresses[1], _server: server }
    }
}

/// Runs the C client to its success and returns the lines it printed.
pub fn client(transport: &str, address: SocketAddr) -> Vec<String> {
    let output = program("client").args([transport, &address.port().to_string()]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the C client over {transport} ({}): {errors}", output.status);
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

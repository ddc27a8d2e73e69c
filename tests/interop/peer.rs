//! The C server and the C client.

#[path = "../support/c_server.rs"]
mod c_server;
#[path = "../support/libtirpc.rs"]
mod libtirpc;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Once;

use c_server::CServer;

/// A program of this name, compiled before it is needed for the first time.
fn program(name: &str) -> Command {
    static COMPILED: Once = Once::new();
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop");
    COMPILED.call_once(|| {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop");
        let server = ["c/server.c", "c/describe.c", "constructs_xdr.c", "constructs_svc.c"];
        let client = ["c/client.c", "c/samples.c", "c/describe.c", "constructs_xdr.c", "constructs_clnt.c"];
        let refused = ["c/refused.c"];
        let programs: [(&str, &[&str]); 3] = [("server", &server), ("client", &client), ("refused", &refused)];
        libtirpc::compile(&sources, "constructs", &into, &programs);
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

/// Runs one of the C clients to its success and returns the lines it printed.
pub fn client(name: &str, transport: &str, address: SocketAddr) -> Vec<String> {
    let Output { status, stdout, stderr } =
        program(name).args([transport, &address.port().to_string()]).output().unwrap();
    let errors = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "the C client over {transport} ({status}): {errors}");
    String::from_utf8(stdout).unwrap().lines().map(str::to_owned).collect()
}

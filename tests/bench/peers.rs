//! The C programs that we are compared with.

#[path = "../support/libtirpc.rs"]
mod libtirpc;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::ratio::Run;

/// Where what is made for the benchmarks goes.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("speed")
}

/// Compiles them all.
pub fn compile() {
    let xdr = "speed_xdr.c";
    let programs: [(&str, &[&str]); 4] = [
        ("raw", &["c/raw.c"]),
        ("server", &["c/server.c", xdr, "speed_svc.c"]),
        ("client", &["c/client.c", xdr, "speed_clnt.c"]),
        ("records", &["c/records.c", xdr]),
    ];
    libtirpc::compile(Path::new(env!("CARGO_MANIFEST_DIR")), "speed", &folder(), &programs);
}

/// A process that is ended when it is dropped.
pub struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; whoever talks to it notices.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a server and returns the ports that it prints, on one line.
pub fn serve(command: &mut Command) -> (Process, Vec<String>) {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut ports = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ports).unwrap();
    assert!(!ports.is_empty(), "a server has ended before it served");
    (Process(child), ports.split_whitespace().map(str::to_owned).collect())
}

/// A program that does what it is told and tells how long it took, and the server that it needs.
pub struct Tool {
    orders: ChildStdin,
    reports: BufReader<ChildStdout>,
    _process: Process,
    _server: Option<Process>,
}

impl Tool {
    pub fn start(name: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(folder().join(name));
        let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Self {
            orders: child.stdin.take().unwrap(),
            reports: BufReader::new(child.stdout.take().unwrap()),
            _process: Process(child),
            _server: None,
        }
    }

    pub fn run(&mut self, what: &str, times: u64) -> Duration {
        writeln!(self.orders, "{what} {times}").unwrap();
        let mut report = String::new();
        self.reports.read_line(&mut report).unwrap();
        Duration::from_nanos(report.trim().parse().unwrap_or_else(|_| panic!("a C program failed at `{what}`")))
    }

    /// It as a contestant.
    pub fn does(mut self, what: &'static str) -> Run {
        Box::new(move |times| self.run(what, times))
    }
}

/// The raw echo on `tcp` or `udp`: it may `serve`, or `serve-ready`, asking who is ready.
pub fn raw_echo(how: &str, transport: &str) -> Run {
    let (server, ports) = serve(Command::new(folder().join("raw")).args([how, transport]));
    let mut tool = Tool::start("raw", &["call", transport, &ports[0]]);
    tool._server = Some(server);
    tool.does("call")
}

/// libtirpc's client, for its own server, on `tcp` or `udp`.
pub fn rpc_client(transport: &str) -> Tool {
    let (server, ports) = serve(&mut Command::new(folder().join("server")));
    let mut tool = Tool::start("client", &[transport, &ports[usize::from(transport == "udp")]]);
    tool._server = Some(server);
    tool
}

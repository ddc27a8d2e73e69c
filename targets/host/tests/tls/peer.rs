//! The peer made from Python's `ssl`, which is OpenSSL.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::certificates::{CERTIFICATES, Files, Pair, SERVER};

/// A process of `tls_peer.py`. It is ended when this is dropped.
pub struct Peer {
    child: Child,
    lines: BufReader<ChildStdout>,
    _files: Files,
}

/// How a peer is started.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// The authority that it trusts.
    pub trusts: Option<&'a str>,
    pub own: Option<&'a Pair>,
    pub alpn: Option<&'a str>,
    pub max: &'a str,
}

impl Settings<'_> {
    /// A client that speaks as the RFC states.
    pub fn client() -> Self {
        Self { trusts: Some(&CERTIFICATES.authority), own: None, alpn: Some("sunrpc"), max: "1.3" }
    }

    /// A server that demands no certificate of clients.
    pub fn server() -> Self {
        Self { trusts: None, own: Some(&CERTIFICATES.server), alpn: Some("sunrpc"), max: "1.3" }
    }
}

impl Peer {
    /// Starts a client of `address`, which does these steps.
    pub fn call(address: SocketAddr, settings: Settings<'_>, steps: &str) -> Self {
        Self::start(&address.port().to_string(), settings, steps)
    }

    /// Starts a server. Returns its address.
    pub fn listen(settings: Settings<'_>, steps: &str) -> (Self, SocketAddr) {
        let mut peer = Self::start("listen", settings, steps);
        let port: u16 = peer.line().parse().unwrap();
        (peer, SocketAddr::from(([127, 0, 0, 1], port)))
    }

    fn start(place: &str, settings: Settings<'_>, steps: &str) -> Self {
        let own = settings.own.map_or(["", ""], |own| [&own.certificate, &own.key]);
        let files = Files::new(&[("ca", settings.trusts.unwrap_or("")), ("cert", own[0]), ("key", own[1])]);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/tls_peer.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(place).arg(format!("name={SERVER}")).arg(format!("max={}", settings.max));
        let mut file = |name: &str| {
            command.arg(format!("{name}={}", files.path().join(name).display()));
        };
        if settings.trusts.is_some() {
            file("ca");
        }
        if settings.own.is_some() {
            file("cert");
            file("key");
        }
        command.args(settings.alpn.map(|alpn| format!("alpn={alpn}"))).args(steps.split_whitespace());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("python3 is needed");
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines, _files: files }
    }

    /// The next line that it prints; empty after the last one.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// All lines that it still prints.
    pub fn lines(mut self) -> Vec<String> {
        self.lines.by_ref().lines().map(Result::unwrap).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

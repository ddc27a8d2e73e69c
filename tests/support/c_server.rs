//! A C server, which prints its ports when it is ready.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};

/// A running server, ended when it is dropped. It ends by itself after some minutes.
pub struct CServer {
    process: Child,
    /// In the order in which it prints them.
    pub addresses: Vec<SocketAddr>,
}

impl CServer {
    pub fn start(mut program: Command) -> Self {
        let mut process = program.stdout(Stdio::piped()).spawn().unwrap();
        let mut ports = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut ports).unwrap();
        let address = |port: &str| (Ipv4Addr::LOCALHOST, port.parse().expect("the server prints its ports")).into();
        let addresses: Vec<_> = ports.split_whitespace().map(address).collect();
        assert!(!addresses.is_empty(), "the server prints its ports");
        Self { process, addresses }
    }
}

impl Drop for CServer {
    fn drop(&mut self) {
        // It may have ended already, which the test will have noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

//! A program that is served on real sockets.

use std::net::SocketAddr;
use std::thread::{self, JoinHandle};

use oncilla_host::{Error, Server, Stopper};

oncilla::program! {
    /// Adds.
    pub mod adder = crate::PROGRAM, version 3 {
        fn add(a: i32, b: i32) -> i32 = 1;
    }
}

oncilla::program! {
    /// An older version of the same interface.
    pub mod adder_2 = crate::PROGRAM, version 2 {}
}

pub struct Adder;

impl adder::Service for Adder {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }
}

impl adder_2::Service for Adder {}

pub static TABLE: oncilla::Table<Adder> = oncilla::table![adder_2::program(), adder::program()];

/// A server in a thread of its own, stopped when it is dropped.
pub struct Served {
    pub tcp: SocketAddr,
    pub udp: SocketAddr,
    stopper: Stopper,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

impl Served {
    /// Serves on free ports of this machine.
    pub fn start() -> Self {
        Self::on(Server::new().unwrap().tcp("127.0.0.1:0").unwrap().udp("127.0.0.1:0").unwrap())
    }

    /// Serves where `server` listens.
    pub fn on(mut server: Server) -> Self {
        let (tcp, udp, stopper) = (server.tcp_addresses()[0], server.udp_addresses()[0], server.stopper());
        let thread = thread::spawn(move || server.serve(&TABLE, &mut Adder));
        Self { tcp, udp, stopper, thread: Some(thread) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stopper.stop();
        let served = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            served.unwrap().unwrap().unwrap();
        }
    }
}

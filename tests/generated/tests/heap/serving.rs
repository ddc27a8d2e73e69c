//! A server for a test, over TCP.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use oncilla::Table;
use oncilla_host::{Connector, Server, Stopper};

/// Serves two clients while `test` runs for the address. A call and a reply have at most `message` bytes.
pub fn serving<S: Default + 'static>(table: &'static Table<S>, message: usize, test: impl FnOnce(SocketAddr)) {
    let server = Server::new().unwrap().connections(2).call_max(message);
    let mut server = server.tcp("127.0.0.1:0").unwrap();
    let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    let serving = thread::spawn(move || server.serve(table, &mut S::default()).unwrap());
    // Also when the test panics, so that the server ends.
    let stop = Stop(stopper);
    test(address);
    drop(stop);
    serving.join().unwrap();
}

struct Stop(Stopper);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// A client for messages of this size, with time for them in a build without optimization on a busy machine.
pub fn connect(address: SocketAddr, message: usize) -> impl oncilla::Caller<Error: std::fmt::Debug> {
    let mut client = Connector::new().buffer(message).tcp(address).unwrap();
    client.set_timeout(Duration::from_secs(60));
    client
}

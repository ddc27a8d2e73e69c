//! Records on connections.

mod client;
mod server;

pub use client::TcpClient;
pub use server::TcpServer;

use core::time::Duration;

use smoltcp::socket::tcp;

/// How often the other end is asked whether it is still there when nothing is said.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How long it may not answer.
const SILENCE: Duration = Duration::from_secs(30);

/// Lets a connection end when the other end has vanished.
fn expect_signs_of_life(socket: &mut tcp::Socket<'_>) {
    socket.set_keep_alive(Some(KEEP_ALIVE.into()));
    socket.set_timeout(Some(SILENCE.into()));
}

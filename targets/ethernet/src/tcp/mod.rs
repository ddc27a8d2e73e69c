//! TCP connections.

mod client;
mod responder;
mod server;

pub use client::TcpClient;
pub use responder::{Answer, Responder};
pub use server::TcpServer;

use core::time::Duration;

use smoltcp::socket::tcp;

/// How often a silent peer is probed.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How long a peer may not respond.
const SILENCE: Duration = Duration::from_secs(30);

/// Ends a connection whose peer has vanished.
fn probe_silent_peers(socket: &mut tcp::Socket<'_>) {
    socket.set_keep_alive(Some(KEEP_ALIVE.into()));
    socket.set_timeout(Some(SILENCE.into()));
}

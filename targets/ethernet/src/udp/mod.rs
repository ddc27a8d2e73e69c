//! UDP datagrams.

mod client;
mod port;
mod server;

pub use client::UdpClient;
pub use port::UdpPort;
pub use server::UdpServer;

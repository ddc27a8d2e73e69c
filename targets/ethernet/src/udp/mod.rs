//! UDP datagrams.

mod client;
mod server;

pub use client::UdpClient;
pub use server::UdpServer;

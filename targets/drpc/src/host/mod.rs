//! dRPC on sockets of type SOCK_SEQPACKET: each packet arrives whole, with its borders.

mod client;
mod connection;
mod error;
mod packets;
mod server;
mod stop;

pub use client::Client;
pub use error::Error;
pub use packets::{PACKET_MAX, Packets};
pub use server::Server;
pub use stop::Stopper;

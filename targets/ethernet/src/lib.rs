//! ONC RPC over TCP and UDP for firmware, without an allocator, threads or panics.
//!
//! On [smoltcp](https://docs.rs/smoltcp) (feature `smoltcp`, on by default):
//!
//! - [`Network`] is one Ethernet interface with its driver, its clock and its sockets. All servers and clients share
//!   it.
//! - [`TcpServer`] serves one connection after another on a port; [`UdpServer`] serves datagrams. They never wait, so
//!   one loop serves many of them. A client that stalls in the middle of a call does not delay others.
//! - A [`Responder`] answers calls of a [`TcpServer`] later: for procedures that wait while others are served.
//! - [`TcpClient`] and [`UdpClient`] are transports on which an [`oncilla::Client`] calls a host, with time-outs.
//! - [`UdpPort`] is a transport on which an [`oncilla::Link`] serves a port on UDP, such as one with keys.
//!
//! On any other stack (feature `embedded-nal`), use the transports of the module `nal`.
//!
//! # A server
//!
//! This loop serves a table on TCP and UDP, and sleeps while nothing arrives. Each further simultaneous connection
//! needs another [`TcpServer`].
//!
//! ```
//! use oncilla::SharedReplayCache;
//! use oncilla::framing::{Datagram, Record};
//! use oncilla_ethernet::{Network, Sockets, TcpMemory, TcpServer, UdpMemory, UdpServer};
//!
//! # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
//! # struct Device; impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
//! static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
//!
//! /// Bytes of the largest call and reply, before framing.
//! const CALL: usize = clock::CALL_MAX;
//! const REPLY: usize = clock::REPLY_MAX;
//!
//! # fn example<D: smoltcp::phy::Device, C: oncilla::Clock>(driver: D, timer: C, key: [u8; 16]) -> Option<()> {
//! // In firmware these are statics.
//! let mut sockets = Sockets::<2>::new();
//! let mut connection = TcpMemory::<{ Record::buffer(CALL) }, { Record::buffer(REPLY) }, 256>::new();
//! let mut datagrams = UdpMemory::<{ Datagram::buffer(CALL) }, { Datagram::buffer(REPLY) }, 4>::new();
//!
//! let network = Network::new(driver, timer, [2, 0, 0, 0, 0, 1], 0x5eed, &mut sockets)?;
//! network.set_address([192, 0, 2, 7], 24);
//! network.set_gateway([192, 0, 2, 1]);
//! let mut connection = TcpServer::new(&network, 1111, &mut connection)?;
//! let mut datagrams = UdpServer::new(&network, 1111, &mut datagrams)?;
//!
//! // UDP may lose and duplicate messages, so replies are remembered. The key is 16 random bytes of the board.
//! let mut replay = SharedReplayCache::<8, REPLY>::new(key);
//!
//! let mut device = Device;
//! loop {
//!     network.turn();
//!     connection.serve(&TABLE, &mut device);
//!     datagrams.serve_once(&mut replay, &TABLE, &mut device);
//! }
//! # }
//! ```
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `smoltcp` | yes | servers and clients on smoltcp's sockets, and the crate itself as `smoltcp`. IPv6, DHCP and fragments are features of smoltcp |
//! | `embedded-nal` | no | the module `nal`: transports on any other stack |
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "smoltcp")]
pub mod driver;
#[cfg(feature = "smoltcp")]
mod error;
#[cfg(feature = "smoltcp")]
mod memory;
#[cfg(feature = "embedded-nal")]
pub mod nal;
#[cfg(feature = "smoltcp")]
mod network;
#[cfg(feature = "smoltcp")]
mod tcp;
#[cfg(feature = "smoltcp")]
mod udp;

#[cfg(feature = "smoltcp")]
pub use error::{ConnectError, Error};
#[cfg(feature = "smoltcp")]
pub use memory::{Sockets, TcpMemory, UdpMemory};
#[cfg(feature = "smoltcp")]
pub use network::Network;
#[cfg(feature = "smoltcp")]
pub use smoltcp;
#[cfg(feature = "smoltcp")]
pub use tcp::{Answer, Responder, TcpClient, TcpServer};
#[cfg(feature = "smoltcp")]
pub use udp::{UdpClient, UdpPort, UdpServer};

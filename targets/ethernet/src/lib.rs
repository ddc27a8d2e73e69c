//! ONC RPC over TCP and UDP for firmware, without an allocator, threads or a panic of its own.
//!
//! On [smoltcp](https://docs.rs/smoltcp) (feature `smoltcp`, on by default):
//!
//! - [`Network`] is one interface with its driver, its clock and its sockets, shared by all that follows;
//! - [`TcpServer`] serves one connection after another on a port, [`UdpServer`] datagrams. They never wait, so that one
//!   loop serves many; who stalls in the middle of a call stops nobody else;
//! - [`TcpClient`] and [`UdpClient`] are transports on which an [`oncilla::Client`] calls a host, with time-outs.
//!
//! On any other stack (feature `embedded-nal`): the transports of its module `nal`.
//!
//! # A server
//!
//! A table on TCP and UDP, in a loop that sleeps while nothing comes. More connections at a time are more of
//! [`TcpServer`].
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
//! /// Bytes of the largest call and reply. In a record they have a mark before them.
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
//! // UDP may lose and double messages: what was executed is remembered. The key is of the board's random number generator.
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
//! | `embedded-nal` | no | the module `nal`: transports on a stack of another kind |
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
pub use tcp::{TcpClient, TcpServer};
#[cfg(feature = "smoltcp")]
pub use udp::{UdpClient, UdpServer};

//! Carriers for [`oncilla`] on a host: Linux and other Unix systems, with std.
//!
//! A server lends its thread to [`Server::serve`]; a client comes from [`tcp`], [`udp`] or [`unix`], or from a
//! [`Connector`] where the defaults do not suit:
//!
//! ```
//! # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
//! # struct Device;
//! # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
//! static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
//!
//! let mut server = oncilla_host::Server::new()?.tcp("127.0.0.1:0")?;
//! let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
//! let serving = std::thread::spawn(move || server.serve(&TABLE, &mut Device));
//!
//! let mut client = oncilla_host::tcp(address)?;
//! assert_eq!(clock::Client::new(&mut client).now()?, 7);
//!
//! stopper.stop();
//! serving.join().unwrap()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Server::register`] lets this machine's rpcbind tell where the server is, [`search`] finds servers on the local
//! networks, and [`process_credential`] says who calls.
//!
//! On a serial port, [`serial`] makes a client, and [`Connector::endpoint`] both client and server; [`Serial::with_log`]
//! shows what the device logs on the same line.
//!
//! [`pipe`] connects two transports in memory, to test a whole link without sockets.
//!
//! Nothing here starts a thread of its own.
//!
//! Instead of [`Server`], any of the transports serves one client at a time by
//! [`Link::serve`](oncilla::Link::serve), as firmware does.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `serial` | yes | clients and endpoints on serial ports ([`Serial`]), with the crate `serialport`, which is under MPL-2.0 |
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod connect;
mod credential;
mod datagram;
mod datagrams;
mod error;
mod harmless;
mod line;
mod log;
mod patience;
mod pipe;
mod rpcbind;
#[cfg(feature = "serial")]
mod serial;
mod server;
mod socket;
mod unconnected;
mod waiting;

pub use connect::{Client, Connector, UnconnectedClient, tcp, udp, unix};
pub use credential::process_credential;
pub use datagrams::Datagrams;
pub use error::Error;
pub use harmless::harmless;
#[cfg(feature = "serial")]
pub use line::{SerialClient, serial};
pub use pipe::{Pipe, pipe};
pub use rpcbind::{RegisterError, Registration, Search, search, search_at};
#[cfg(feature = "serial")]
pub use serial::Serial;
pub use server::{Server, Stopper};
pub use socket::Socket;
pub use unconnected::Unconnected;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

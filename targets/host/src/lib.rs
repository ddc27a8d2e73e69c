//! Hosts for [`oncilla`]: clients and servers with std, on Linux, other Unix systems and Windows.
//!
//! [`Server`] serves many clients, in one thread or with workers. [`tcp`], [`udp`] and `unix` return clients; a [`Connector`] makes
//! clients with other settings:
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
//! | to | use |
//! |---|---|
//! | call on TCP, UDP or a Unix socket | [`tcp`], [`udp`], `unix` |
//! | call with other buffers, framing or connect time-out | [`Connector`] |
//! | call from many threads on one connection | [`SharedClient`] |
//! | call from many threads on one serial port | [`SharedCaller`] |
//! | connect again after a loss | [`Connector::reconnect`], [`Reconnect`] |
//! | call on a serial port | [`serial`] |
//! | list serial ports, and open one by its USB device | [`ports`](fn@ports) |
//! | call and serve on one serial port | [`Connector::endpoint`] |
//! | show what the device logs on that port | [`Serial::with_log`] |
//! | serve many clients | [`Server`] |
//! | run procedures in several threads | [`Server::serve_with_workers`] |
//! | serve programs that are known only at run time | [`Server::serve_by`] |
//! | pass calls on to another server | [`Relay`] |
//! | stop a server | [`Stopper`], [`Server::stop_on_signals`] |
//! | log and count calls | [`Server::observe`], `Server::metrics` |
//! | limit who may call | [`Server::allow`] |
//! | register with this machine's rpcbind | [`Server::register`], [`Registration`] |
//! | find servers on the local networks | [`search`] |
//! | call and serve with TLS | `Connector::tls`, `Server::tls` |
//! | call and serve under a key | `keys`, `Connector::keyed_tcp`, `Server::keys` |
//! | send this process's user and groups with calls | `process_credential` |
//! | call or serve the firmware of another core by RPMsg, on Linux | `Rpmsg` |
//! | test a link in memory | [`pipe`] |
//! | print text of a peer safely | [`harmless`] |
//!
//! [`Socket`], [`Serial`], [`Datagrams`], [`Unconnected`] and [`Pipe`] are transports. Each can also serve one client
//! at a time with [`Link::serve`](oncilla::Link::serve), as firmware does.
//!
//! This crate starts no threads, except the workers of [`Server::serve_with_workers`]. On Windows,
//! [`Server::stop_on_signals`] starts one that waits for Ctrl-C.
//!
//! # Systems
//!
//! The tests run on Linux. Those of TCP, UDP and the server, the portable suite on TCP and on a serial port, and a stop by
//! Ctrl-C also run on Windows by Wine. The crate for macOS and FreeBSD is compiled and not run.
//!
//! | | Unix systems | Windows |
//! |---|---|---|
//! | Unix sockets | `unix`, [`Server`] | none |
//! | serial ports | `/dev/ttyUSB0` | `COM3`, `\\.\COM33` |
//! | `process_credential` | yes; on macOS without supplementary groups | none: Windows has no numbers of users. Use [`SysCredential::new`](oncilla::message::SysCredential::new) |
//! | source of a UDP reply | the address that was called | chosen by the system when the server is bound to `0.0.0.0` or `[::]`: bind it to one address |
//! | memory of a UDP socket | its buffers | 65 536 bytes more |
//! | [`Server::stop_on_signals`] | SIGINT, SIGTERM | Ctrl-C, Ctrl-Break |
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `keys` | no | links under a key (`keys`): key files, clients and servers |
//! | `metrics` | no | `Server::metrics`: counters in the Prometheus text format, with the crate `prometheus-client` |
//! | `serial` | yes | clients and endpoints on serial ports ([`Serial`]), with the crate `serialport`, which is under MPL-2.0 |
//! | `systemd` | no | `Server::systemd`: sockets and state of a systemd service, on Linux, with the crates `listenfd` and `sd-notify` |
//! | `tls` | no | RPC-with-TLS (RFC 9289): `TlsClient`, `TlsServer`, with the crates `rustls` and `ring`; needs a C compiler |
//! | `tracing` | no | a span for each call that a [`Server`] serves, with the crate `tracing` |
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod connect;
#[cfg(unix)]
mod credential;
mod datagram;
mod datagrams;
mod error;
mod harmless;
#[cfg(feature = "keys")]
pub mod keys;
mod line;
mod log;
mod patience;
mod perhaps;
mod pipe;
#[cfg(feature = "serial")]
mod ports;
mod reconnect;
mod relay;
mod rpcbind;
#[cfg(target_os = "linux")]
mod rpmsg;
#[cfg(feature = "serial")]
mod serial;
mod server;
mod shared;
mod socket;
#[cfg(feature = "tls")]
mod tls;
mod turns;
mod unconnected;
mod waiting;

#[cfg(unix)]
pub use connect::unix;
pub use connect::{Client, Connector, UnconnectedClient, tcp, udp};
#[cfg(unix)]
pub use credential::process_credential;
pub use datagrams::Datagrams;
pub use error::Error;
pub use harmless::harmless;
#[cfg(feature = "serial")]
pub use line::{SerialClient, serial};
pub use pipe::{Pipe, pipe};
#[cfg(feature = "serial")]
pub use ports::{Port, UsbPort, ports};
#[cfg(feature = "keys")]
pub use reconnect::KeyedReconnecting;
#[cfg(feature = "serial")]
pub use reconnect::ReconnectingSerialClient;
pub use reconnect::{
    ConnectionState, Layer, NotConnected, Plain, Reconnect, Reconnecting, ReconnectingClient, Reconnector, Watch,
};
pub use relay::Relay;
pub use rpcbind::{RegisterError, Registration, Search, search, search_at};
#[cfg(target_os = "linux")]
pub use rpmsg::Rpmsg;
#[cfg(feature = "serial")]
pub use serial::Serial;
#[cfg(feature = "metrics")]
pub use server::Metrics;
pub use server::{Access, CallRecord, Closed, ConnectionId, Dropped, Event, Origin, Server, Stopper};
pub use shared::SharedClient;
pub use socket::Socket;
#[cfg(feature = "tls")]
pub use tls::{Certificate, TlsClient, TlsError, TlsServer};
pub use turns::SharedCaller;
pub use unconnected::Unconnected;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Items that the crates of this workspace use. Not for use by hand.
#[cfg(unix)]
#[doc(hidden)]
pub mod __private {
    pub use crate::server::SocketFile;
}

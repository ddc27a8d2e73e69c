//! Links under a key on hosts: key files, clients and servers.
//!
//! A keyed link seals every message between two peers that share a key: see
//! [`Link::with_keys`](oncilla::Link::with_keys) and [the protocol](oncilla::keys::protocol). Here the key is read from
//! a file, and all random numbers come from the system.
//!
//! A client:
//!
//! ```no_run
//! use oncilla_host::Connector;
//! use oncilla_host::keys::{KeyClient, KeyFile};
//!
//! let key = KeyClient::new(&KeyFile::read("thermostat.key")?)?;
//! let client = Connector::new().keyed_tcp("thermostat.local:20049", &key)?;
//! # Ok::<(), oncilla_host::Error>(())
//! ```
//!
//! | on | client | server |
//! |---|---|---|
//! | TCP | [`Connector::keyed_tcp`](crate::Connector::keyed_tcp) | [`Server::keys`](crate::Server::keys) |
//! | Unix sockets | `Connector::keyed_unix` | [`Server::keys`](crate::Server::keys) |
//! | UDP | [`Connector::keyed_udp`](crate::Connector::keyed_udp) | [`Server::keys`](crate::Server::keys) |
//! | serial ports | `Connector::keyed_serial` | [`Connector::keyed_link`](crate::Connector::keyed_link) |
//! | another transport | [`Connector::keyed`](crate::Connector::keyed) | [`Connector::keyed_link`](crate::Connector::keyed_link) |
//! | connections that come back | [`Reconnector::keyed_tcp`](crate::Reconnector::keyed_tcp) and others | |
//! | both on one line | | [`Connector::keyed_endpoint`](crate::Connector::keyed_endpoint) |
//!
//! Threads share a keyed client by a [`SharedCaller`](crate::SharedCaller). A [`SharedClient`](crate::SharedClient) has
//! no keys, because it has several calls in flight on one connection, and receives in any thread.
//!
//! **Silence.** A peer with no key, another key, another suite or the same side gets no answer. So a call to it ends
//! with [`CallError::TimedOut`](oncilla::CallError::TimedOut), or on a connection also with
//! [`CallError::Closed`](oncilla::CallError::Closed).

mod client;
mod connector;
mod ends;
mod error;
mod file;
mod misplaced;
mod random;
mod server;

pub use client::{KeyClient, KeySuite};
pub use connector::{KeyedClient, KeyedEndpoint, KeyedLink};
pub use ends::{Acceptor, Opener, Peers};
pub use error::KeyError;
pub use file::{KeyFile, NewKey};
pub use oncilla::keys::{Key, KeyId, Keyring, Side};
pub use server::KeyServer;

pub(crate) use random::random;

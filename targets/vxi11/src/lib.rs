//! VXI-11 instruments: a server for firmware and hosts, and a client.
//!
//! VXI-11 is the protocol by which PyVISA, python-vxi11, lxi-tools and most other software for laboratories controls
//! an instrument on the network. It is ONC RPC, on three connections: the core channel for commands and responses, the
//! abort channel, and the interrupt channel, on which the instrument calls the client to request service.
//!
//! - [`Instrument`] is what an instrument implements: five methods, and `closed`.
//! - [`Server`] serves it: links, locks, time-outs, aborting, service requests. It has fixed memory, never waits, and
//!   knows no sockets: it is a function from the bytes of a call to the bytes of a reply, or to "later".
//! - `InstrumentServer` serves it on a host, and `Client` calls any instrument (feature `host`).
//! - [`interface`] has the messages, compiled from `vxi11.x`.
//!
//! VXI-11 authenticates nobody: whoever reaches the ports controls the instrument. What the server prevents is that one
//! client disturbs another: a link works on its own connection only, only the machine that opened a link may abort its
//! calls, and service requests go to no other machine than the client's.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `host` | no | `InstrumentServer` and `Client`, with the standard library and `oncilla-host` |
//!
//! Rules and tables that are named in comments are those of the VXI-11 specification, revision 1.0.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "host")]
extern crate std;

#[cfg(feature = "host")]
mod client;
mod error;
#[cfg(feature = "host")]
mod host;
mod instrument;
mod server;

#[cfg(feature = "host")]
pub use client::{Aborter, Client, Error, Options, ServiceRequests};
pub use error::ErrorCode;
#[cfg(feature = "host")]
pub use host::{InstrumentServer, PortMapping, Serving};
pub use instrument::{Instrument, Link, Part, Unfinished};
pub use server::{Answer, InterruptChannel, Server, Settings, call_max, reply_max};

/// The messages of VXI-11, and its three programs, compiled from `vxi11.x`.
pub mod interface {
    #![allow(clippy::pedantic, reason = "generated")]
    include!(concat!(env!("OUT_DIR"), "/vxi11.rs"));
}

/// The bits of `Device_Flags` (section B.5.3).
pub mod flags {
    /// Wait for a lock of another link, as long as `lock_timeout` says.
    pub const WAIT_LOCK: i32 = 0x01;
    /// The last byte of the data has END.
    pub const END: i32 = 0x08;
    /// A read ends at the byte `termChar`.
    pub const TERM_CHAR: i32 = 0x80;
}

/// The bits of the reason for which a read has ended (table B.7).
pub mod reason {
    /// As many bytes as requested.
    pub const COUNT: i32 = 1;
    /// The byte `termChar`.
    pub const CHAR: i32 = 2;
    /// The end of the response.
    pub const END: i32 = 4;
}

#[cfg(all(doctest, feature = "host"))]
#[doc = include_str!("../README.md")]
struct Readme;

//! Finding programs on a machine: the port mapper (version 2) and rpcbind (versions 3 and 4), RFC 1833.
//!
//! Program 100000 on port 111 reports which programs a machine serves, and where.
//!
//! - Clients ask it through [`PortMapper`] or [`RpcBind`].
//! - A machine without an rpcbind of its own, such as firmware with Ethernet, implements [`Directory`], puts
//!   [`version_2`], [`version_3`] and [`version_4`] in its table and serves it on port 111. Then `rpcinfo` lists its
//!   programs.
//! - A host registers its programs with the system's rpcbind: see `Registration` in `oncilla-host`.
//!
//! # Example: a device that rpcinfo can query
//!
//! ```
//! use core::net::{IpAddr, Ipv4Addr};
//! use oncilla::rpcbind::{self, Directory, Service, Transport};
//!
//! # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
//! struct Device;
//! # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
//!
//! impl Directory for Device {
//!     fn services(&self) -> &[Service] {
//!         const {
//!             &[
//!                 Service { program: clock::PROGRAM, version: clock::VERSION, transport: Transport::Tcp, port: 1111 },
//!                 Service { program: clock::PROGRAM, version: clock::VERSION, transport: Transport::Udp, port: 1111 },
//!             ]
//!         }
//!     }
//!     fn address(&self, _: Transport) -> IpAddr {
//!         Ipv4Addr::new(192, 0, 2, 7).into()
//!     }
//! }
//!
//! static TABLE: oncilla::Table<Device> = oncilla::table![
//!     clock::program(),
//!     rpcbind::version_2(),
//!     rpcbind::version_3(),
//!     rpcbind::version_4(),
//! ];
//! ```

mod client;
mod directory;
mod types;
mod universal;

pub use client::{PortMapper, RpcBind};
pub use directory::{DUMP_MAX, Directory, Service, version_2, version_3, version_4};
pub use types::{Binding, Mapping, Transport};
pub use universal::{UNIVERSAL_MAX, parse_universal, universal};

/// The program number of the port mapper and rpcbind (RFC 1833 §2.1, §3).
pub const PROGRAM: u32 = 100_000;

/// The port of the port mapper and rpcbind, on UDP and TCP.
pub const PORT: u16 = 111;

/// Procedure numbers.
///
/// The first four are the same in all versions; `GETADDR` is `GETPORT` in version 2.
mod procedure {
    pub const SET: u32 = 1;
    pub const UNSET: u32 = 2;
    pub const GETADDR: u32 = 3;
    pub const DUMP: u32 = 4;
    /// `BCAST` in version 4.
    pub const CALLIT: u32 = 5;
    pub const GETTIME: u32 = 6;
    pub const GETVERSADDR: u32 = 9;
    pub const INDIRECT: u32 = 10;
}

//! dRPC, the calls of [DAOS](https://docs.daos.io) between its processes, over the tables of [`oncilla`].
//!
//! A call of dRPC names a module and a method by numbers and carries a body, which by convention is a protobuf message.
//! Calls and responses are protobuf messages themselves. A packet of a Unix socket has one of them. [`Modules`] states
//! which program of a [`Table`](oncilla::Table) each module is. The same table serves ONC RPC and dRPC.
//!
//! - [`answer`] is the server as a function of bytes, without an allocator, sockets or threads.
//! - [`Call`], [`Response`] and [`ChunkHeader`] are the messages. They agree byte for byte with protobuf's libraries.
//! - `Server` and `Client` (feature `host`, on Unix systems) exchange them on sockets of type SOCK_SEQPACKET. The clients that
//!   [`program!`](oncilla::program) generates call by a `Client`.
//!
//! A body is whatever the procedures of the table decode: protobuf between programs of DAOS, XDR between programs of
//! `oncilla`. The crates `oncilla-protobuf` and `oncilla-protobuf-build` make procedures with protobuf bodies of the
//! services in `.proto` files; [`Procedure::new`](oncilla::Procedure::new) makes one by hand.
//!
//! dRPC itself authenticates nobody. The mode of the socket's file, 0600, admits processes of one user.
//!
//! # Releases
//!
//! Releases of DAOS since late 2025 begin each packet with a [chunk header](ChunkHeader), and so carry messages of more
//! than one packet; DAOS 2.6 and before do not. The two do not understand each other. `Packets` chooses.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `host` | no | `Server` and `Client`, with the standard library and `oncilla-host`, on Unix systems but Apple's, whose Unix sockets have no packets |
#![no_std]
#![forbid(unsafe_code)]

#[cfg(all(feature = "host", unix, not(target_vendor = "apple")))]
extern crate std;

mod answer;
#[cfg(all(feature = "host", unix, not(target_vendor = "apple")))]
mod host;
mod modules;
mod wire;

pub use answer::{answer, response_max};
#[cfg(all(feature = "host", unix, not(target_vendor = "apple")))]
pub use host::{Client, Error, PACKET_MAX, Packets, Server, Stopper};
pub use modules::{Module, ModuleTwice, Modules};
pub use wire::{Assembly, CHUNK_HEADER, Call, ChunkFault, ChunkHeader, HEADER_MAX, Malformed, Part, Response, Status};

//! Protobuf messages as the arguments and results of procedures.
//!
//! The `service` of a `.proto` file becomes a trait that firmware or a host implements, the entry of a
//! [`Table`](oncilla::Table), and a client over any [`Caller`](oncilla::Caller): the crate `oncilla-protobuf-build`
//! generates them in a build script. This crate is what the generated code needs at run time. Devices use messages of
//! micropb, which have fixed sizes and need no allocator; hosts may use those of prost.
//!
//! `three.proto`:
//!
//! ```proto
//! syntax = "proto3";
//! import "oncilla.proto";
//!
//! service Three {
//!     option (oncilla.program) = 0x20000044;
//!     // Returns the sum, which wraps around.
//!     rpc Add(Pair) returns (Sum);
//!     // Returns the same bytes.
//!     rpc Echo(Data) returns (Data);
//! }
//!
//! message Pair { int32 a = 1; int32 b = 2; }
//! message Sum { int32 sum = 1; }
//! message Data { bytes data = 1 [(oncilla.max_bytes) = 64]; }
//! ```
//!
//! `build.rs`; a host that uses prost writes `Messages::Prost`:
//!
//! ```ignore
//! use oncilla_protobuf_build::{Error, Messages, Options};
//!
//! fn main() -> Result<(), Error> {
//!     Options::new(Messages::Micropb).compile("three.proto")
//! }
//! ```
//!
//! The firmware:
//!
//! ```ignore
//! include!(concat!(env!("OUT_DIR"), "/three.rs"));
//!
//! struct Device;
//!
//! impl three::Service for Device {
//!     fn add(&mut self, pair: Pair) -> Sum {
//!         Sum { sum: pair.a.wrapping_add(pair.b) }
//!     }
//!     fn echo(&mut self, data: Data) -> Data {
//!         data
//!     }
//! }
//!
//! static TABLE: oncilla::Table<Device> = oncilla::table![three::program()];
//! ```
//!
//! The host: `three::Client::new(&mut connection).add(&Pair { a: 1, b: 2 })?`.
//!
//! # On the wire
//!
//! The arguments of a procedure are the bytes of one message, directly after the header of the ONC RPC call, and the
//! results are those of another, after the header of the reply. Nothing is padded. So a table serves the same messages
//! inside other envelopes.
//!
//! # Sizes
//!
//! A message of micropb has a largest size, which is known at compile time: `CALL_MAX` and `REPLY_MAX` follow from it,
//! and a procedure runs only if its largest results fit. A message of prost has none, so that a service has a limit.
//! Arguments that cannot be decoded are refused with GARBAGE_ARGS, results that do not fit with SYSTEM_ERR.
//!
//! A later version of a `.proto` file may add fields. A peer that does not know them skips them, so a message may be
//! larger than the largest that this peer knows: leave room in receive buffers.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `micropb` | yes | [`Micropb`]: messages of fixed size, without an allocator |
//! | `prost` | no | `Prost`: messages on the heap, for hosts |
#![no_std]
#![forbid(unsafe_code)]

mod library;
mod method;
#[cfg(feature = "micropb")]
mod of_micropb;
#[cfg(feature = "prost")]
mod of_prost;
mod parts;
mod service;

pub use library::Library;
pub use method::{Method, answer, answer_oneway, call, call_idempotent, cast, finish, start};
#[cfg(feature = "micropb")]
pub use of_micropb::Micropb;
#[cfg(feature = "prost")]
pub use of_prost::Prost;

// Generated code finds its libraries here, in the versions that its generators are for.
#[doc(hidden)]
pub use oncilla;
#[cfg(feature = "prost")]
#[doc(hidden)]
pub use prost;
#[cfg(feature = "micropb")]
#[doc(hidden)]
pub use {heapless, micropb};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

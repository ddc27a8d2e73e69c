//! Synchronous ONC RPC (RFC 5531) for machines with kilobytes of memory.
//!
//! - An interface is written with [`program!`]; a server lists what it serves with [`table!`].
//! - A [`Link`] carries messages over a [`Transport`]: it serves a table, or a [`Client`] calls over it.
//!   [`Stream`] makes a transport of any blocking `embedded-io` stream.
//! - [`CallsInFlight`] has several calls of a client under way at once.
//! - [`answer`] is the server as a function, for those who carry messages in their own way.
//! - [`xdr`], [`message`] and [`framing`] are the layers below, each usable alone.
//!
//! Everything blocks, nothing allocates, and all memory is lent by the caller.
//!
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(test)]
extern crate std;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod answer;
mod buffers;
mod caller;
mod calling;
mod client;
mod codec;
mod echo;
mod endpoint;
mod flight;
pub mod framing;
mod handshake;
mod identity;
mod link;
pub mod message;
mod nested;
mod program;
mod replay;
pub mod rpcbind;
mod serial;
mod server;
mod stream;
mod table;
mod time;
mod transport;
mod versions;
pub mod xdr;

pub use answer::{answer, answer_from};
pub use buffers::{Buffers, Each};
pub use caller::{CallError, Caller};
pub use calling::Retry;
pub use client::Client;
#[cfg(feature = "postcard")]
pub use codec::Postcard;
pub use codec::{Codec, Reader, Writer, Xdr};
pub use endpoint::Endpoint;
pub use flight::{Callback, CallsInFlight, LinkCaller, Starter, Tally, Ticket};
pub use handshake::{Handshake, Peer};
pub use identity::{Anonymous, Authenticate};
pub use link::{Link, LinkError};
pub use message::{ProcedureId, Refusal};
#[doc(hidden)]
pub use nested::{Holder, Parts};
pub use nested::{Level, Levels, Nested, NestedEndpoint, NestedParts, Turn};
pub use replay::{Remembers, Replay, ReplayCache, ReplayMemory, SharedReplay, SharedReplayCache, SharedReplayMemory};
pub use serial::CarriesText;
pub use server::Served;
pub use stream::{Clock, Forever, Stream};
pub use table::{Authorize, Failure, NO_REPLY, Procedure, Program, Run, Table, TableError};
pub use time::Time;
pub use transport::{Beside, Received, Transport};
pub use versions::highest_version;

#[doc(hidden)]
pub use serde;

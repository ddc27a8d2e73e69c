//! Synchronous ONC RPC (RFC 5531) for machines with kilobytes of memory.
//!
//! - An interface is written with [`program!`]; a server lists what it serves with [`table!`].
//! - A [`Link`] carries messages over a [`Transport`]: it serves a table, or a [`Client`] calls over it.
//!   [`Stream`] makes a transport of any blocking `embedded-io` stream.
//! - [`CallsInFlight`] has several calls of a client under way at once.
//! - [`answer`] is the server as a function, for those who carry messages in their own way; [`Direct`] calls it without
//!   a link, for tests.
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

mod client;
mod codec;
mod endpoint;
pub mod framing;
// Prose and tested code: nothing of it is in a build.
#[cfg(any(doc, doctest))]
pub mod guide;
mod link;
pub mod message;
mod program;
pub mod rpcbind;
mod server;
pub mod xdr;

pub use client::{
    Anonymous, Authenticate, CallError, Callback, Caller, CallsInFlight, Client, LinkCaller, Retry, Starter, Tally,
    Ticket, highest_version,
};
#[cfg(feature = "postcard")]
pub use codec::Postcard;
pub use codec::{Codec, Reader, Writer, Xdr};
pub use endpoint::{Direct, Endpoint, Level, Levels, Nested, NestedEndpoint, NestedParts, Turn};
pub use framing::handshake::Peer;
pub use link::{
    Beside, Buffers, CarriesText, Clock, Each, Forever, Link, LinkError, Received, Stream, Time, Transport,
};
pub use message::{Failure, ProcedureId, Refusal};
pub use server::{
    Authorize, NO_REPLY, Procedure, Program, Remembers, Replay, ReplayCache, ReplayMemory, Run, Served, SharedReplay,
    SharedReplayCache, SharedReplayMemory, Table, TableError, answer, answer_from,
};
pub use xdr::max_size::largest;

#[doc(hidden)]
pub use endpoint::{Holder, Parts};
#[doc(hidden)]
pub use serde;

/// What the macros expand to calls of. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use crate::client::call_null;
    pub use crate::codec::{
        Block, Value, Within, argument, decoding, encoding, max_size_within, receiving, results, sending,
    };
    pub use crate::program::expanded::*;
    pub use crate::server::{Identity, NOT_RUN, Recalled};
    pub use crate::xdr::TreeTaken as Taken;
    pub use crate::xdr::expanded::*;
    pub use crate::xdr::tree_expanded::*;
}

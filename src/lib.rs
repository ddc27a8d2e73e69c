//! Synchronous RPC for microcontrollers: the standard ONC RPC (RFC 5531) without allocator, `unsafe` code or panics.
//!
//! Firmware serves functions to a host, calls functions of the host, or both, over a UART, TCP or UDP. Peers may also
//! be programs in C: `rpcinfo`, `rpcgen` and libtirpc work with it unchanged. Every function blocks, with a time-out
//! where there is a clock; there is no executor. All memory is in buffers that the program provides, sized at compile
//! time.
//!
//! ```
//! # use oncilla::{Forever, Link, LinkError, Stream, framing::Cobs};
//! oncilla::program! {
//!     pub mod thermostat = 0x2000_0042, version 1 {
//!         /// Reads one channel, in thousandths of a degree Celsius.
//!         fn read(channel: u32) -> i32 = 1;
//!     }
//! }
//!
//! struct Device;
//!
//! impl thermostat::Service for Device {
//!     fn read(&mut self, channel: u32) -> i32 {
//!         20_000 + 500 * channel as i32
//!     }
//! }
//!
//! static TABLE: oncilla::Table<Device> = oncilla::table![thermostat::program()];
//!
//! // In the firmware:
//! # fn serve<U: embedded_io::Read + embedded_io::Write>(uart: U) -> Result<(), LinkError<U::Error>> {
//! let stream = Stream::<Cobs, _>::new(uart, Forever);
//! let (rx, tx) = ([0; Cobs::buffer(thermostat::CALL_MAX)], [0; Cobs::buffer(thermostat::REPLY_MAX)]);
//! Link::with_buffers(stream, rx, tx).serve(&TABLE, &mut Device)?;
//! # Ok(())
//! # }
//!
//! // On the host:
//! # fn call(mut client: impl oncilla::Caller) -> Option<()> {
//! let millidegrees = thermostat::Client::new(&mut client).read(0).ok()?;
//! # let _ = millidegrees;
//! # Some(())
//! # }
//! ```
//!
//! # Where to find what
//!
//! The [guide] begins with [the first hour](guide::first_hour): from an empty folder to a board in QEMU that answers.
//!
//! | to … | use | guide |
//! |---|---|---|
//! | declare an interface | [`program!`], [`xdr_enum!`], [`xdr_struct!`], [`xdr_union!`] | [interfaces](guide::interfaces) |
//! | use an `.x` file | the crate `oncilla-rpcgen` | [`.x` files](guide::x_files) |
//! | serve | [`table!`], [`Link::serve`]; many clients on a host: `oncilla_host::Server` | [serving](guide::serving) |
//! | call | [`Client`], [`CallError`] | [calling](guide::calling), [errors](guide::errors) |
//! | make several calls at once | [`CallsInFlight`] | [calling](guide::calling) |
//! | call from many threads, on a host | `oncilla_host::SharedClient`, `SharedCaller` | [sharing](guide::sharing) |
//! | call and serve on one link | [`Endpoint`]; from within procedures: [`NestedEndpoint`] | [both roles](guide::both_roles) |
//! | size buffers | `CALL_MAX`, `REPLY_MAX`, `SLOT_MAX` of [`program!`]; [`largest`] | [memory](guide::memory) |
//! | use a UART or another stream | [`Stream`] with a [`Clock`] or [`Forever`] | [a new board](guide::new_board) |
//! | use another carrier | [`Transport`] | |
//! | choose how messages are delimited | [`framing`] | [serial lines](guide::serial_lines) |
//! | execute retransmitted calls once | [`ReplayCache`]; with many peers: [`SharedReplayCache`] | [calling](guide::calling), [memory](guide::memory) |
//! | log on the same line | [`Link::print`], [`Link::log`] | [serial lines](guide::serial_lines) |
//! | seal messages under a key | `Link::with_keys`, the module `keys` (feature `keys`) | |
//! | state what each key may call | `Rights` (feature `keys`) | |
//! | check who calls | [`Authorize`], [`Authenticate`]; by network or user: `oncilla_host::Access` | [calling](guide::calling), [hosts](guide::host_server) |
//! | log and count calls, run under systemd | `oncilla_host::Server` | [hosts](guide::host_server) |
//! | answer `rpcinfo`, find programs | [`rpcbind`] | [tools](guide::tools) |
//! | change an interface | [`highest_version`] | [evolving](guide::evolving) |
//! | test without hardware | [`Direct`]; a whole link in memory: `oncilla_host::pipe` | [testing](guide::testing) |
//! | carry messages in your own way | [`answer`], [`message`], [`xdr`] | |
//! | serve a table in another envelope than ONC RPC's | [`Table::execute`], [`CallFields`](message::CallFields) | [another wire](guide::another_wire) |
//! | serve programs that are known only at run time | [`Handler`], `oncilla_host::Server::serve_by` | |
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `alloc` | no | data on the heap in interfaces: `String`, `Vec<T>`, `Box<T>`, `xdr::VecList`; the chapter `heap` of the guide |
//! | `keys` | no | links whose messages are sealed under a key that two peers share: the module `keys` |
//! | `certificates` | no | the client's certificate in [`Call`](message::Call), which servers inside TLS set: `oncilla-host` with `tls` |
//! | `forward-secret` | no | the suite `keys::ForwardSecret`, for such links; includes `keys` |
//! | `postcard` | no | the payload encoding `Postcard`, for interfaces whose peers are both Rust, with the crate `postcard` |
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod client;
mod codec;
mod endpoint;
pub mod framing;
// Prose and tested code, in the documentation only: a build does not contain it.
#[cfg(any(doc, doctest))]
pub mod guide;
#[cfg(feature = "keys")]
pub mod keys;
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
pub use program::Names;
pub use server::{
    Authorize, Handled, Handler, NO_REPLY, Needs, Outcome, Procedure, Program, Remembers, Replay, ReplayCache,
    ReplayMemory, Run, Served, SharedReplay, SharedReplayCache, SharedReplayMemory, Table, TableError, answer,
    answer_by, answer_from, answer_observed,
};
pub use xdr::max_size::largest;

#[cfg(feature = "keys")]
pub use link::Keyed;
#[cfg(feature = "keys")]
pub use server::{Right, Rights};

#[doc(hidden)]
pub use endpoint::{Holder, Parts};
#[doc(hidden)]
pub use serde;

/// Items that the expansions of the macros and the crates of this workspace use. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use crate::client::{Calling, CallsInLent, LentSlot, call_null};
    pub use crate::codec::{
        Any, At, Bound, Counted, End, Put, Value, Within, argument, decoding, encoding, receiving, results, sending,
        sum,
    };
    pub use crate::endpoint::by_parts;
    pub use crate::program::expanded::*;
    pub use crate::server::{Identity, NOT_RUN, Noted, Recalled, answer_by_from, answer_observed_from};
    pub use crate::xdr::TreeDecoding as Decoding;
    pub use crate::xdr::expanded::*;
    pub use crate::xdr::tree_expanded::*;
}

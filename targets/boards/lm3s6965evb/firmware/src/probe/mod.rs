//! The measured programs: null, add and echo of at most 64 bytes, served and called.
//!
//! Each program exists twice: as firmware on the UART ([`serve`], [`serve_once`], [`call`], [`call_and_serve`]), and in
//! memory for the measurement ([`Server`], [`OnceServer`], [`Client`], [`Endpoint`]).

mod called;
mod firmware;
mod frames;
#[cfg(feature = "keys")]
mod keyed;
mod measure;
mod memory;
#[cfg(feature = "protobuf")]
mod protobuf;
mod served;

pub use called::{Client, Endpoint};
#[cfg(feature = "clock")]
pub use firmware::{call, call_and_serve};
pub use firmware::{serve, serve_once};
#[cfg(feature = "keys")]
pub use keyed::{KeyedServer, Measurable, keyed_call, keyed_reply, serve_keyed};
pub use measure::{Aligned, Buffers, measure};
#[cfg(feature = "protobuf")]
pub use protobuf::{ProtobufServer, serve_protobuf};
pub use served::{OnceServer, Server};

use oncilla::{ReplayCache, Table};

oncilla::program! {
    /// The three procedures, including null.
    pub mod three = 0x2000_0042, version 1 {
        /// Returns the sum, which wraps around.
        fn add(a: i32, b: i32) -> i32 = 1;
        /// Returns the same bytes.
        fn echo(data: &[u8] [..64]) -> &[u8] [..64] = 2;
    }
}

/// The server's state.
pub struct Nothing;

impl three::Service for Nothing {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }

    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
}

static TABLE: Table<Nothing> = oncilla::table![three::program()];

/// A replay cache for the last four replies of any size.
///
/// Each peer makes one call at a time, so four are enough for repetitions that arrive while the next calls are made.
pub type Cache = ReplayCache<4, { TABLE.reply_max() }>;

/// Bytes of the largest message of an endpoint.
pub const MESSAGE_MAX: usize = if three::CALL_MAX > three::REPLY_MAX { three::CALL_MAX } else { three::REPLY_MAX };

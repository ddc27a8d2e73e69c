//! Synchronous ONC RPC for machines with kilobytes of memory.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod answer;
mod client;
mod codec;
pub mod framing;
mod link;
pub mod message;
mod program;
mod server;
mod stream;
mod table;
mod time;
mod transport;
pub mod xdr;

pub use answer::answer;
pub use client::{CallError, Caller, Client};
#[cfg(feature = "postcard")]
pub use codec::Postcard;
pub use codec::{Codec, Reader, Writer, Xdr};
pub use link::{Link, LinkError};
pub use message::{ProcedureId, Refusal};
pub use server::Served;
pub use stream::{Clock, Forever, Stream};
pub use table::{Failure, Procedure, Program, Run, Table, TableError};
pub use time::Time;
pub use transport::{Received, Transport};

#[doc(hidden)]
pub use serde;

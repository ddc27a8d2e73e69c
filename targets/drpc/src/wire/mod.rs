//! The bytes of dRPC: protobuf messages by hand, without an allocator, and the headers of chunks.

mod chunk;
mod fields;
mod messages;
mod status;

pub use chunk::{Assembly, CHUNK_HEADER, ChunkFault, ChunkHeader, Part};
pub use messages::{Call, HEADER_MAX, Malformed, Response};
pub use status::Status;

#[cfg(all(feature = "host", unix, not(target_vendor = "apple")))]
pub(crate) use messages::call_header;
pub(crate) use messages::{NOT_UNDERSTOOD, results_header};

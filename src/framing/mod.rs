//! Framings: how messages are delimited on a carrier.
//!
//! | carrier | framing | bytes added on the wire |
//! |---|---|---|
//! | TCP and other reliable byte streams | [`Record`], [`RecordAhead`] (RFC 5531 §11) | 4 |
//! | serial lines | [`Cobs`], [`Serial`] | 7, and 1 for each full block of 254 bytes |
//! | UDP | [`Datagram`] | 0 |
//!
//! A [`Transport`](crate::Transport) names its framing, and a [`Link`](crate::Link) applies it. Each framing has a
//! function `buffer`, which returns the buffer size for the largest message.

mod cobs;
mod crc;
mod datagram;
pub(crate) mod handshake;
mod interface;
mod moving;
mod progress;
mod record;
mod record_ahead;
mod serial;
mod stuffing;
mod unsealed;
#[cfg(test)]
mod work;

pub use cobs::{Cobs, CobsWith, TEXT, TEXT_MAX};
pub use crc::{Crc32, LargeTable, SmallTable, crc32};
pub(crate) use crc::{SHORT_MARK, zeros};
pub use datagram::Datagram;
pub use handshake::Handshake;
pub use interface::Framing;
pub(crate) use moving::move_down;
pub use progress::Progress;
pub use record::Record;
pub use record_ahead::RecordAhead;
pub use serial::{Serial, SerialWith};

#[doc(hidden)]
pub use handshake::Change;
#[doc(hidden)]
pub use unsealed::Unsealed;

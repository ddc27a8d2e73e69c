//! A connection to an MQTT 5 broker, for threads that block.
//!
//! A [`Connection`] sends from the thread that calls, and receives on one thread of its own, which hands messages to a
//! [`Handler`]. When it is lost, it connects again, with pauses of 0.1 s to 5 s, and subscribes again to all its
//! filters. It never sends a publication twice: those that the broker did not acknowledge are reported as lost.

mod acknowledge;
mod connection;
mod dial;
mod error;
mod live;
mod message;
mod options;
mod reader;
mod screen;

pub use acknowledge::acknowledge_at_once;
pub use connection::{Connection, Handler, Lost};
pub use error::{BrokerError, reason_name};
pub use message::{Incoming, Publication, SharedPayload};
pub use options::{Options, Will};
pub use screen::{Malformed, Screen};

/// The reason of an acknowledgement: nobody has subscribed to the topic.
pub const NO_SUBSCRIBERS: u8 = 0x10;

/// The reason of an acknowledgement: the access list denies the topic.
pub const NOT_AUTHORIZED: u8 = 0x87;

//! What callers and gateways exchange: topics, properties, and documents in JSON.
//!
//! Everything here is a pure function of bytes, and knows no MQTT library: [`Properties`] is what a library must carry.
//! What comes from a peer is checked before it is used: names, sizes, numbers. No decoder panics. The protocol as a
//! text, for other clients, is in [`protocol`](crate::protocol).

mod correlation;
mod deadline;
mod document;
mod hash;
mod json;
mod name;
mod presence;
mod properties;
mod state;
mod text;
mod topic;
mod trouble;

pub use correlation::{CORRELATION_MAX, Correlation};
pub use deadline::{Deadline, unix_ms};
pub use document::{DOCUMENT_MAX, Document, DocumentError};
pub use hash::Hash;
pub use json::{JsonCall, JsonReply};
pub use name::{NAME_MAX, Name, NameError};
pub use presence::{Cap, GatewayState, Online, Presence, PresenceState, Served, Session};
pub use properties::{CallProperties, Content, Properties, ReplyProperties, USER_PROPERTIES_MAX, VALUE_MAX};
pub use state::{CallState, Progress};
pub use text::for_people;
pub use topic::{SHARE, Topic, TopicError, Topics, program_from, program_text};
pub use trouble::{Executed, Trouble};

/// The largest message of a call or a reply in bytes.
pub const MESSAGE_MAX: usize = 1 << 20;

/// The content type of an ONC RPC message. A publication without a content type is one, too.
pub const RPC: &str = "application/onc-rpc";

/// The content type of a call or a reply as JSON.
pub const JSON: &str = "application/json";

//! Clients whose connections come back.

mod carrier;
mod client;
mod connector;
#[cfg(feature = "keys")]
mod keyed;
mod layer;
mod line;
mod policy;
mod redial;
mod silence;
mod state;

pub use client::Reconnecting;
#[cfg(feature = "tls")]
pub(crate) use connector::tcp_stream;
pub use connector::{ReconnectingClient, Reconnector};
#[cfg(feature = "keys")]
pub use keyed::KeyedReconnecting;
pub use layer::{Layer, Plain};
#[cfg(feature = "serial")]
pub use line::ReconnectingSerialClient;
pub use policy::Reconnect;
pub use redial::NotConnected;
pub(crate) use redial::{Observer, Redial, is_by_server};
pub use state::{ConnectionState, Watch};

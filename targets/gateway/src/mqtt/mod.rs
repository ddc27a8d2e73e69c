//! A connection to the broker: MQTT 5 on a socket that never blocks.
//!
//! [`Link`] belongs to the thread that waits for the socket. [`Sender`] is for all threads: what it publishes is written
//! to the socket by the thread that publishes, as far as the socket takes it.

mod carrier;
pub mod connection;
pub mod convert;
mod dial;
mod link;
mod outgoing;

use std::time::Duration;

use oncilla_fleet::wire::Properties;

pub use carrier::Carrier;
pub use dial::{check, dial, password};
pub use link::{Link, Sender};

/// What is published, with QoS 1.
#[derive(Clone, Debug, Default)]
pub struct Publication {
    /// The topic.
    pub topic: String,
    /// The payload.
    pub payload: Vec<u8>,
    /// Whether the broker keeps it for those who subscribe later.
    pub retain: bool,
    /// The properties.
    pub properties: Properties,
}

/// What was received.
#[derive(Clone, Debug)]
pub struct Received {
    /// The topic.
    pub topic: String,
    /// The payload.
    pub payload: mqtt_protocol_core::mqtt::ArcPayload,
    /// Whether the broker had kept it.
    pub retained: bool,
    /// The properties.
    pub properties: Properties,
    /// The number by which it is acknowledged, if the link acknowledges nothing by itself.
    pub id: Option<u16>,
}

/// What happened on a link.
#[derive(Debug)]
pub enum Event {
    /// The broker has accepted the connection, and has or has not a session of before.
    Connected {
        /// Whether it has one.
        session: bool,
    },
    /// A publication arrived.
    Received(Received),
    /// The broker refused a publication or a subscription.
    Refused(String),
    /// The connection is lost.
    Closed(String),
}

/// How to introduce oneself to the broker.
#[derive(Clone, Debug)]
pub struct Hello {
    /// The client id.
    pub client: String,
    /// The name of the user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Vec<u8>>,
    /// How often the broker is asked whether it is there.
    pub keep_alive: Duration,
    /// How long the broker keeps the session of a lost connection. Zero begins a new one each time.
    pub session: Duration,
    /// What the broker publishes when the connection is lost.
    pub will: Option<Publication>,
    /// The largest packet that is received, in bytes.
    pub packet_max: u32,
    /// Whether received publications are acknowledged by [`Sender::acknowledge`] only.
    pub by_hand: bool,
}

/// Why something was not sent. Nothing was sent then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// There is no connection.
    Closed,
    /// Too much waits to be sent.
    Full,
    /// The packet is larger than the broker takes, or its topic or a property is no text of MQTT.
    Unfit,
}
